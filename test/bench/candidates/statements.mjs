/**
 * Runs one statement again and again over one way to PostgreSQL. Prints the processor time of this process and its
 * driver for a statement, in microseconds. `node statements.mjs WAY DATABASE_URL COUNT`
 */
import { drizzle } from "drizzle-orm/node-postgres";
import { boolean, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { and, eq, lte, sql } from "drizzle-orm";
import pg from "pg";
import postgres from "postgres";

const [way = "", url = "", given = "0"] = process.argv.slice(2);
const count = Number(given);
const AT_ONCE = 10;

const TABLE = `create table if not exists measured (id text primary key, owner text, subject text, brand text,
  fence int, clarified boolean, created_at timestamptz, updated_at timestamptz)`;
const READ =
  "select id, owner, subject, brand, fence, clarified, created_at, updated_at from measured where id = $1 and fence <= $2";
const measured = pgTable("measured", {
  id: text("id").primaryKey(),
  owner: text("owner"),
  subject: text("subject"),
  brand: text("brand"),
  fence: integer("fence"),
  clarified: boolean("clarified"),
  createdAt: timestamp("created_at", { withTimezone: true }),
  updatedAt: timestamp("updated_at", { withTimezone: true }),
});

const pool = new pg.Pool({ connectionString: url, max: AT_ONCE });
await pool.query(TABLE);
await pool.query(
  "insert into measured select 'c' || n, 'bot', 'Headphones', '', n, false, now(), now() from generate_series(1, 100) n on conflict do nothing",
);

/** Each gives a function that reads the row of this id. */
const WAYS = {
  drizzle() {
    const database = drizzle({ client: pool });
    return (id) =>
      database
        .select()
        .from(measured)
        .where(and(eq(measured.id, id), lte(measured.fence, 1_000)));
  },
  "drizzle-prepared"() {
    const prepared = drizzle({ client: pool })
      .select()
      .from(measured)
      .where(
        and(eq(measured.id, sql.placeholder("id")), lte(measured.fence, sql.placeholder("fence"))),
      )
      .prepare("measured");
    return (id) => prepared.execute({ id, fence: 1_000 });
  },
  pg: () => (id) => pool.query(READ, [id, 1_000]),
  "pg-named": () => (id) => pool.query({ name: "measured", text: READ, values: [id, 1_000] }),
  postgres() {
    const database = postgres(url, { max: AT_ONCE, onnotice: () => undefined });
    return (id) =>
      database`select id, owner, subject, brand, fence, clarified, created_at, updated_at from measured where id = ${id} and fence <= ${1_000}`;
  },
};

const read = WAYS[way]();

async function run(times) {
  let left = times;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await read(`c${(left % 100) + 1}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

await run(count / 5);
const before = process.cpuUsage();
await run(count);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ cpuUs: (user + system) / count }));
process.exit(0);

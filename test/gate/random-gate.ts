/** The gate that the random run drives: payments into a table of an outside system that counts, over one PostgreSQL. */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { onPostgres, openGate } from "#gate/index.ts";

/** Who decides. */
export const VOTERS = ["sam@team.test", "lea@team.test"] as const;

const Found = z.array(z.object({ id: z.coerce.string() }));

/** Opens it under this name; the outside system's own table is made where it is missing. */
export async function openRandomGate(url: string, worker: string) {
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  // A server that cuts a connection off is seen at the next statement.
  pool.on("error", () => undefined);
  await pool.query(
    "create table if not exists outside (id bigserial, key text not null, memo text not null, cents int not null)",
  );
  const gate = await openGate({
    database: onPostgres(pool),
    worker,
    secret: "of the random run, forty characters long",
    roleOf: (person) => (VOTERS.some((voter) => voter === person) ? "member" : null),
    callMs: 3_000,
    actions: {
      pay: {
        args: z.strictObject({ memo: z.string(), cents: z.int() }),
        async commit({ memo, cents }, { key }) {
          // The process may be killed before the effect, and between the effect and its record.
          await delay(Math.random() * 12);
          const values = [key, memo, cents];
          const made = await pool.query(
            "insert into outside (key, memo, cents) values ($1, $2, $3) returning id",
            values,
          );
          await delay(Math.random() * 12);
          return Found.parse(made.rows)[0]?.id ?? "";
        },
        async find(_args, key) {
          const found = await pool.query("select id from outside where key = $1", [key]);
          const [first] = Found.parse(found.rows);
          return first === undefined ? { state: "absent" } : { state: "done", ref: first.id };
        },
      },
    },
  });
  return { gate, pool };
}

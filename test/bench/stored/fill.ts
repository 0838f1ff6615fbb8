/**
 * Room: what a turn costs beside how many conversations are stored.
 * In: how many.
 * Out: processor time of a turn at each size.
 * May touch: databases on the benchmark's own PostgreSQL, and processes it starts and ends itself.
 * This file: fills a database with copies of one real conversation, so that every table a turn reads has realistic rows,
 * also after a migration.
 */
import pg from "pg";
import { z } from "zod";

/** Conversations are this old at most, evenly; after it their content is deleted. */
const DAYS = 90;

/** One customer writes so many times in that time. */
const CONVERSATIONS_EACH = 3;

const Column = z.object({
  table: z.string(),
  name: z.string(),
  type: z.string(),
  identity: z.boolean(),
});
type Column = z.infer<typeof Column>;

/** Values that name one row or what belongs together: a copy gets its own. */
const NAMES_A_ROW = /(?:^|_)(?:id|key|ref|bundle)$/;

/** Values that name a person: several copies share one. Nobody's and our own stay. */
const NAMES_A_PERSON = ["author_id", "customer"];

/** Copies the newest conversation until `count` are stored, in steps; then lets the planner count. */
export async function fillStore(
  databaseUrl: string,
  count: number,
  say: (line: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const columns = await columnsOf(client);
    const template = await templateOf(client);
    // Copies reference each other like their original; checking every one again would only take time.
    await client.query("set session_replication_role = replica");
    const tables = [...new Set(columns.map(({ table }) => table))];
    for (const table of tables) {
      const own = columns.filter((column) => column.table === table);
      const where = rowsOfTemplate(table, own);
      if (where === null) continue;
      const { rowCount } = await client.query(`select from "${table}" t where ${where}`, [
        template.id,
      ]);
      if ((rowCount ?? 0) === 0) continue;
      say(`${count} conversations stored: ${table}`);
      await copyRows(client, { table, columns: own, where, template, count });
    }
    await client.query("set session_replication_role = default");
    await client.query("vacuum analyze");
  } finally {
    await client.end();
  }
}

interface Template {
  readonly id: string;
  /** Every value of its rows that a copy gets its own of. */
  readonly names: readonly string[];
  /** The rows of `message`, whose numbers `message_content` uses. */
  readonly messages: { readonly first: number; readonly last: number };
}

async function columnsOf(client: pg.Client): Promise<readonly Column[]> {
  const { rows } = await client.query(`
    select c.table_name as "table", c.column_name as name, c.data_type as type, c.is_identity = 'YES' as identity
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
    order by c.table_name, c.ordinal_position`);
  return z.array(Column).parse(rows);
}

async function templateOf(client: pg.Client): Promise<Template> {
  const columns = await columnsOf(client);
  const newest = await client.query("select id from conversation order by created_at desc limit 1");
  const [row] = z.array(z.object({ id: z.string() })).parse(newest.rows);
  const id = row?.id ?? "";
  const names = new Set<string>([id]);
  for (const { table, name, type } of columns) {
    if (type !== "text" || NAMES_A_PERSON.includes(name)) continue;
    const where = rowsOfTemplate(
      table,
      columns.filter((column) => column.table === table),
    );
    if (where === null || !NAMES_A_ROW.test(name)) continue;
    const { rows } = await client.query(
      `select distinct t."${name}" as value from "${table}" t where ${where} and t."${name}" <> ''`,
      [id],
    );
    for (const { value } of z.array(z.object({ value: z.string() })).parse(rows)) names.add(value);
  }
  const numbers = await client.query(
    "select min(id)::int as first, max(id)::int as last from message where conversation_id = $1",
    [id],
  );
  const [messages] = z.array(z.object({ first: z.int(), last: z.int() })).parse(numbers.rows);
  if (messages === undefined) throw new Error("the conversation has no messages");
  return { id, names: [...names], messages };
}

/** A condition on the rows that belong to conversation `$1`; null for a table that has none of a conversation. */
function rowsOfTemplate(table: string, columns: readonly Column[]): string | null {
  if (table === "conversation") return "t.id = $1";
  // It names no conversation in a column; that of a database with one conversation is about nothing else.
  if (table === "audit") return "t.kind <> 'policy_in_force' and $1::text is not null";
  if (columns.some(({ name }) => name === "conversation_id"))
    // What the chat shows is stored under the chat's own key.
    return "(t.conversation_id = $1 or t.conversation_id in (select key from conversation_key where conversation_id = $1))";
  if (columns.some(({ name }) => name === "message_id"))
    return "t.message_id in (select id from message where conversation_id = $1)";
  return null;
}

async function copyRows(
  client: pg.Client,
  copy: {
    readonly table: string;
    readonly columns: readonly Column[];
    readonly where: string;
    readonly template: Template;
    readonly count: number;
  },
): Promise<void> {
  const { table, columns, where, template, count } = copy;
  const { first, last } = template.messages;
  const width = last - first + 1;
  const own = columns.find(({ identity }) => identity);
  const range = await client.query(
    own === undefined
      ? "select 0::int as first, 0::int as last"
      : `select min("${own.name}")::int as first, max("${own.name}")::int as last from "${table}"
         t where ${where}`,
    own === undefined ? [] : [template.id],
  );
  const [numbers] = z.array(z.object({ first: z.int(), last: z.int() })).parse(range.rows);
  const step = numbers === undefined ? 1 : numbers.last - numbers.first + 1;
  // The oldest copy has the lowest number, as it would have.
  const copied = `(${count + 1} - n)`;
  const valueOf = ({ name, type, identity }: Column): string => {
    const value = `t."${name}"`;
    if (identity) return `${value} + ${copied} * ${step}`;
    if (name === "message_id") return `${value} + ${copied} * ${width}`;
    if (type.startsWith("timestamp")) return `${value} - n * interval '${DAYS} days' / ${count}`;
    if (type !== "text") return value;
    if (NAMES_A_PERSON.includes(name))
      return `case when ${value} in ('', 'deskhand') then ${value} else ${value} || '.' || n % ${Math.ceil(count / CONVERSATIONS_EACH)} end`;
    return `case when ${value} = any($2::text[]) then ${value} || '.' || n else ${value} end`;
  };
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  await client.query(
    `insert into "${table}" (${names}) overriding system value
     select ${columns.map(valueOf).join(", ")}
     from generate_series(${count}, 1, -1) n, "${table}" t where ${where} and $2::text[] is not null`,
    [template.id, template.names],
  );
  if (own !== undefined)
    await client.query(
      `select setval(pg_get_serial_sequence('${table}', '${own.name}'), (select max("${own.name}") from "${table}"))`,
    );
}

/** Describes tables of PostgreSQL from its own catalogues. */
import { createRequire } from "node:module";
import type { Client } from "pg";
import { z } from "zod";
import { DeskhandError, errorCode, invalidInput } from "#core/values/errors.ts";
import {
  type ColumnKind,
  type TableName,
  CONNECT_MS,
  HUGE_ROWS,
  type SchemaReader,
  STATEMENT_MS,
  type TableDescription,
} from "#systems/sql/declaration.ts";
import { POSTGRES_ENCRYPTION, postgresAddress } from "#systems/sql/postgres.ts";
import { quoted, quotedTable } from "#systems/sql/statement.ts";

const require = createRequire(import.meta.url);

const KINDS: Readonly<Record<string, ColumnKind>> = {
  bool: "boolean",
  bpchar: "text",
  citext: "text",
  date: "moment",
  float4: "decimal",
  float8: "decimal",
  int2: "integer",
  int4: "integer",
  int8: "bigint",
  name: "text",
  numeric: "decimal",
  text: "text",
  time: "moment",
  timestamp: "moment",
  timestamptz: "moment",
  uuid: "text",
  varchar: "text",
};

/** Why a relation that is no table cannot be imported (pg_class.relkind). */
const NO_TABLE: Readonly<Record<string, string>> = {
  v: "is a view, and a view has no key of its own: name the table behind it",
  m: "is a materialized view, and a view has no key of its own: name the table behind it",
  f: "is a table of another server: name that server's address and its own table",
  S: "is a sequence, not a table",
  i: "is an index, not a table",
  c: "is a type, not a table",
};

const Relation = z.object({ oid: z.number(), kind: z.string(), readable: z.boolean() });
const ColumnRow = z.object({
  name: z.string(),
  type: z.string(),
  base: z.string(),
  nullable: z.boolean(),
  labels: z.array(z.string()),
});
const KeyRow = z.object({ columns: z.array(z.string()) });
const ForeignRow = z.object({
  column: z.string(),
  schema: z.string(),
  table: z.string(),
  to: z.string(),
});
const FirstPart = z.object({ first: z.string() });
const Count = z.object({ rows: z.number() });
const Writable = z.object({ name: z.string() });

/** Opens a database for description. Throws `system.unavailable` when it cannot be reached. */
export async function openPostgresSchema(address: string): Promise<SchemaReader> {
  const pg: { readonly Client: new (options: Record<string, unknown>) => Client } = require("pg");
  const client = new pg.Client({
    ...postgresAddress(address),
    application_name: "deskhand-import",
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    const says = `the database cannot be reached${postgresAddress(address).ssl ? `; ${POSTGRES_ENCRYPTION}` : ""}`;
    throw new DeskhandError("system.unavailable", says, { cause });
  }
  return {
    table: (name) => describeTable(client, name),
    whole: wholeName,
    mayRun: (text) => mayRun(client, text),
    furtherRight: () => furtherRight(client),
    howToRead:
      "CREATE ROLE deskhand_reader LOGIN PASSWORD '…'; GRANT SELECT ON the tables TO deskhand_reader",
    close: () => client.end(),
  };
}

async function queriedRows<Out extends z.ZodType>(
  client: Client,
  row: Out,
  text: string,
  values: readonly unknown[] = [],
): Promise<z.output<Out>[]> {
  const { rows } = await client.query({ text, values: [...values] });
  return z.array(row).parse(rows);
}

async function describeTable(client: Client, name: TableName): Promise<TableDescription> {
  const shown = `${name.schema ?? "public"}.${name.table}`;
  const [relation] = await queriedRows(
    client,
    Relation,
    `select c.oid::int4 as oid, c.relkind::text as kind, has_any_column_privilege(c.oid, 'select') as readable
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [name.schema ?? "public", name.table],
  );
  if (relation === undefined)
    throw invalidInput(`there is no table ${shown}, or this role does not see it`);
  const noTable = NO_TABLE[relation.kind];
  if (noTable !== undefined) throw invalidInput(`${shown} ${noTable}`);
  if (!relation.readable) throw invalidInput(`this role may not read ${shown}: grant it SELECT`);
  const { oid } = relation;
  const columns = await queriedRows(client, ColumnRow, COLUMNS, [oid]);
  const [key] = await queriedRows(client, KeyRow, KEYS, [oid]);
  if (key === undefined)
    throw invalidInput(
      `the table ${shown} has no primary key and no unique one, so its rows cannot be told apart. Add one`,
    );
  return {
    schema: name.schema ?? "public",
    table: name.table,
    columns: columns.map(({ name: column, type, base, nullable, labels }) => ({
      name: column,
      type,
      kind: labels.length > 0 ? "text" : (KINDS[base] ?? null),
      nullable,
      enum: labels,
      letterCase: "lowered",
    })),
    key: key.columns,
    foreignKeys: (await queriedRows(client, ForeignRow, FOREIGN_KEYS, [oid])).map(
      ({ column, schema, table, to }) => ({ column, to: { schema, table, column: to } }),
    ),
    indexed: (await queriedRows(client, FirstPart, INDEXES, [oid])).map(({ first }) => first),
    isHuge: await isHuge(client, name),
  };
}

function wholeName({ schema, table }: TableName): string {
  return quotedTable({ schema: schema ?? "public", table }, quoted);
}

async function isHuge(client: Client, name: TableName): Promise<boolean> {
  const [count] = await queriedRows(
    client,
    Count,
    `select count(*)::int4 as rows from (select 1 from ${wholeName(name)} limit ${HUGE_ROWS}) as first`,
  );
  return count?.rows === HUGE_ROWS;
}

/** Columns this role may read; a domain is what it is made of. */
const COLUMNS = `
  select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
    coalesce(b.typname, t.typname)::text as base,
    array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
  from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = nullif(t.typbasetype, 0)
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
    and has_column_privilege(a.attrelid, a.attnum, 'select')
  order by a.attnum`;

/** The primary key first, then unique keys of all rows whose columns are never empty. */
const KEYS = `
  select array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by k.place) as columns
  from pg_index i where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    and not exists (select from unnest(i.indkey::int2[]) as k(number)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where not a.attnotnull)
  order by i.indisprimary desc, i.indexrelid limit 1`;

const FOREIGN_KEYS = `
  select a.attname::text as column, n.nspname::text as schema, c.relname::text as table, b.attname::text as to
  from pg_constraint f join pg_class c on c.oid = f.confrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
  where f.conrelid = $1 and f.contype = 'f' and cardinality(f.conkey) = 1 order by a.attnum`;

const INDEXES = `
  select pg_get_indexdef(indexrelid, 1, true) as first from pg_index
  where indrelid = $1 and indisvalid and indpred is null`;

/** Asked about all tables, whatever was tried. */
async function furtherRight(client: Client): Promise<string | null> {
  const [writable] = await queriedRows(
    client,
    Writable,
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'f') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
       and not pg_is_in_recovery()
       and (has_table_privilege(c.oid, 'insert, delete, truncate')
         or has_any_column_privilege(c.oid, 'insert, update'))
     order by 1 limit 1`,
  );
  return writable === undefined ? null : `change ${writable.name}`;
}

/** In a transaction that asks to write, since a role may be read-only by a setting that it can change itself. */
async function mayRun(client: Client, text: string): Promise<boolean> {
  try {
    await client.query("begin read write");
    await client.query(text);
    return true;
  } catch (error) {
    // Refused by right, or by a server that takes no writes at all (PostgreSQL, appendix A).
    const code = errorCode(error);
    if (code === "42501" || code === "25006") return false;
    // The right was there, and something else stood in the way: a generated column, a trigger.
    return !/^(?:08|57)/.test(code);
  } finally {
    await client.query("rollback");
  }
}

/** Opens a database, describes the tables that are named, and compares them with look-ups, after it was tried that nothing can be written. */
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import type {
  TableName,
  Column,
  ColumnKind,
  SqlReadDeclaration,
} from "#systems/sql/declaration.ts";
import { addressDialect } from "#systems/sql/open.ts";
import { openMysqlSchema } from "./mysql-schema.ts";
import { openPostgresSchema } from "./postgres-schema.ts";
import type { SchemaReader, TableDescription, ColumnDescription } from "./schema.ts";

/** A table with those its foreign keys lead to, by the column of the key. */
export interface RelatedTables {
  readonly table: TableDescription;
  readonly behind: ReadonlyMap<string, TableDescription>;
}

/** Tables by the names they were asked for. */
export type DescribedTables = ReadonlyMap<string, RelatedTables>;

/**
 * Describes each table and those its foreign keys lead to, if this role may read them. Throws `input.invalid` for a
 * table that cannot be looked up in, for a role that can write, and for a database of another kind; its sentences hold
 * nothing of the address.
 */
export async function describeTables(
  address: string,
  names: readonly string[],
): Promise<DescribedTables> {
  const reader = await opened(address);
  try {
    const wanted = names.map((name) => ({ name, table: tableName(name) }));
    const described = new Map<string, RelatedTables>();
    for (const { name, table } of wanted)
      described.set(name, await related(reader, await reader.table(table)));
    await refuseWriter(
      reader,
      wanted.map(({ table }) => table),
    );
    return described;
  } finally {
    await reader.close();
  }
}

/**
 * Describes tables that were imported before, by any key; a table that can no longer be described is the reason, as text.
 * Throws as `describeTables` does for a database that cannot be reached and a role that can write.
 */
async function readTables<Key>(
  address: string,
  tables: ReadonlyMap<Key, TableName>,
): Promise<ReadonlyMap<Key, TableDescription | string>> {
  const reader = await opened(address);
  try {
    const found = new Map<Key, TableDescription | string>();
    for (const [key, table] of tables) found.set(key, await tableOrReason(reader, table));
    const known = [...tables].filter(([key]) => typeof found.get(key) === "object");
    await refuseWriter(
      reader,
      known.map(([, table]) => table),
    );
    return found;
  } finally {
    await reader.close();
  }
}

/** The table, or why it cannot be described. */
function tableOrReason(reader: SchemaReader, name: TableName): Promise<TableDescription | string> {
  return reader.table(name).catch((error: unknown) => {
    if (error instanceof DeskhandError && error.code === "input.invalid") return error.message;
    throw error;
  });
}

/** Throws `input.invalid` where this role can write: tried on these tables, and asked about all others. */
async function refuseWriter(reader: SchemaReader, tables: readonly TableName[]): Promise<void> {
  for (const whole of tables.map((table) => reader.whole(table)))
    for (const [what, text] of [
      ["add rows to", `insert into ${whole} select * from ${whole} where false`],
      ["delete rows of", `delete from ${whole} where false`],
    ] as const)
      if (await reader.mayRun(text)) throw writer(`${what} ${whole}`, reader);
  const further = await reader.furtherRight();
  if (further !== null) throw writer(further, reader);
}

function writer(what: string, { howToRead }: SchemaReader): DeskhandError {
  return invalidInput(
    `this role can ${what}. Look-ups are made only with a role that cannot write: ${howToRead}`,
  );
}

async function opened(address: string): Promise<SchemaReader> {
  return addressDialect(address) === "postgres"
    ? openPostgresSchema(address)
    : openMysqlSchema(address);
}

/** `orders`, or `shop.orders` for a table of another schema. */
function tableName(name: string): TableName {
  const parts = name.split(".");
  const [first = "", second] = parts;
  if (parts.length > 2 || parts.includes(""))
    throw invalidInput(`${name} is no name of a table: say TABLE or SCHEMA.TABLE`);
  return second === undefined ? { schema: null, table: first } : { schema: first, table: second };
}

async function related(reader: SchemaReader, table: TableDescription): Promise<RelatedTables> {
  const behind = new Map<string, TableDescription>();
  for (const { column, to } of table.foreignKeys) {
    const other = await tableOrReason(reader, to);
    // A table that this role may not read is simply not offered.
    if (typeof other !== "string") behind.set(column, other);
  }
  return { table, behind };
}

/**
 * What differs, one sentence each; empty where the role still cannot write and every column is there with its type.
 * Nothing is read of any row. Throws `system.unavailable` where the database cannot be reached, and `input.invalid` for
 * a role that can write; no sentence holds a part of the address.
 */
export async function changedLookUps(
  address: string,
  lookUps: readonly SqlReadDeclaration[],
): Promise<readonly string[]> {
  const found = await readTables(
    address,
    new Map(lookUps.flatMap(lookUpTables).map((one) => [tableKey(one), one])),
  );
  const missing = [...found].flatMap(([, table]) => (typeof table === "string" ? [table] : []));
  return [...missing, ...new Set(lookUps.flatMap((one) => declarationProblems(one, found)))];
}

function lookUpTables({ from }: SqlReadDeclaration): readonly TableName[] {
  return [from, ...from.joins].map(({ schema, table }) => ({ schema, table }));
}

function tableKey({ schema, table }: TableName): string {
  return JSON.stringify([schema, table]);
}

/** A table that cannot be described is named once, not for each of its columns. */
function declarationProblems(
  { name: tool, from, belongsTo }: SqlReadDeclaration,
  found: Awaited<ReturnType<typeof readTables>>,
): readonly string[] {
  const described = (table: TableName): TableDescription | null => {
    const one = found.get(tableKey(table));
    return one === undefined || typeof one === "string" ? null : one;
  };
  const columnTable = ({ of }: Column): TableName =>
    of === undefined ? from : (from.joins.find(({ name }) => name === of) ?? from);
  const shown = [
    ...Object.values(from.columns),
    ...(belongsTo.by === "column" ? [belongsTo.column] : []),
  ];
  const used: readonly (readonly [TableName, string, Column["kind"] | null])[] = [
    ...shown.map((one) => [columnTable(one), one.column, one.kind] as const),
    ...[...Object.keys(from.lookUp), ...from.key].map((one) => [from, one, null] as const),
    ...from.joins.flatMap(
      (join) => [[from, join.from, null] as const, [join, join.to, null] as const] as const,
    ),
  ];
  return used.flatMap(([table, column, kind]) => {
    const whole = described(table);
    if (whole === null) return [];
    const now = whole.columns.find(({ name }) => name === column);
    if (now === undefined)
      return [`${tool}: ${table.table} has no column ${column} that this role may read`];
    return kind === null || isReadAs(now, kind)
      ? []
      : [`${tool}: ${table.table}.${column} is ${now.type} now, and was imported as ${kind}`];
  });
}

/** A `tinyint(1)` of MySQL that holds more than 0 and 1 is read as a number once a person says so in the file. */
function isReadAs(now: ColumnDescription, kind: ColumnKind): boolean {
  return now.kind === kind || (kind === "integer" && now.type.startsWith("tinyint"));
}

/** Opens a database, and compares its tables with look-ups, after it was tried that nothing can be written. */
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import type {
  TableName,
  Column,
  ColumnKind,
  SqlReadDeclaration,
  SchemaReader,
  TableDescription,
  ColumnDescription,
} from "#systems/sql/declaration.ts";
import { addressDialect } from "#systems/sql/open.ts";
import { openMysqlSchema } from "./mysql-schema.ts";
import { openPostgresSchema } from "./postgres-schema.ts";

/**
 * Describes tables of a database by any key, and tries that this role cannot write to them; one that is described as text
 * is none. Throws `system.unavailable` for a database that cannot be reached, and `input.invalid` for a role that can
 * write and for a database of another kind; its sentences hold nothing of the address.
 */
export async function describedTables<Described>(
  address: string,
  names: ReadonlyMap<string, TableName>,
  describe: (reader: SchemaReader, name: TableName) => Promise<Described>,
): Promise<ReadonlyMap<string, Described>> {
  const open = addressDialect(address) === "postgres" ? openPostgresSchema : openMysqlSchema;
  const reader = await open(address);
  try {
    const found = new Map<string, Described>();
    for (const [key, name] of names) found.set(key, await describe(reader, name));
    const known = [...names].filter(([key]) => typeof found.get(key) !== "string");
    await refuseWriter(
      reader,
      known.map(([, name]) => name),
    );
    return found;
  } finally {
    await reader.close();
  }
}

/** The table, or why it cannot be described. */
export function tableOrReason(
  reader: SchemaReader,
  name: TableName,
): Promise<TableDescription | string> {
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

/**
 * What differs, one sentence each; empty where the role still cannot write and every column is there with its type.
 * Nothing is read of any row. Throws `system.unavailable` where the database cannot be reached, and `input.invalid` for
 * a role that can write; no sentence holds a part of the address.
 */
export async function changedLookUps(
  address: string,
  lookUps: readonly SqlReadDeclaration[],
): Promise<readonly string[]> {
  const tables = lookUps.flatMap(({ from }) => [from, ...from.joins]);
  const names = new Map(tables.map((table) => [tableKey(table), table]));
  const found = await describedTables(address, names, tableOrReason);
  const missing = [...found].flatMap(([, table]) => (typeof table === "string" ? [table] : []));
  return [...missing, ...new Set(lookUps.flatMap((one) => declarationProblems(one, found)))];
}

function tableKey({ schema, table }: TableName): string {
  return JSON.stringify([schema, table]);
}

/** A table that cannot be described is named once, not for each of its columns. */
function declarationProblems(
  { name: tool, from, belongsTo }: SqlReadDeclaration,
  found: ReadonlyMap<string, TableDescription | string>,
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

/** Compares a database with the look-ups that were made of it: whether they would still read what they say. */
import type {
  Column,
  ColumnKind,
  SqlReadDeclaration,
  TableName,
} from "#systems/sql/declaration.ts";
import { readTables } from "./read.ts";
import type { ColumnDescription, TableDescription } from "./schema.ts";

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
    new Map(lookUps.flatMap(tablesOf).map((one) => [nameOf(one), one])),
  );
  const missing = [...found].flatMap(([, table]) => (typeof table === "string" ? [table] : []));
  return [...missing, ...new Set(lookUps.flatMap((one) => problemsOf(one, found)))];
}

function tablesOf({ from }: SqlReadDeclaration): readonly TableName[] {
  return [from, ...from.joins].map(({ schema, table }) => ({ schema, table }));
}

function nameOf({ schema, table }: TableName): string {
  return JSON.stringify([schema, table]);
}

/** A table that cannot be described is named once, not for each of its columns. */
function problemsOf(
  { name: tool, from, belongsTo }: SqlReadDeclaration,
  found: Awaited<ReturnType<typeof readTables>>,
): readonly string[] {
  const described = (table: TableName): TableDescription | null => {
    const one = found.get(nameOf(table));
    return one === undefined || typeof one === "string" ? null : one;
  };
  const placeOf = ({ of }: Column): TableName =>
    of === undefined ? from : (from.joins.find(({ name }) => name === of) ?? from);
  const shown = [
    ...Object.values(from.columns),
    ...(belongsTo.by === "column" ? [belongsTo.column] : []),
  ];
  const used: readonly (readonly [TableName, string, Column["kind"] | null])[] = [
    ...shown.map((one) => [placeOf(one), one.column, one.kind] as const),
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

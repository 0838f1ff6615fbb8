/** The columns of a look-up: what the model calls them, and whether an index leads to their rows. */
import type { RowBelonging, Column } from "#systems/sql/declaration.ts";
import { quoted } from "#systems/sql/statement.ts";
import type { RelatedTables } from "#systems/sql/tables/read.ts";
import type { TableDescription, ColumnDescription } from "#systems/sql/tables/schema.ts";

/** Whether an index leads to the rows: of a looked-up column, or of the column that says whose they are. */
export function isIndexed(
  { table, behind }: RelatedTables,
  inputs: readonly PlannedColumn[],
  belongsTo: RowBelonging,
): boolean {
  if (inputs.some(({ column }) => hasIndex(table, column, false))) return true;
  if (belongsTo.by === "nothing") return false;
  const { column, is } = belongsTo;
  if (column.of === undefined) return hasIndex(table, column.column, is === "email");
  const key = table.foreignKeys.find((one) => joinName(one.column) === column.of);
  const other = key === undefined ? undefined : behind.get(key.column);
  if (key === undefined || other === undefined || !hasIndex(table, key.column, false)) return false;
  return !other.isHuge || hasIndex(other, column.column, is === "email");
}

/** Where addresses are compared in lower case, an index on the bare column does not serve. */
function hasIndex(table: TableDescription, column: string, isAddress: boolean): boolean {
  const { indexed } = table;
  const names = [column, quoted(column)];
  if (!isAddress || !isLowered(table, column))
    return indexed.some((first) => names.includes(first));
  return indexed.some((first) =>
    names.some((name) =>
      [`lower(${name})`, `lower(${name}::text)`, `lower((${name})::text)`].includes(first),
    ),
  );
}

function isLowered({ columns }: TableDescription, column: string): boolean {
  return columns.some(({ name, letterCase }) => name === column && letterCase === "lowered");
}

/** Says which index is missing and what to do. */
export function noIndex(
  { table }: RelatedTables,
  inputs: readonly PlannedColumn[],
  belongsTo: RowBelonging,
): string {
  const needed = inputs[0]?.column ?? neededFor(table, belongsTo);
  return `${table.table} has very many rows and no index that begins with ${needed}, so each look-up would read all of them. Add the index, or look up by another column`;
}

function neededFor(table: TableDescription, belongsTo: RowBelonging): string {
  if (belongsTo.by === "nothing") return "a column";
  const { column } = belongsTo.column;
  return belongsTo.is === "email" && isLowered(table, column) ? `lower(${column})` : column;
}

/** One value of the record or of the input. */
export interface PlannedColumn extends Column {
  /** What the model sees. */
  readonly name: string;
  readonly described: ColumnDescription;
  /** False where a foreign key may lead nowhere. */
  readonly isCertain: boolean;
}

/** `customer_id` leads to the `customer`. */
export function joinName(column: string): string {
  return plainName(column.replace(/_?(?:id|fk|key)$/i, "") || column);
}

/** A name that a model can write: small letters, digits and underscores. */
export function plainName(name: string): string {
  const words = name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  return /^[a-z]/.test(words) ? words : `column_${words}`;
}

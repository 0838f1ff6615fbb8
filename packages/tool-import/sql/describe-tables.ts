/** Describes the tables that are named, with those their foreign keys lead to, after it was tried that nothing can be written. */
import { invalidInput } from "#core/values/errors.ts";
import type { TableName, SchemaReader, TableDescription } from "#systems/sql/declaration.ts";
import { describedTables, tableOrReason } from "#systems/sql/tables/read.ts";

/** A table with those its foreign keys lead to, by the column of the key. */
export type RelatedTables = Awaited<ReturnType<typeof related>>;

/** Tables by the names they were asked for. */
export type DescribedTables = ReadonlyMap<string, RelatedTables>;

/** Describes each table and those its foreign keys lead to, if this role may read them. Throws as `describedTables` does. */
export async function describeTables(
  address: string,
  names: readonly string[],
): Promise<DescribedTables> {
  return describedTables(address, new Map(names.map((name) => [name, tableName(name)])), related);
}

/** `orders`, or `shop.orders` for a table of another schema. */
function tableName(name: string): TableName {
  const parts = name.split(".");
  const [first = "", second] = parts;
  if (parts.length > 2 || parts.includes(""))
    throw invalidInput(`${name} is no name of a table: say TABLE or SCHEMA.TABLE`);
  return second === undefined ? { schema: null, table: first } : { schema: first, table: second };
}

async function related(reader: SchemaReader, name: TableName) {
  const table = await reader.table(name);
  const behind = new Map<string, TableDescription>();
  for (const { column, to } of table.foreignKeys) {
    const other = await tableOrReason(reader, to);
    // A table that this role may not read is simply not offered.
    if (typeof other !== "string") behind.set(column, other);
  }
  return { table, behind };
}

/** Describes tables of a SQLite file by its pragmas (sqlite.org/pragma.html). */
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { ColumnKind } from "#systems/sql/declaration.ts";
import { quoted } from "#systems/sql/statement.ts";
import { HUGE_ROWS, type SchemaReader, type TableDescription } from "./schema.ts";

const Entry = z.object({ type: z.string(), name: z.string() });
const ColumnRow = z.object({
  name: z.string(),
  type: z.string(),
  notnull: z.number(),
  pk: z.number(),
});
const ForeignRow = z.object({
  id: z.number(),
  table: z.string(),
  from: z.string(),
  to: z.string().nullable(),
});
const IndexRow = z.object({ name: z.string(), unique: z.number(), partial: z.number() });
const PartRow = z.object({ seqno: z.number(), name: z.string().nullable() });
const Count = z.object({ rows: z.number() });

/** Opens a file for description, for reading only. Throws `system.unavailable` when it cannot be opened. */
export function openSqliteSchema(path: string): SchemaReader {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new DeskhandError("system.unavailable", `there is no file ${path}`);
  const database = new DatabaseSync(path, {
    readOnly: true,
    allowExtension: false,
    enableDoubleQuotedStringLiterals: false,
  });
  try {
    database.prepare("select count(*) from sqlite_schema").get();
  } catch (cause) {
    database.close();
    throw new DeskhandError("system.unavailable", `${path} is no database of SQLite`, { cause });
  }
  return {
    table: async ({ table }) => describeTable(database, table),
    refuseWriter: async () => refuseWriter(database),
    close: async () => database.close(),
  };
}

function rowsOf<Out extends z.ZodType>(
  database: DatabaseSync,
  row: Out,
  text: string,
  values: readonly string[] = [],
): z.output<Out>[] {
  return z.array(row).parse(database.prepare(text).all(...values));
}

function describeTable(database: DatabaseSync, table: string): TableDescription {
  const [entry] = rowsOf(
    database,
    Entry,
    "select type, name from sqlite_schema where name = ? and type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'",
    [table],
  );
  if (entry === undefined) throw invalid(`there is no table ${table}`);
  if (entry.type === "view")
    throw invalid(`${table} is a view, and a view has no key of its own: name the table behind it`);
  const columns = rowsOf(database, ColumnRow, "select * from pragma_table_info(?)", [table]);
  const primary = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
  const indexes = rowsOf(database, IndexRow, "select * from pragma_index_list(?)", [table]);
  const firsts = indexes
    .filter(({ partial }) => partial === 0)
    .map(({ name }) => partsOf(database, name)[0] ?? "");
  const key =
    primary.length > 0 ? primary.map(({ name }) => name) : uniqueKey(database, columns, indexes);
  if (key.length === 0)
    throw invalid(
      `the table ${table} has no primary key and no unique one, so its rows cannot be told apart. Add one`,
    );
  return {
    schema: null,
    table,
    columns: columns.map(({ name, type, notnull, pk }) => ({
      name,
      type: type === "" ? "any" : type.toLowerCase(),
      kind: kindOf(type),
      nullable: notnull === 0 && pk === 0,
      enum: [],
      letterCase: "lowered",
    })),
    key,
    foreignKeys: foreignKeysOf(database, table),
    indexed: [...firsts, ...(primary[0] === undefined ? [] : [primary[0].name])].map(
      quotedIfNeeded,
    ),
    isHuge: isHuge(database, table),
  };
}

function partsOf(database: DatabaseSync, index: string): readonly string[] {
  return rowsOf(database, PartRow, "select * from pragma_index_info(?)", [index])
    .toSorted((one, other) => one.seqno - other.seqno)
    .map(({ name }) => name ?? "");
}

function uniqueKey(
  database: DatabaseSync,
  columns: readonly z.infer<typeof ColumnRow>[],
  indexes: readonly z.infer<typeof IndexRow>[],
): readonly string[] {
  const filled = new Set(columns.filter(({ notnull }) => notnull === 1).map(({ name }) => name));
  const unique = indexes.filter((index) => index.unique === 1 && index.partial === 0);
  const keys = unique.map(({ name }) => partsOf(database, name));
  return keys.find((parts) => parts.every((part) => filled.has(part))) ?? [];
}

/** A foreign key that names no column refers to the primary key of the other table. */
function foreignKeysOf(database: DatabaseSync, table: string): TableDescription["foreignKeys"] {
  const rows = rowsOf(database, ForeignRow, "select * from pragma_foreign_key_list(?)", [table]);
  return rows
    .filter(({ id }) => rows.filter((other) => other.id === id).length === 1)
    .flatMap(({ from, table: other, to }) => {
      const column =
        to ??
        rowsOf(database, ColumnRow, "select * from pragma_table_info(?)", [other]).find(
          ({ pk }) => pk === 1,
        )?.name;
      return column === undefined
        ? []
        : [{ column: from, to: { schema: null, table: other, column } }];
    });
}

function isHuge(database: DatabaseSync, table: string): boolean {
  const [count] = rowsOf(
    database,
    Count,
    `select count(*) as rows from (select 1 from ${quoted(table)} limit ${HUGE_ROWS})`,
  );
  return count?.rows === HUGE_ROWS;
}

/** By the rules of column affinity (sqlite.org/datatype3.html 3.1), after the names that say more. */
function kindOf(type: string): ColumnKind | null {
  if (/bool/i.test(type)) return "boolean";
  if (/date|time/i.test(type)) return "moment";
  if (/bigint|int8/i.test(type)) return "bigint";
  if (/int/i.test(type)) return "integer";
  if (/char|clob|text|uuid/i.test(type)) return "text";
  if (/real|floa|doub|num|dec/i.test(type)) return "decimal";
  return null;
}

/** An index on an expression has no column, and is not looked into. */
function quotedIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoted(name);
}

/** SQLite has no roles: what cannot write is a file that was opened for reading only, and that is tried. */
function refuseWriter(database: DatabaseSync): void {
  try {
    database.exec("begin immediate; create table deskhand_tried (id integer); rollback");
  } catch {
    return;
  }
  throw invalid("this file could be written to although it was opened for reading only");
}

function invalid(reason: string): DeskhandError {
  return new DeskhandError("input.invalid", reason);
}

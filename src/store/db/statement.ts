/**
 * Statements whose text never changes: a connection plans each once, one that stands alone needs no
 * transaction, and one may return rows of several tables as JSON.
 */

import { z } from "zod";
import type { Statement, StatementValue } from "#gate/kernel/statement.ts";
import {
  and,
  eq,
  isNull,
  lte,
  sql,
  type PgColumn,
  type SQL,
  type Column,
  getTableColumns,
  getTableName,
  type InferSelectModel,
  type PgTable,
} from "./drizzle.ts";
import { isRecord } from "#core/values/canonical-json.ts";

/** Runs a statement's text where it was asked for: in a transaction, or alone on a connection. */
export type StatementRunner = (
  statement: Statement,
  values: readonly StatementValue[],
) => Promise<unknown>;

/** The statement for the query builder, where there is no connection of our own to plan it on. */
export function asBuilt({ text }: Statement, values: readonly StatementValue[]): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(
    parts.map((part, index) =>
      index % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1] ?? null}`,
    ),
  );
}

/** The columns of each table, worked out once. */
const columnsByTable = new WeakMap<PgTable, ReadonlyMap<string, Column>>();

/**
 * A row as the query builder would give it. `json` is what `to_json` makes of a row; its documents are brought up to
 * date by their columns, and times become dates. Throws where a column is missing.
 */
export function rowFromJson<Table extends PgTable>(
  table: Table,
  json: unknown,
): InferSelectModel<Table> {
  return read(table, [...columnsIn(table).keys()], json);
}

/** The rows of a table with these values, by their names in code; null is a value too. */
export function having<Table extends PgTable>(
  table: Table,
  values: Partial<InferSelectModel<Table>>,
): SQL | undefined {
  const conditions = Object.entries<unknown>(values).map(([name, value]) => {
    const column = columnsIn(table).get(name);
    if (column === undefined) throw new Error(`${getTableName(table)} has no column ${name}`);
    return value === null ? isNull(column) : eq(column, value);
  });
  return and(...conditions);
}

/** Rows up to a moment; all of them where none is given, or nothing tells when they were written. */
export function upTo(at: PgColumn | SQL | null, until: Date | null): SQL | undefined {
  return until === null || at === null ? undefined : lte(sql`${at}`, until);
}

/** A row of a table where a statement gives it as JSON. */
export function jsonRow<Table extends PgTable>(table: Table) {
  return z.unknown().transform((json) => rowFromJson(table, json));
}

/** Some columns of a row, by their names in code. */
export function columnsFromJson<
  Table extends PgTable,
  const Key extends keyof InferSelectModel<Table> & string,
>(table: Table, keys: readonly Key[], json: unknown): Pick<InferSelectModel<Table>, Key> {
  return read(table, keys, json);
}

/**
 * Values by the names of their columns, for `jsonb_populate_record`; a value left out stays out. For columns of plain
 * values: documents have encodings of their own.
 */
export function columnsToJson<Table extends PgTable>(
  table: Table,
  values: Partial<Table["$inferInsert"]>,
): Readonly<Record<string, unknown>> {
  const columns = columnsIn(table);
  return Object.fromEntries(
    Object.entries<unknown>(values).flatMap(([key, value]) => {
      const column = columns.get(key);
      return column === undefined || value === undefined ? [] : [[column.name, value] as const];
    }),
  );
}

function read<Row extends Record<string, unknown>>(
  table: PgTable,
  keys: readonly string[],
  json: unknown,
): Row {
  if (!isRecord(json)) throw new Error("a row given as JSON is no object");
  const columns = columnsIn(table);
  const row: Record<string, unknown> = {};
  for (const key of keys) {
    const column = columns.get(key);
    const value = column && json[column.name];
    row[key] = value === null || value === undefined ? value : column?.mapFromDriverValue(value);
  }
  if (!hasKeys<Row>(keys, row))
    throw new Error(`a row of ${getTableName(table)} lacks one of ${keys.join(", ")}`);
  return row;
}

function columnsIn(table: PgTable): ReadonlyMap<string, Column> {
  const known = columnsByTable.get(table);
  if (known !== undefined) return known;
  const columns = new Map(Object.entries<Column>(getTableColumns(table)));
  columnsByTable.set(table, columns);
  return columns;
}

function hasKeys<Row extends Record<string, unknown>>(
  keys: readonly string[],
  row: Readonly<Record<string, unknown>>,
): row is Row {
  return keys.every((key) => row[key] !== undefined);
}

/** Where a page of a list begins: the time and the id of the last row of the page before, for keyset paging. */
import { z } from "zod";
import { onlyRow, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql, type PgColumn, type SQL } from "#store/db/drizzle.ts";

/** The last row of a page. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

/** How many rows a page of the console lists. */
export const PAGE_ROWS = 40;

/** One page of a list; `next` is null on the last one. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: Cursor | null;
}

/** The cursor as it stands in an address. */
export function cursorText({ at, id }: Cursor): string {
  return `${at.getTime()}~${id}`;
}

/** The cursor in an address; null for one that is none, which begins at the first page. */
export const CursorText = z
  .string()
  .max(600)
  .transform((text): Cursor | null => {
    const [, ms = "", id = ""] = /^(\d{1,13})~([^\p{Cc}]+)$/u.exec(text) ?? [];
    const at = new Date(Number(ms));
    return id === "" || Number.isNaN(at.getTime()) ? null : { at, id };
  })
  .nullable()
  .catch(null);

/** The rows behind a cursor in a list by time and id, the newest first; all of them without one. */
export function beyond(
  after: Cursor | null,
  at: SQL | PgColumn,
  id: SQL | PgColumn,
  idType: SQL = sql`text`,
): SQL {
  return after === null
    ? sql`true`
    : sql`(${at}, ${id}) < (${after.at.toISOString()}::timestamptz, ${after.id}::${idType})`;
}

/** A page out of the rows that were read, of which there is one too many when more follow. */
export function rowPage<Row>(
  rows: readonly Row[],
  cursorOf: (row: Row) => Cursor,
  most: number = PAGE_ROWS,
): Page<Row> {
  const shown = rows.slice(0, most);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > most && last !== undefined ? cursorOf(last) : null };
}

/** How many rows there are; `rows` begins with the table. */
export async function rowTotal(transaction: Transaction, rows: SQL): Promise<number> {
  return onlyRow(await valuesOf(transaction, z.coerce.number(), sql`select count(*) from ${rows}`));
}

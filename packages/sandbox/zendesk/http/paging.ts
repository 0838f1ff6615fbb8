/** Pages lists by cursor or by offset, as Zendesk does. */
import { z } from "zod";
import { invalidPaging } from "./errors.ts";

/** Which page is asked for, and where the list lives (for the links in the answer). */
export interface PageQuery {
  readonly query: URLSearchParams;
  /** Absolute address of the list without its query. */
  readonly address: string;
  /** Links a next page although there is none, as Zendesk sometimes does. */
  readonly alwaysNextLink?: boolean;
}

/** The content of a cursor: the last row that was shown. */
const Cursor = z.tuple([z.union([z.string(), z.number()])]);

const PAGE_SIZE_MAX = 100;
/** Offset paging ends here; beyond it Zendesk wants cursors. */
const OFFSET_RECORDS_MAX = 10_000;

/**
 * A page of `rows` under `name`, by cursor when `page[size]` is asked and by number otherwise, each with the
 * envelope Zendesk gives it. A cursor names the last row that was shown, so rows added later do not shift pages.
 */
export function pageOf<Row extends { readonly id: string | number }>(
  name: string,
  rows: readonly Row[],
  show: (row: Row) => unknown,
  page: PageQuery,
): { readonly body: Record<string, unknown>; readonly rows: readonly Row[] } {
  const { rows: shown, envelope } = page.query.has("page[size]")
    ? byCursor(rows, page)
    : byOffset(rows, page);
  return { body: { [name]: shown.map(show), ...envelope }, rows: shown };
}

interface PagedRows<Row> {
  readonly rows: readonly Row[];
  readonly envelope: Record<string, unknown>;
}

function byCursor<Row extends { readonly id: string | number }>(
  rows: readonly Row[],
  page: PageQuery,
): PagedRows<Row> {
  const size = Number(page.query.get("page[size]"));
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) {
    throw invalidPaging(`page[size] must be between 1 and ${PAGE_SIZE_MAX}`);
  }
  const after = page.query.get("page[after]");
  const before = page.query.get("page[before]");
  const start = after
    ? indexOf(rows, after) + 1
    : before
      ? Math.max(0, indexOf(rows, before) - size)
      : 0;
  const shown = rows.slice(start, start + size);
  const more = start + size < rows.length;
  const link = (direction: "after" | "before", row: Row | undefined): string | null => {
    if (!row) return null;
    const query = new URLSearchParams(page.query);
    query.delete("page[after]");
    query.delete("page[before]");
    query.set(`page[${direction}]`, cursorOf(row));
    return `${page.address}?${query.toString()}`;
  };
  const [first] = shown;
  const last = shown.at(-1);
  return {
    rows: shown,
    envelope: {
      meta: {
        has_more: more,
        after_cursor: last ? cursorOf(last) : null,
        before_cursor: first ? cursorOf(first) : null,
      },
      links: {
        prev: start > 0 ? link("before", first) : null,
        next: more || page.alwaysNextLink === true ? link("after", last) : null,
      },
    },
  };
}

function byOffset<Row>(rows: readonly Row[], page: PageQuery): PagedRows<Row> {
  const asked = Number(page.query.get("per_page") ?? PAGE_SIZE_MAX);
  const size =
    Number.isInteger(asked) && asked > 0 ? Math.min(asked, PAGE_SIZE_MAX) : PAGE_SIZE_MAX;
  const number = Math.max(1, Math.trunc(Number(page.query.get("page") ?? 1)) || 1);
  if (number * size > OFFSET_RECORDS_MAX)
    throw invalidPaging(
      "Page depth is beyond the limit of offset paging",
      "InvalidPaginationDepth",
    );
  const start = (number - 1) * size;
  const link = (to: number): string => {
    const query = new URLSearchParams(page.query);
    query.set("page", String(to));
    return `${page.address}?${query.toString()}`;
  };
  return {
    rows: rows.slice(start, start + size),
    envelope: {
      next_page: start + size < rows.length ? link(number + 1) : null,
      previous_page: number > 1 ? link(number - 1) : null,
      count: rows.length,
    },
  };
}

function cursorOf(row: { readonly id: string | number }): string {
  return Buffer.from(JSON.stringify([row.id])).toString("base64url");
}

function indexOf(rows: readonly { readonly id: string | number }[], cursor: string): number {
  const wanted = idIn(cursor);
  const index = rows.findIndex(({ id }) => id === wanted);
  if (index < 0) throw invalidPaging("page[after] or page[before] is not a cursor of this list");
  return index;
}

/** Null for a text that is not one of our cursors. */
function idIn(cursor: string): string | number | null {
  try {
    const parsed = Cursor.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return parsed.success ? parsed.data[0] : null;
  } catch {
    return null;
  }
}

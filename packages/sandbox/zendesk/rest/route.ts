/**
 * Room: the endpoints of the API, one file for each kind of record. This file has their common shape and
 * how lists are paged.
 * In: an authenticated call with its path, query and body.
 * Out: status, body and headers as Zendesk's reference has them.
 * May touch: the account's records; `http` has checked the caller's role and scopes before.
 */
import type { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { invalidAttribute, recordNotFound, invalidPaging } from "#sandbox/zendesk/http/errors.ts";
import type { Actor } from "#sandbox/zendesk/records/ticket-model.ts";

/** One authenticated call of the API. */
export interface Call {
  readonly desk: Desk;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Header by its name in small letters. */
  readonly header: (name: string) => string | undefined;
  /** For lists: the query and the address the links point to. */
  readonly page: PageQuery;
}

/** What the call is answered with; 200 and no headers unless said otherwise. */
export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An endpoint below `/api/v2`: who may call it and what it does. */
export interface Route {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  /** Least role; `staff` are agents and admins. */
  readonly allow: "anyone" | "signed-in" | "staff" | "admin";
  readonly run: (call: Call) => Reply;
}

/** The number in the path; 404 when it is none, as for any id that does not exist. */
export function pathId({ params }: Pick<Call, "params">): number {
  const id = Number(params["id"]);
  if (!Number.isSafeInteger(id) || id < 1) throw recordNotFound();
  return id;
}

/** One page of these rows under `name`. */
export function listReply<Row extends { readonly id: string | number }>(
  call: Call,
  name: string,
  rows: readonly Row[],
  show: (row: Row) => unknown,
): Reply {
  return { body: pageOf(name, rows, show, call.page).body };
}

/** What was found; 404 for nothing. */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw recordNotFound();
  return row;
}

/** The ids of `?ids=1,2,3`. */
export function queryIds(call: Call): number[] {
  return (call.query.get("ids") ?? "")
    .split(",")
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0);
}

/** The body as `schema` wants it; a 400 that names the first wrong attribute otherwise. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidAttribute(
    `You passed an invalid value for the ${issue?.path.join(".") || "body"} attribute. ${issue?.message ?? ""}`.trim(),
  );
}

// Pages of lists, by cursor or by offset.

/** Which page is asked for, and where the list lives (for the links in the answer). */
export interface PageQuery {
  readonly query: URLSearchParams;
  /** Absolute address of the list without its query. */
  readonly address: string;
  /** Links a next page although there is none, as Zendesk sometimes does. */
  readonly alwaysNextLink?: boolean;
}

const PAGE_SIZE_MAX = 100;

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
  const start = after === null ? 0 : indexAfter(rows, after);
  const shown = rows.slice(start, start + size);
  const more = start + size < rows.length;
  const cursor = (row: Row | undefined): string | null => (row ? cursorOf(row) : null);
  const next = cursor(shown.at(-1));
  const query = new URLSearchParams(page.query);
  query.set("page[after]", next ?? "");
  const hasLink = next !== null && (more || page.alwaysNextLink === true);
  return {
    rows: shown,
    envelope: {
      meta: { has_more: more, after_cursor: next, before_cursor: cursor(shown[0]) },
      links: { prev: null, next: hasLink ? `${page.address}?${query.toString()}` : null },
    },
  };
}

function byOffset<Row>(rows: readonly Row[], page: PageQuery): PagedRows<Row> {
  const number = Math.max(1, Math.trunc(Number(page.query.get("page") ?? 1)) || 1);
  const start = (number - 1) * PAGE_SIZE_MAX;
  const end = start + PAGE_SIZE_MAX;
  const query = new URLSearchParams(page.query);
  query.set("page", String(number + 1));
  return {
    rows: rows.slice(start, end),
    envelope: {
      next_page: end < rows.length ? `${page.address}?${query.toString()}` : null,
      previous_page: null,
      count: rows.length,
    },
  };
}

function cursorOf(row: { readonly id: string | number }): string {
  return Buffer.from(JSON.stringify([row.id])).toString("base64url");
}

function indexAfter(rows: readonly { readonly id: string | number }[], cursor: string): number {
  const index = rows.findIndex((row) => cursorOf(row) === cursor);
  if (index < 0) throw invalidPaging("page[after] is not a cursor of this list");
  return index + 1;
}

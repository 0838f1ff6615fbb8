/**
 * Room: the endpoints of the API, one file for each kind of record. This file has their common shape and
 * how lists are paged.
 * In: an authenticated call with its path, query and body.
 * Out: status, body and headers as Zendesk's reference has them.
 * May touch: the account's records; `http` has checked the caller's role and scopes before.
 */
import type { Request } from "express";
import { z } from "zod";
import { invalidAttribute, recordNotFound, invalidPaging } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { type Actor, systemOf, viaOf } from "#sandbox/zendesk/records/ticket-model.ts";

/** One authenticated call of the API, with what endpoints read of it and how they answer with lists. */
export type Call = ReturnType<typeof callFrom>;

/** A request as the call of this user. */
export function callFrom(desk: Desk, request: Request, user: User) {
  const [path = "", search = ""] = request.originalUrl.split("?");
  const body: unknown = request.body;
  const params = Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [name, String(value)]),
  );
  const system = systemOf(request.get("user-agent"), request.ip);
  const actor: Actor = { user, via: viaOf("api"), system };
  /** `address` is absolute, and without its query. */
  const asked = { desk, query: new URLSearchParams(search), address: `${desk.url()}${path}` };
  return {
    ...asked,
    actor,
    params,
    body,
    /** Header by its name in small letters. */
    header: (name: string) => request.get(name),
    /** The number in the path; 404 when it is none, as for any id that does not exist. */
    id() {
      const id = Number(params["id"]);
      if (!Number.isSafeInteger(id) || id < 1) throw recordNotFound();
      return id;
    },
    /** The body as `schema` wants it; a 400 that names the first wrong attribute otherwise. */
    parsed: <Schema extends z.ZodType>(schema: Schema) => parseBody(schema, body),
    /** What the body says of a record under its `name`: of a known one only what is to change, the rest stays. */
    input<Schema extends z.ZodType>(name: string, schema: Schema, known: object = {}) {
      const { [name]: said } = parseBody(z.object({ [name]: z.looseObject({}) }), body);
      return parseBody(schema, { ...known, ...said }, [name]);
    },
    /** One page of these rows under `name`. */
    list<Row extends { readonly id: string | number }>(
      name: string,
      rows: readonly Row[],
      show: (desk: Desk, row: Row) => unknown,
    ) {
      const { rows: page, envelope } = asked.query.has("page[size]")
        ? byCursor(rows, asked)
        : byOffset(rows, asked);
      return { body: { [name]: page.map((row) => show(desk, row)), ...envelope } };
    },
  };
}

/** What the call is answered with; 200 and no headers unless said otherwise. */
export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  /** In place of the body, where the answer is no JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Least role of a caller; `staff` are agents and admins. */
type Allowed = "anyone" | "signed-in" | "staff" | "admin";

/** An endpoint below `/api/v2`: who may call it and what it does. */
export interface Route {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly allow: Allowed;
  readonly run: (call: Call) => Reply;
}

/** Describes endpoints of one method. */
function endpoint(method: Route["method"]) {
  return (path: string, allow: Allowed, run: Route["run"]): Route => ({ method, path, allow, run });
}
/** Shows records. */
export const get = endpoint("get");
/** Makes a record, or does an act. */
export const post = endpoint("post");
/** Changes a record. */
export const put = endpoint("put");
/** Changes a part of a record. */
export const patch = endpoint("patch");
/** Deletes a record. */
export const remove = endpoint("delete");

/** Nothing to say: what was asked for is done. */
export const DONE: Reply = { status: 204 };

/** What was found; 404 for nothing. */
export function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw recordNotFound();
  return row;
}

/** The body, or what it has `under` a name. */
function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  under: readonly string[] = [],
): z.infer<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = [...under, ...(issue?.path ?? [])].join(".") || "body";
  const why = `You passed an invalid value for the ${at} attribute. ${issue?.message ?? ""}`;
  throw invalidAttribute(why.trim());
}

// Pages of lists, by cursor or by offset.

const PAGE_SIZE_MAX = 100;

/**
 * A page of a list, by cursor when `page[size]` is asked and by number otherwise, each with the envelope Zendesk gives
 * it. A cursor names the last row that was shown, so rows added later do not shift pages.
 */
function byCursor<Row extends { readonly id: string | number }>(
  rows: readonly Row[],
  { query: asked, address, desk }: Pick<Call, "query" | "address" | "desk">,
) {
  const size = Number(asked.get("page[size]"));
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) {
    throw invalidPaging(`page[size] must be between 1 and ${PAGE_SIZE_MAX}`);
  }
  const after = asked.get("page[after]");
  const start = after === null ? 0 : indexAfter(rows, after);
  const shown = rows.slice(start, start + size);
  const more = start + size < rows.length;
  const cursor = (row: Row | undefined): string | null => (row ? cursorOf(row) : null);
  const next = cursor(shown.at(-1));
  const query = new URLSearchParams(asked);
  query.set("page[after]", next ?? "");
  // Zendesk sometimes links a next page although there is none.
  const hasLink = next !== null && (more || desk.settings.alwaysNextLink);
  return {
    rows: shown,
    envelope: {
      meta: { has_more: more, after_cursor: next, before_cursor: cursor(shown[0]) },
      links: { prev: null, next: hasLink ? `${address}?${query.toString()}` : null },
    },
  };
}

function byOffset<Row>(
  rows: readonly Row[],
  { query: asked, address }: Pick<Call, "query" | "address">,
) {
  const number = Math.max(1, Math.trunc(Number(asked.get("page") ?? 1)) || 1);
  const start = (number - 1) * PAGE_SIZE_MAX;
  const end = start + PAGE_SIZE_MAX;
  const query = new URLSearchParams(asked);
  query.set("page", String(number + 1));
  return {
    rows: rows.slice(start, end),
    envelope: {
      next_page: end < rows.length ? `${address}?${query.toString()}` : null,
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

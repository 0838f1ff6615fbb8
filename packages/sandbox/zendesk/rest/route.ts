/**
 * Room: the endpoints of the API, one file for each kind of record. This file has their common shape.
 * In: an authenticated call with its path, query and body.
 * Out: status, body and headers as Zendesk's reference has them.
 * May touch: the account's records; `http` has checked the caller's role and scopes before.
 */
import type { z } from "zod";
import type { Actor } from "#sandbox/zendesk/behaviour/actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { invalidAttribute, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { pageOf, type PageQuery } from "#sandbox/zendesk/http/paging.ts";

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

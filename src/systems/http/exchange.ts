/** How a request to a system ended, in words for people, and which failure that is. */
import { AnswerTooLarge, type HttpExchange } from "#core/connection/http-answer.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Connection } from "#systems/contract.ts";
import { fieldAt } from "#systems/request-values.ts";

/** How a request ended. */
export type SystemExchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The JSON of the answer, to be parsed by a schema; undefined without content and for what is no JSON. */
      readonly body: unknown;
      readonly retryAfterMs: number | undefined;
      /** For people: the system's own reason, cut and without our secrets, or what is wrong with its answer. */
      readonly said: string;
      /** False for HTML or broken JSON, which say nothing about what was done. */
      readonly isReadable: boolean;
    }
  /**
   * Nothing has left this machine: no connection, no credentials, our own limit, or a system that is left alone for now.
   */
  | { readonly kind: "unsent"; readonly cause: unknown }
  /** It may have been processed. */
  | { readonly kind: "lost"; readonly cause: unknown };

/** What a look-up found. */
export type SystemAnswer =
  | { readonly kind: "found"; readonly body: unknown }
  /** `isEmpty` for an answer of nothing (204), which is no "not found". */
  | { readonly kind: "absent"; readonly isEmpty?: true }
  /**
   * The system says that it cannot read the request (400, 422), most often for an id of a form that it never gives out.
   * There is nothing to show, and it is no proof that a change was not made.
   */
  | { readonly kind: "not-understood" };

/** Statuses that say the server has not processed the request (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4). */
const NOT_LOOKED_AT: ReadonlySet<number> = new Set([408, 425, 429]);
const SAID_CHARACTERS_MAX = 200;
/** Where systems put their reason, the most telling first. */
const REASONS = ["message", "detail", "error_description", "error", "errors", "title"] as const;
const REASON_DEPTH_MAX = 4;

/** The answer as it is handed on. No secret that was sent is in `said`. */
export function toSystemExchange(ended: HttpExchange, secrets: readonly string[]): SystemExchange {
  if (ended.kind !== "answered") return ended;
  const { status, body, isEmpty, retryAfterMs } = ended;
  const type = (ended.contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const isJson = isJsonType(type);
  const isReadable = isEmpty || (isJson && body !== undefined);
  const instead = isJson ? "broken JSON" : `${shownType(type)} instead of JSON`;
  const said = isReadable
    ? (reasonIn(body, REASON_DEPTH_MAX) ?? `it answered with status ${status}`)
    : `it answered with status ${status} and ${instead}`;
  return {
    kind: "answered",
    status,
    body: isReadable ? body : undefined,
    retryAfterMs,
    said: shortSaid(withoutSecrets(said, secrets)),
    isReadable,
  };
}

/** The status of an answer that says in its body that it failed: the system may be asked again, and may have done it. */
const FAILED_STATUS = 503;
const BUSY_STATUS = 429;
/** The system is there and would say the same again, and a part of a change may have been made all the same. */
const DENIED_STATUS = 501;

/** The same answer, as a failure where the body says so at the path that the connection names. */
export function withFailure(
  { failsWith, didNothingWith: refused, deniedWith: denied }: Connection,
  ended: SystemExchange,
): SystemExchange {
  if (failsWith === undefined || ended.kind !== "answered" || ended.status >= 300) return ended;
  if (isNothing(fieldAt(ended.body, failsWith))) return ended;
  const says = (one: typeof denied) => one?.is.some((it) => fieldAt(ended.body, one.field) === it);
  const status = says(denied) === true ? DENIED_STATUS : FAILED_STATUS;
  return { ...ended, status: says(refused) === true ? BUSY_STATUS : status };
}

/** Why an answer with a status of success refuses a change, by the field that its declaration names; null for none. */
export function refusalIn(body: unknown, path: string): string | null {
  const said = fieldAt(body, path);
  if (isNothing(said)) return null;
  return shortSaid(reasonIn(said, REASON_DEPTH_MAX) ?? "it gave no reason");
}

function isNothing(said: unknown): boolean {
  const isEmpty = said === undefined || said === null || said === "";
  return isEmpty || (Array.isArray(said) && said.length === 0);
}

/** RFC 8259 11, RFC 6839 3.1, and what old systems send. */
function isJsonType(type: string): boolean {
  if (type === "application/json" || type === "text/json") return true;
  return type.startsWith("application/") && type.endsWith("+json");
}

/** The content type is outside text too. */
function shownType(type: string): string {
  return /^[\w-]{1,40}\/[\w.+-]{1,60}$/.test(type) ? type : "something else";
}

/** The first text at a usual place of an error's answer. */
function reasonIn(body: unknown, depth: number): string | null {
  if (typeof body === "string") return body.trim() === "" ? null : body;
  if (typeof body !== "object" || body === null || depth === 0) return null;
  const places = Array.isArray(body) ? body.slice(0, 1) : placesIn(body);
  for (const place of places) {
    const reason = reasonIn(place, depth - 1);
    if (reason !== null) return reason;
  }
  return null;
}

/** The usual names; below `errors` some systems have a list by the name of each field. */
function placesIn(body: object): readonly unknown[] {
  const named = new Map<string, unknown>(Object.entries(body));
  const usual = REASONS.flatMap((name) => (named.has(name) ? [named.get(name)] : []));
  return usual.length > 0 ? usual : [...named.values()].filter(Array.isArray).slice(0, 1);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}

/** What a system said, on one line and cut, for people. */
export function shortSaid(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, SAID_CHARACTERS_MAX);
}

/** An answer as it is told that came in another way than as the status of a request. */
export function answered(status: number, body: unknown, said: string) {
  const rest = { retryAfterMs: undefined, said: shortSaid(said), isReadable: true };
  return { kind: "answered" as const, status, body, ...rest };
}

/** True when the answer would be the same if it were asked again at once. */
export function isFinal(ended: SystemExchange): boolean {
  if (ended.kind === "answered")
    return (ended.status < 500 || ended.status === 501) && !NOT_LOOKED_AT.has(ended.status);
  return ended.cause instanceof DeskhandError || ended.cause instanceof AnswerTooLarge;
}

/** True when the system itself could not be reached or failed, for its breaker. */
export function isAway(ended: SystemExchange): boolean {
  if (ended.kind === "answered") return ended.status >= 500 && ended.status !== 501;
  return !isFinal(ended);
}

/** The failure of a request that had no effect and may be tried again: `system.unavailable`. */
export function unavailable(connection: Connection, ended: SystemExchange): DeskhandError {
  const cause = ended.kind === "answered" ? undefined : ended.cause;
  const own = cause instanceof DeskhandError ? cause : null;
  if (own?.code === "system.unavailable") return own;
  const wait = ended.kind === "answered" ? ended.retryAfterMs : own?.retryAfterMs;
  const why = ended.kind === "answered" ? ended.said : reasonOf(cause);
  return new DeskhandError(
    "system.unavailable",
    `${connection.name} cannot be asked: ${why}. ${todoFor(ended)}`,
    { cause, retryAfterMs: wait },
  );
}

function todoFor(ended: SystemExchange): string {
  if (ended.kind === "answered" && [401, 403, 407].includes(ended.status))
    return "Check its credentials; it is tried again";
  if (ended.kind === "answered" && ended.status < 500 && !NOT_LOOKED_AT.has(ended.status))
    return "Check its address and credentials; it is tried again";
  return "It is tried again";
}

/**
 * What the end of a change means: null for an answer whose receipt is to be parsed now, otherwise the failure.
 * `system.unavailable` when nothing was done, `system.refused` when the system said no, `system.uncertain` when it may
 * have been done. A change that carries its key may meet its own first attempt: that conflict is uncertain too.
 */
export function changeFailure(
  connection: Connection,
  ended: SystemExchange,
  { carriesKey }: { readonly carriesKey: boolean },
): DeskhandError | null {
  if (ended.kind === "unsent") return unavailable(connection, ended);
  if (ended.kind === "lost")
    return uncertain(connection, `its answer was lost (${reasonOf(ended.cause)})`, ended.cause);
  const { status, said, isReadable } = ended;
  if (NOT_LOOKED_AT.has(status) || status === 401) return unavailable(connection, ended);
  if (status >= 400 && status < 500 && !(status === 409 && carriesKey))
    return new DeskhandError("system.refused", `${connection.name} said no: ${said}`);
  // A redirect after a change is often its answer, and a page instead of a receipt proves nothing.
  const isReceipt = status >= 200 && status < 300 && isReadable;
  return isReceipt ? null : uncertain(connection, said);
}

function uncertain({ name }: Connection, why: string, cause?: unknown): DeskhandError {
  return new DeskhandError("system.uncertain", `${name} may have done it: ${why}`, { cause });
}

/**
 * Sixteen mistakes a sandbox or a client may make, one call each. A comparison that lets one of them pass says nothing,
 * so they go through every run before its verdict counts.
 */
import type { Recorded } from "./recording.ts";
import type { Violation } from "./replay.ts";

/** A call with one mistake, and where the mistake has to be found. */
export interface Plant {
  readonly name: string;
  readonly call: Recorded;
  /** The place in the call, its steps joined with dots. */
  readonly at: RegExp;
}

/** True when one of the findings is at the planted place. */
export function isFound({ at }: Plant, findings: readonly Violation[]): boolean {
  return findings.some(({ location }) => at.test(location.join(".")));
}

const TICKET = "/api/v2/tickets/35";

function answered(target: string, answer: unknown): Recorded {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(answer);
  return { method: "GET", target, requestType: null, status: 200, headers, body };
}

function sent(method: "POST" | "PUT", target: string, requestBody: unknown): Recorded {
  const status = method === "POST" ? 201 : 200;
  return { ...answered(target, {}), method, status, requestType: "application/json", requestBody };
}

/** What the proxy finds by the schemas of the document. */
export const BY_SCHEMA: readonly Plant[] = [
  {
    name: "a misspelt property of a comment",
    call: sent("PUT", TICKET, { ticket: { comment: { body: "Hello", pubic: false } } }),
    at: /^request\.body\.ticket\.comment/,
  },
  {
    name: "a status no ticket has",
    call: sent("PUT", TICKET, { ticket: { status: "waiting" } }),
    at: /^request\.body\.ticket\.status$/,
  },
  {
    name: "a body under a misspelt name",
    call: sent("PUT", TICKET, { tickett: { status: "open" } }),
    at: /^request\.body$/,
  },
  {
    name: "a number in quotes in a body",
    call: sent("PUT", TICKET, { ticket: { assignee_id: "twelve" } }),
    at: /^request\.body\.ticket\.assignee_id$/,
  },
  {
    name: "a stamp and a safe update that are neither",
    call: sent("PUT", TICKET, { ticket: { updated_stamp: 7, safe_update: "perhaps" } }),
    at: /^request\.body\.ticket\.(?:updated_stamp|safe_update)$/,
  },
  {
    name: "a day that is none in an answer",
    call: answered(TICKET, { ticket: { id: 35, requester_id: 1, updated_at: "yesterday" } }),
    at: /^response\.body\.ticket\.updated_at$/,
  },
  {
    name: "an id in quotes in an answer",
    call: answered(TICKET, { ticket: { id: "thirty-five", requester_id: 1 } }),
    at: /^response\.body\.ticket\.id$/,
  },
];

/** What is found by the document's examples, its lists of parameters and its text. */
export const BY_EXAMPLE: readonly Plant[] = [
  {
    name: "a ticket that is nothing but its requester",
    call: answered(TICKET, { ticket: { requester_id: 1 } }),
    at: /^response\.body\.ticket\.updated_at$/,
  },
  { name: "an empty answer", call: answered(TICKET, {}), at: /^response\.body\.ticket$/ },
  {
    name: "comments under another name",
    call: answered(`${TICKET}/comments`, { remarks: [] }),
    at: /^response\.body\.comments$/,
  },
  {
    name: "a cursor page without a cursor",
    call: answered(`${TICKET}/comments?page[size]=100`, { comments: [] }),
    at: /^response\.body\.meta$/,
  },
  {
    name: "an export that does not say where it ends",
    call: answered("/api/v2/incremental/tickets/cursor?start_time=1", { tickets: [] }),
    at: /^response\.body\.(?:after_cursor|end_of_stream)$/,
  },
  {
    name: "an event of an audit without its type",
    call: answered(`${TICKET}/audits`, { audits: [{ id: 1, events: [{ id: 2 }] }] }),
    at: /^response\.body\.audits\.0\.events\.0\.type$/,
  },
  {
    name: "tags as one word",
    call: answered(TICKET, { ticket: { id: 35, tags: "refund" } }),
    at: /^response\.body\.ticket\.tags$/,
  },
  {
    name: "a misspelt query parameter",
    call: answered("/api/v2/tickets?exernal_id=7", { tickets: [] }),
    at: /^request\.query\.exernal_id$/,
  },
  {
    name: "a request whose body is nonsense",
    call: sent("POST", "/api/v2/requests", { request: { subjekt: "Hello", comment: "Hello" } }),
    at: /^request\.body\.request/,
  },
];

/** The search endpoint of the local Zendesk. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { ticketJson, userJson } from "#sandbox/zendesk/records/to-json.ts";
import type { Call, Reply, Route } from "./route.ts";
import { sortedTickets } from "./sort-tickets.ts";

/** Search over tickets and users. */
export const SEARCH_ROUTES: readonly Route[] = [
  { method: "GET", path: "/search", allow: "staff", run: search },
  { method: "GET", path: "/search/count", allow: "staff", run: count },
  { method: "GET", path: "/search/export", allow: "staff", run: exportSearch },
];

/** Zendesk gives at most this many results and refuses pages beyond. */
const RESULTS_MAX = 1000;

interface Term {
  readonly field: string;
  readonly operator: ":" | "<" | ">" | "<=" | ">=";
  readonly value: string;
  readonly not: boolean;
}

/**
 * The part of Zendesk's search language that a help desk bot needs: `type:ticket|user`, status, priority, tags,
 * requester, assignee, group, created, updated, solved by comparison, a leading minus, and words of subject and
 * comments. Terms on different fields must all match; several terms on one field match if one does.
 */
function search(call: Call): Reply {
  const { query } = call;
  const number = Number(query.get("page") ?? 1);
  const size = Number(query.get("per_page") ?? 100);
  if (number * size > RESULTS_MAX) {
    throw new ApiError(422, {
      error: "unprocessable_entity",
      description: "Invalid search: number of results exceeded",
    });
  }
  return { body: { ...results(call, undefined), facets: null } };
}

/** How many there are, beyond the limit of what can be listed too. */
function count(call: Call): Reply {
  const found = results(call, undefined);
  return { body: { count: found["count"] } };
}

/** All results by cursor, of one type that must be named. */
function exportSearch(call: Call): Reply {
  const type = call.query.get("filter[type]");
  if (type !== "ticket" && type !== "user") throw missingParameter("filter[type]");
  if (!call.query.get("query")) throw missingParameter("query");
  if (!call.query.has("page[size]")) call.query.set("page[size]", "100");
  return { body: { ...results(call, type), facets: null } };
}

function missingParameter(parameter: string): ApiError {
  const description = `Missing or invalid ${parameter} parameter`;
  return new ApiError(422, { error: "unprocessable_entity", description });
}

/** A page of what the query finds; `only` goes before the type that the query names. */
function results(call: Call, only: "ticket" | "user" | undefined): Record<string, unknown> {
  const { desk, query } = call;
  const { terms, words } = parseQuery(query.get("query") ?? "");
  const type = only ?? terms.find((term) => term.field === "type")?.value;
  if (type === "user") {
    const found = desk.users
      .all()
      .filter((user) => words.every((word) => contains([user.name, user.email ?? ""], word)));
    const show = (user: (typeof found)[number]): unknown => ({
      ...userJson(desk, user),
      result_type: "user",
    });
    return pageOf("results", found, show, call.page).body;
  }
  const found = desk.tickets
    .all()
    .filter((ticket) => !ticket.deleted && matches(desk, ticket, terms, words));
  const show = (ticket: Ticket): unknown => ({
    ...ticketJson(desk, ticket),
    result_type: "ticket",
  });
  return pageOf("results", sortedTickets(found, query), show, call.page).body;
}

function parseQuery(text: string): {
  readonly terms: readonly Term[];
  readonly words: readonly string[];
} {
  const terms: Term[] = [];
  const words: string[] = [];
  for (const [, minus, field, operator, quoted, plain, word] of text.matchAll(
    /(-?)(?:([a-z_]+)(<=|>=|:|<|>)(?:"([^"]*)"|(\S+))|("[^"]*"|\S+))/gu,
  )) {
    const known =
      operator === ":" ||
      operator === "<" ||
      operator === ">" ||
      operator === "<=" ||
      operator === ">=";
    if (field !== undefined && known) {
      terms.push({
        field,
        operator,
        value: (quoted ?? plain ?? "").toLowerCase(),
        not: minus === "-",
      });
    } else if (word !== undefined) words.push(word.replaceAll('"', "").toLowerCase());
  }
  return { terms, words };
}

function matches(
  desk: Desk,
  ticket: Ticket,
  terms: readonly Term[],
  words: readonly string[],
): boolean {
  const fields = Map.groupBy(
    terms.filter((term) => term.field !== "type"),
    (term) => `${term.not ? "-" : ""}${term.field}`,
  );
  for (const alternatives of fields.values()) {
    const hit = alternatives.some((term) => matchesTerm(desk, ticket, term));
    if (hit === alternatives.some((term) => term.not)) return false;
  }
  if (words.length === 0) return true;
  const texts = [ticket.subject, ...desk.comments.of(ticket.id).map((comment) => comment.body)];
  return words.every((word) => contains(texts, word));
}

const STATUS_ORDER = ["new", "open", "pending", "hold", "solved", "closed"];

type Matcher = (desk: Desk, ticket: Ticket, term: Term) => boolean;

const MATCHERS: Readonly<Record<string, Matcher>> = {
  status: (_desk, ticket, { value, operator }) =>
    compares(STATUS_ORDER.indexOf(ticket.status), STATUS_ORDER.indexOf(value), operator),
  priority: (_desk, ticket, { value }) => ticket.priority === value,
  tags: (_desk, ticket, { value }) => ticket.tags.includes(value),
  requester: (desk, ticket, { value }) => isPerson(desk, ticket.requester_id, value),
  assignee: (desk, ticket, { value }) =>
    value === "none" ? ticket.assignee_id === null : isPerson(desk, ticket.assignee_id, value),
  group: (desk, ticket, { value }) =>
    value === String(ticket.group_id) || contains([groupName(desk, ticket)], value),
  external_id: (_desk, ticket, { value }) => ticket.external_id?.toLowerCase() === value,
  created: (_desk, ticket, { value, operator }) =>
    compares(Date.parse(ticket.created_at), Date.parse(value), operator),
  updated: (_desk, ticket, { value, operator }) =>
    compares(Date.parse(ticket.updated_at), Date.parse(value), operator),
};

/** A field the sandbox does not know matches nothing, so that a query relying on it is noticed. */
function matchesTerm(desk: Desk, ticket: Ticket, term: Term): boolean {
  return MATCHERS[term.field]?.(desk, ticket, term) ?? false;
}

function groupName(desk: Desk, ticket: Ticket): string {
  return ticket.group_id === null ? "" : (desk.groups.get(ticket.group_id)?.name ?? "");
}

function isPerson(desk: Desk, id: number | null, value: string): boolean {
  const user = id === null ? undefined : desk.users.get(id);
  return (
    user !== undefined &&
    (String(user.id) === value || contains([user.name, user.email ?? ""], value))
  );
}

function compares(left: number, right: number, operator: Term["operator"]): boolean {
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  if (operator === ">=") return left >= right;
  return left === right;
}

function contains(texts: readonly string[], word: string): boolean {
  return texts.some((text) => text.toLowerCase().includes(word));
}

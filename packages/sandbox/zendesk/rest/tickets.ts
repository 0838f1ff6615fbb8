/** Endpoints of the local Zendesk for tickets, what becomes of them, and the jobs that merge them. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { recoverMail } from "#sandbox/zendesk/behaviour/incoming-mail.ts";
import { mergeTickets } from "#sandbox/zendesk/behaviour/merge.ts";
import { updateUser } from "#sandbox/zendesk/records/people.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { auditJson, commentJson, ticketJson, userJson } from "#sandbox/zendesk/records/to-json.ts";
import {
  createTicket,
  deleteTicket,
  findTicket,
  restoreTicket,
  updateTicket,
  type TicketWrite,
} from "#sandbox/zendesk/records/tickets.ts";
import { type Call, parseBody, pathId, queryIds, type Reply, type Route } from "./route.ts";
import { sortedTickets } from "./sort-tickets.ts";
import {
  assigneeOf,
  copiesOf,
  Create,
  Merge,
  requesterOf,
  Update,
  withComment,
} from "./ticket-input.ts";

/** Tickets as staff work with them: all but their tags, which have endpoints of their own. */
export const TICKET_ROUTES: readonly Route[] = [
  { method: "GET", path: "/tickets", allow: "staff", run: list },
  { method: "POST", path: "/tickets", allow: "staff", run: create },
  { method: "GET", path: "/tickets/show_many", allow: "staff", run: showMany },
  { method: "GET", path: "/tickets/:id", allow: "staff", run: show },
  { method: "PUT", path: "/tickets/:id", allow: "staff", run: update },
  { method: "DELETE", path: "/tickets/:id", allow: "staff", run: remove },
  { method: "GET", path: "/tickets/:id/comments", allow: "staff", run: comments },
  { method: "GET", path: "/tickets/:id/audits", allow: "staff", run: audits },
  { method: "POST", path: "/tickets/:id/merge", allow: "staff", run: merge },
  { method: "PUT", path: "/tickets/:id/mark_as_spam", allow: "staff", run: markAsSpam },
  { method: "PUT", path: "/deleted_tickets/:id/restore", allow: "staff", run: restore },
  { method: "PUT", path: "/suspended_tickets/:id/recover", allow: "staff", run: recover },
  { method: "GET", path: "/job_statuses/:id", allow: "staff", run: showJob },
];

function list(call: Call): Reply {
  const rows = call.desk.tickets.all().filter((ticket) => !ticket.deleted);
  const page = pageOf(
    "tickets",
    sortedTickets(rows, call.query),
    (row) => ticketJson(call.desk, row),
    call.page,
  );
  return withUsers(
    call,
    page.body,
    page.rows.map((row) => row.requester_id),
  );
}

function showMany(call: Call): Reply {
  const found = queryIds(call).flatMap((id) => call.desk.tickets.get(id) ?? []);
  const tickets = found
    .filter((ticket) => !ticket.deleted)
    .map((ticket) => ticketJson(call.desk, ticket));
  return { body: { tickets, next_page: null, previous_page: null, count: tickets.length } };
}

function show(call: Call): Reply {
  const ticket = findTicket(call.desk, pathId(call));
  const people = [
    ticket.requester_id,
    ticket.submitter_id,
    ...(ticket.assignee_id ? [ticket.assignee_id] : []),
  ];
  return { body: { ticket: ticketJson(call.desk, ticket), ...sideUsers(call, people) } };
}

/** With an Idempotency-Key the same body gives the same ticket for two hours; another body is refused. */
function create(call: Call): Reply {
  const { ticket: input } = parseBody(Create, withComment(call.body));
  const key = call.header("idempotency-key");
  if (key === undefined) return createdReply(call.desk, createFrom(call, input), {});
  if (key.length > 255)
    throw new ApiError(400, idempotencyError("The key is longer than 255 characters"));
  const { desk } = call;
  return desk.write(() => {
    const id = `${call.actor.user.id} ${key}`;
    const digest = createHash("sha256").update(JSON.stringify(call.body)).digest("hex");
    const nowMs = desk.now().getTime();
    const replay = desk.replays.get(id);
    if (replay && nowMs - replay.created_at_ms < 2 * 3_600_000) {
      if (replay.digest !== digest) {
        throw new ApiError(
          400,
          idempotencyError("Request parameters differ from those of the first request"),
        );
      }
      const [ticket, first] = [
        desk.tickets.get(replay.ticket_id),
        desk.audits.get(replay.audit_id),
      ];
      if (ticket && first)
        return createdReply(desk, { ticket, audit: first }, { "x-idempotency-lookup": "hit" });
    }
    const written = createFrom(call, input);
    const made = { ticket_id: written.ticket.id, audit_id: written.audit.id, created_at_ms: nowMs };
    desk.replays.put({ id, digest, ...made });
    return createdReply(desk, written, { "x-idempotency-lookup": "miss" });
  });
}

function idempotencyError(description: string): Record<string, string> {
  return { error: "IdempotentRequestError", description };
}

/** One write, so that a refused ticket does not leave the person behind who was made for it. */
function createFrom(call: Call, input: z.infer<typeof Create>["ticket"]): TicketWrite {
  const { desk, actor } = call;
  return desk.write(() =>
    createTicket(desk, actor, {
      ...input,
      assignee_id: assigneeOf(desk, input),
      requester_id: requesterOf(desk, input) ?? actor.user.id,
      followup_source_id: input.via_followup_source_id,
      email_cc_ids: copiesOf(desk, input, []),
    }),
  );
}

function createdReply(
  desk: Desk,
  { ticket, audit: made }: TicketWrite,
  headers: Record<string, string>,
): Reply {
  const location = `${desk.url()}/api/v2/tickets/${ticket.id}.json`;
  const body = { ticket: ticketJson(desk, ticket), audit: auditJson(made) };
  return { status: 201, body, headers: { location, ...headers } };
}

function update(call: Call): Reply {
  const { ticket: input } = parseBody(Update, call.body);
  const { desk, actor } = call;
  return desk.write(() => {
    const change = {
      ...input,
      requester_id: requesterOf(desk, input),
      assignee_id: assigneeOf(desk, input),
      ...(input.email_ccs === undefined
        ? {}
        : {
            email_cc_ids: copiesOf(desk, input, findTicket(desk, pathId(call)).email_cc_ids),
          }),
    };
    const { ticket, audit: made } = updateTicket(desk, actor, pathId(call), change);
    return { body: { ticket: ticketJson(desk, ticket), audit: auditJson(made) } };
  });
}

function remove(call: Call): Reply {
  deleteTicket(call.desk, call.actor, pathId(call));
  return { status: 204 };
}

function comments(call: Call): Reply {
  const ticket = findTicket(call.desk, pathId(call));
  const rows = call.desk.comments.of(ticket.id);
  const page = pageOf(
    "comments",
    inOrder(call, rows),
    (row) => commentJson(call.desk, row, call.query.get("include_inline_images") === "true"),
    call.page,
  );
  return withUsers(
    call,
    page.body,
    page.rows.map((row) => row.author_id),
  );
}

function audits(call: Call): Reply {
  const ticket = findTicket(call.desk, pathId(call));
  const rows = call.desk.audits.of(ticket.id);
  const page = pageOf("audits", inOrder(call, rows), auditJson, call.page);
  return withUsers(
    call,
    page.body,
    page.rows.map((row) => row.author_id),
  );
}

function merge(call: Call): Reply {
  const job = mergeTickets(call.desk, call.actor, pathId(call), parseBody(Merge, call.body));
  const url = `${call.desk.url()}/api/v2/job_statuses/${job.id}.json`;
  const queued = {
    id: job.id,
    job_type: job.job_type,
    url,
    total: null,
    progress: null,
    message: null,
    results: null,
  };
  return { body: { job_status: { ...queued, status: "queued" } } };
}

/** Oldest first, unless the newest are asked for first. */
function inOrder<Row>({ query }: Call, rows: readonly Row[]): readonly Row[] {
  const newestFirst = query.get("sort") === "-created_at" || query.get("sort_order") === "desc";
  return newestFirst ? rows.toReversed() : rows;
}

function withUsers(call: Call, body: Record<string, unknown>, ids: readonly number[]): Reply {
  return { body: { ...body, ...sideUsers(call, ids) } };
}

/** `include=users` adds the users next to the list. */
function sideUsers(call: Call, ids: readonly number[]): Record<string, unknown> {
  if (!(call.query.get("include") ?? "").split(",").includes("users")) return {};
  const users = [...new Set(ids)].flatMap((id) => call.desk.users.get(id) ?? []);
  return { users: users.map((user) => userJson(call.desk, user)) };
}

/** Deletes the ticket and suspends its requester. */
function markAsSpam(call: Call): Reply {
  call.desk.write(() => {
    const ticket = findTicket(call.desk, pathId(call));
    updateUser(call.desk, ticket.requester_id, { suspended: true });
    deleteTicket(call.desk, call.actor, ticket.id, "spam");
  });
  return { body: "" };
}

function restore(call: Call): Reply {
  if (!restoreTicket(call.desk, call.actor, pathId(call))) throw recordNotFound();
  return { body: "" };
}

function recover(call: Call): Reply {
  return { body: { ticket: [ticketJson(call.desk, recoverMail(call.desk, pathId(call)))] } };
}

function showJob(call: Call): Reply {
  const job = call.desk.jobs.get(call.params["id"] ?? "");
  if (!job) throw recordNotFound();
  const url = `${call.desk.url()}/api/v2/job_statuses/${job.id}.json`;
  const count = job.results.length;
  return {
    body: { job_status: { ...job, url, total: count, progress: count, status: "completed" } },
  };
}

/** Endpoints of the local Zendesk for tickets, what becomes of them, and their files. */
import { createHash, randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { recoverMail } from "#sandbox/zendesk/behaviour/incoming-mail.ts";
import { mergeTickets } from "#sandbox/zendesk/behaviour/ticket-acts.ts";
import { updateUser } from "#sandbox/zendesk/records/people.ts";
import { auditJson, commentJson, ticketJson, userJson } from "#sandbox/zendesk/records/to-json.ts";
import {
  createTicket,
  deleteTicket,
  findTicket,
  restoreTicket,
  updateTicket,
  type TicketWrite,
} from "#sandbox/zendesk/records/tickets.ts";
import { type Call, found, parseBody, pathId, type Reply, type Route, pageOf } from "./route.ts";
import { copiesOf, Create, Merge, requesterOf, Update } from "./ticket-input.ts";
import { attachmentJson, keepFile, keepUpload } from "#sandbox/zendesk/records/comments.ts";

/** Tickets as staff work with them, and files: uploaded for a comment that comes later, and looked up by their id. */
export const TICKET_ROUTES: readonly Route[] = [
  { method: "get", path: "/tickets", allow: "staff", run: list },
  { method: "post", path: "/tickets", allow: "staff", run: create },
  { method: "get", path: "/tickets/:id", allow: "staff", run: show },
  { method: "put", path: "/tickets/:id", allow: "staff", run: update },
  { method: "delete", path: "/tickets/:id", allow: "staff", run: remove },
  { method: "get", path: "/tickets/:id/comments", allow: "staff", run: comments },
  { method: "get", path: "/tickets/:id/audits", allow: "staff", run: audits },
  { method: "post", path: "/tickets/:id/merge", allow: "staff", run: merge },
  { method: "put", path: "/tickets/:id/mark_as_spam", allow: "staff", run: markAsSpam },
  { method: "put", path: "/deleted_tickets/:id/restore", allow: "staff", run: restore },
  { method: "put", path: "/suspended_tickets/:id/recover", allow: "staff", run: recover },
  { method: "post", path: "/uploads", allow: "signed-in", run: upload },
  { method: "get", path: "/attachments/:id", allow: "staff", run: showAttachment },
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

const SORTABLE: Readonly<Record<string, (ticket: Ticket) => string | number>> = {
  id: (ticket) => ticket.id,
  created_at: (ticket) => ticket.created_at,
  updated_at: (ticket) => ticket.updated_at,
};

/** Tickets as `sort` (`-updated_at`) asks; by id otherwise. Unknown names are ignored. */
function sortedTickets(tickets: readonly Ticket[], query: URLSearchParams): Ticket[] {
  const sort = query.get("sort") ?? "id";
  const key = SORTABLE[sort.replace("-", "")] ?? ((ticket: Ticket) => ticket.id);
  const sorted = tickets.toSorted((left, right) => {
    const [a, b] = [key(left), key(right)];
    if (a === b) return left.id - right.id;
    return a < b ? -1 : 1;
  });
  return sort.startsWith("-") ? sorted.toReversed() : sorted;
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
  const { ticket: input } = parseBody(Create, call.body);
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

/** Zendesk merges in the background; here it is done when the call returns, and the answer still says `queued`. */
function merge(call: Call): Reply {
  mergeTickets(call.desk, call.actor, pathId(call), parseBody(Merge, call.body));
  const id = randomUUID().replaceAll("-", "");
  const url = `${call.desk.url()}/api/v2/job_statuses/${id}.json`;
  const unknown = { total: null, progress: null, message: null, results: null };
  return {
    body: { job_status: { id, job_type: "Ticket Merge", url, ...unknown, status: "queued" } },
  };
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
  found(restoreTicket(call.desk, call.actor, pathId(call)));
  return { body: "" };
}

function recover(call: Call): Reply {
  return { body: { ticket: [ticketJson(call.desk, recoverMail(call.desk, pathId(call)))] } };
}

/** The body is the file, its name is in the query, and its type is the request's. */
function upload(call: Call): Reply {
  const name = call.query.get("filename") ?? "";
  if (name === "") throw invalidAttribute("You must pass a filename");
  const bytes = Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0);
  const { desk } = call;
  return desk.write(() => {
    const attachment = keepFile(desk, {
      name,
      type: call.header("content-type") ?? "application/octet-stream",
      base64: bytes.toString("base64"),
      inline: false,
      scan: "malware_not_found",
    });
    const { id: token, expires_at_ms } = keepUpload(desk, attachment, call.query.get("token"));
    const shown = attachmentJson(desk, attachment);
    const expires_at = new Date(expires_at_ms).toISOString();
    return {
      status: 201,
      body: { upload: { token, expires_at, attachment: shown, attachments: [shown] } },
    };
  });
}

function showAttachment(call: Call): Reply {
  const file = found(call.desk.attachments.get(pathId(call)));
  return { body: { attachment: attachmentJson(call.desk, file) } };
}

/** Endpoints of the local Zendesk for tickets, what becomes of them, and their files. */
import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, invalidAttribute, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { type Comment, FieldChange, type Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import {
  recoverMail,
  MergeOrder,
  mergeTickets,
  rateTicket,
} from "#sandbox/zendesk/behaviour/ticket-acts.ts";
import { createOrUpdateUser, userByEmail } from "#sandbox/zendesk/records/account.ts";
import { commentJson, ratingJson, ticketJson } from "#sandbox/zendesk/records/to-json.ts";
import {
  type TicketWrite,
  createTicket,
  deleteTicket,
  findTicket,
  keepChange,
  restoreTicket,
  updateTicket,
} from "#sandbox/zendesk/records/tickets.ts";
import { type Call, DONE, type Reply, type Route, found, get, post, put, remove } from "./route.ts";
import { CommentInput } from "#sandbox/zendesk/records/comments.ts";
import {
  attachmentJson,
  keepFile,
  keepUpload,
  redactFile,
} from "#sandbox/zendesk/records/files.ts";

// What callers send. Write-only attributes the sandbox does not know are ignored, as Zendesk ignores them.

/** The `body` is Markdown, the `html_body` is not ("Ticket comments" in Zendesk's reference). */
const TicketComment = CommentInput.transform((comment) => ({ ...comment, markdown: true }));

const TicketInput = FieldChange.omit({ email_cc_ids: true }).extend({
  comment: TicketComment.optional(),
  submitter_id: z.number().int().optional(),
  requester: z.object({ name: z.string().optional(), email: z.string().optional() }).optional(),
  email_ccs: z
    .array(
      z.object({
        user_id: z.coerce.number().int().optional(),
        user_email: z.string().optional(),
        action: z.enum(["put", "delete"]).default("put"),
      }),
    )
    .optional(),
  recipient: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  safe_update: z.coerce.boolean().optional(),
  updated_stamp: z.string().optional(),
  via_followup_source_id: z.number().int().optional(),
});
type TicketInput = z.infer<typeof TicketInput>;

const Create = z.object({ ticket: TicketInput.extend({ comment: TicketComment }) });
const Update = z.object({ ticket: TicketInput });

const RatingInput = z.object({
  satisfaction_rating: z.object({ score: z.enum(["good", "bad"]), comment: z.string().optional() }),
});

/** `requester_id` goes before `requester`, a person who is made where nobody has the address. */
function requesterOf(desk: Desk, input: TicketInput): number | undefined {
  const { requester_id: id, requester } = input;
  if (id !== undefined || requester === undefined) return id;
  const known = requester.email === undefined ? undefined : userByEmail(desk, requester.email);
  return (known ?? createOrUpdateUser(desk, requester)).id;
}

/** The people in copy after the call: each of `email_ccs` adds one, or takes one off. */
function copiesOf(desk: Desk, input: TicketInput, before: readonly number[]): number[] {
  const copies = new Set(before);
  for (const { user_id: id, user_email: email, action } of input.email_ccs ?? []) {
    const user = id ?? (email === undefined ? undefined : createOrUpdateUser(desk, { email }).id);
    if (user === undefined) continue;
    if (action === "put") copies.add(user);
    else copies.delete(user);
  }
  return [...copies];
}

/** The last changed first where `sort` asks for it (`-updated_at`), by id otherwise. */
function sortedTickets(tickets: readonly Ticket[], query: URLSearchParams): Ticket[] {
  if (query.get("sort") !== "-updated_at") return tickets.toSorted((one, two) => one.id - two.id);
  const changed = ({ updated_at: at }: Ticket): number => Date.parse(at);
  return tickets.toSorted((one, two) => changed(two) - changed(one) || two.id - one.id);
}

const REPLAYED_MS = 2 * 3_600_000;

/** With an Idempotency-Key the same body gives the same ticket for two hours; another body is refused. */
function create(call: Call): Reply {
  const { ticket: input } = call.parsed(Create);
  const key = call.header("idempotency-key");
  const { desk } = call;
  if (key === undefined) return createdReply(desk, createFrom(call, input));
  if (key.length > 255) throw idempotencyError("The key is longer than 255 characters");
  return desk.write(() => {
    const id = `${call.actor.user.id} ${key}`;
    const digest = createHash("sha256").update(JSON.stringify(call.body)).digest("hex");
    const nowMs = desk.now().getTime();
    const replay = desk.replays.get(id);
    if (replay && nowMs - replay.created_at_ms < REPLAYED_MS) {
      if (replay.digest !== digest)
        throw idempotencyError("Request parameters differ from those of the first request");
      const ticket = desk.tickets.get(replay.ticket_id);
      const audit = desk.audits.get(replay.audit_id);
      if (ticket && audit) return createdReply(desk, { ticket, audit }, "hit");
    }
    const written = createFrom(call, input);
    const made = { ticket_id: written.ticket.id, audit_id: written.audit.id, created_at_ms: nowMs };
    desk.replays.put({ id, digest, ...made });
    return createdReply(desk, written, "miss");
  });
}

function idempotencyError(description: string): ApiError {
  return new ApiError(400, { error: "IdempotentRequestError", description });
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

function createdReply(desk: Desk, { ticket, audit }: TicketWrite, lookup?: "hit" | "miss"): Reply {
  const location = `${desk.url()}/api/v2/tickets/${ticket.id}.json`;
  const looked = lookup === undefined ? {} : { "x-idempotency-lookup": lookup };
  const body = { ticket: ticketJson(desk, ticket), audit };
  return { status: 201, body, headers: { location, ...looked } };
}

/** "A private ticket can't be viewed or searched for by agents who don't have access to it"; admins have. */
function isSeen({ desk, actor: { user } }: Pick<Call, "desk" | "actor">, ticket: Ticket): boolean {
  const { group_id: group } = ticket;
  if (user.role === "admin" || group === null || desk.groups.get(group)?.is_public !== false)
    return true;
  const members = desk.memberships.all().filter(({ group_id: of }) => of === group);
  return members.some(({ user_id: member }) => member === user.id);
}

function seenTicket(call: Call): Ticket {
  const ticket = findTicket(call.desk, call.id());
  if (!isSeen(call, ticket)) throw recordNotFound();
  return ticket;
}

/** Tickets as staff work with them, and files: uploaded for a comment that comes later, and looked up by their id. */
export const TICKET_ROUTES: readonly Route[] = [
  get("/tickets", "staff", (call) => {
    const rows = call.desk.tickets
      .all()
      .filter((ticket) => !ticket.deleted && isSeen(call, ticket));
    return call.list("tickets", sortedTickets(rows, call.query), ticketJson);
  }),
  post("/tickets", "staff", create),
  get("/tickets/:id", "staff", (call) => ({
    body: { ticket: ticketJson(call.desk, seenTicket(call)) },
  })),
  put("/tickets/:id", "staff", (call) => {
    const { ticket: input } = call.parsed(Update);
    const { desk, actor } = call;
    return desk.write(() => {
      const id = call.id();
      const requester_id = requesterOf(desk, input);
      const { email_cc_ids: copies } = seenTicket(call);
      const email_cc_ids = input.email_ccs && copiesOf(desk, input, copies);
      const change = { ...input, requester_id, email_cc_ids };
      const { ticket, audit } = updateTicket(desk, actor, id, change);
      return { body: { ticket: ticketJson(desk, ticket), audit } };
    });
  }),
  remove("/tickets/:id", "staff", (call) => {
    deleteTicket(call.desk, call.actor, call.id());
    return DONE;
  }),
  get("/tickets/:id/comments", "staff", (call) => {
    const rows = call.desk.comments.of(seenTicket(call).id);
    const withInline = call.query.get("include_inline_images") === "true";
    const json = (desk: Desk, row: Comment) => commentJson(desk, row, withInline);
    return call.list("comments", rows, json);
  }),
  get("/tickets/:id/audits", "staff", (call) => {
    const rows = call.desk.audits.of(seenTicket(call).id);
    return call.list("audits", rows, (_desk, row) => row);
  }),
  /** Zendesk merges in the background; here it is done when the call returns, and the answer still says `queued`. */
  post("/tickets/:id/merge", "staff", (call) => {
    mergeTickets(call.desk, call.actor, call.id(), call.parsed(MergeOrder));
    const id = randomUUID().replaceAll("-", "");
    const url = `${call.desk.url()}/api/v2/job_statuses/${id}.json`;
    const unknown = { total: null, progress: null, message: null, results: null };
    const job_status = { id, job_type: "Ticket Merge", url, ...unknown, status: "queued" };
    return { body: { job_status } };
  }),
  /** Deletes the ticket and suspends its requester. */
  put("/tickets/:id/mark_as_spam", "staff", ({ desk, actor, ...call }) => {
    desk.write(() => {
      const { id, requester_id } = findTicket(desk, call.id());
      desk.save(desk.users, { suspended: true }, found(desk.users.get(requester_id)));
      deleteTicket(desk, actor, id, "spam");
    });
    return { body: "" };
  }),
  put("/deleted_tickets/:id/restore", "staff", (call) => {
    found(restoreTicket(call.desk, call.actor, call.id()));
    return { body: "" };
  }),
  put("/suspended_tickets/:id/recover", "staff", (call) => ({
    body: { ticket: [ticketJson(call.desk, recoverMail(call.desk, call.id()))] },
  })),
  /** The body is the file, its name is in the query, and its type is the request's. */
  post("/uploads", "signed-in", ({ desk, query, body, header }) => {
    const name = query.get("filename") ?? "";
    if (name === "") throw invalidAttribute("You must pass a filename");
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    return desk.write(() => {
      const kept = keepFile(desk, {
        name,
        type: header("content-type") ?? "application/octet-stream",
        base64: bytes.toString("base64"),
        inline: false,
        scan: "malware_not_found",
      });
      const { id: token, expires_at_ms } = keepUpload(desk, kept, query.get("token"));
      const attachment = attachmentJson(desk, kept);
      const expires_at = new Date(expires_at_ms).toISOString();
      const upload = { token, expires_at, attachment, attachments: [attachment] };
      return { status: 201, body: { upload } };
    });
  }),
  put("/tickets/:id/comments/:comment/attachments/:file/redact", "staff", (call) => {
    const { desk, actor, params } = call;
    const before = seenTicket(call);
    const [comment_id, attachment_id] = [Number(params["comment"]), Number(params["file"])];
    const comments = desk.comments.of(before.id).filter(({ id }) => id === comment_id);
    if (!comments.some((comment) => comment.attachment_ids.includes(attachment_id)))
      throw recordNotFound();
    return desk.write(() => {
      const file = redactFile(desk, attachment_id);
      const event = { type: "AttachmentRedactionEvent", attachment_id, comment_id } as const;
      keepChange(desk, actor, { before, extraEvents: [event] });
      return { body: { attachment: attachmentJson(desk, file) } };
    });
  }),
  get("/attachments/:id", "staff", (call) => {
    const file = found(call.desk.attachments.get(call.id()));
    return { body: { attachment: attachmentJson(call.desk, file) } };
  }),
  /** What the requester says of a solved ticket. The answer is a list of one, as the reference shows it. */
  post("/tickets/:id/satisfaction_rating", "signed-in", (call) => {
    const said = call.parsed(RatingInput).satisfaction_rating;
    const rating = rateTicket(call.desk, call.actor, call.id(), said);
    return { body: { satisfaction_rating: [ratingJson(call.desk, rating)] } };
  }),
];

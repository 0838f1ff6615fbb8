/** Creates and changes tickets of the local Zendesk. */
import {
  type CommentDraft,
  auditOf,
  changeEvents,
  commentEvent,
  createEvents,
  hasText,
  keepComment,
} from "./comments.ts";
import { type Announcement, type Desk, stamp } from "./desk.ts";
import {
  ApiError,
  invalidAttribute,
  recordInvalid,
  recordNotFound,
  updateConflict,
} from "#sandbox/zendesk/http/errors.ts";
import type { User } from "./account-model.ts";
import {
  type Audit,
  type NewEvent,
  type Comment,
  FieldChange,
  type Ticket,
  type TicketFields,
  type Via,
  DEFAULT_BRAND_ID,
  type Actor,
} from "./ticket-model.ts";
import { applyRules, notifications } from "#sandbox/zendesk/behaviour/rules.ts";

/** One update as a caller asks for it: it becomes one audit, whatever it changes. */
interface TicketChange extends FieldChange {
  readonly comment?: CommentDraft | undefined;
  readonly metadata?: unknown;
  readonly safe_update?: boolean | undefined;
  readonly updated_stamp?: string | undefined;
}

/** A ticket to be created; the first comment is what makes it. */
interface TicketDraft extends Omit<TicketChange, "comment" | "requester_id"> {
  readonly comment: CommentDraft;
  readonly requester_id: number;
  /** Becomes the first comment's author; the requester unless it is named ("Requesters and submitters"). */
  readonly submitter_id?: number | undefined;
  readonly recipient?: string | undefined;
  readonly followup_source_id?: number | undefined;
}

/** A ticket after a change, and the audit of the change. */
export interface TicketWrite {
  readonly ticket: Ticket;
  readonly audit: Audit;
}

/** The live ticket with this id; 404 when there is none or it was deleted. */
export function findTicket(desk: Desk, id: number): Ticket {
  const ticket = desk.tickets.get(id);
  if (!ticket || ticket.deleted) throw recordNotFound();
  return ticket;
}

/** Creates a ticket in one audit and one announcement. */
export function createTicket(desk: Desk, actor: Actor, draft: TicketDraft): TicketWrite {
  return desk.write(() => {
    const { comment, followup_source_id: source } = draft;
    const parent = source === undefined ? undefined : closedParent(desk, source);
    // Of a follow-up the submitter is ignored, and the caller is the author.
    const named = desk.settings.ignoreSubmitter ? undefined : draft.submitter_id;
    const submitter = parent ? actor.user.id : (named ?? draft.requester_id);
    // Only these two are known to be taken, so nothing may rely on another.
    if (![actor.user.id, draft.requester_id].includes(submitter))
      throw recordInvalid("submitter", "Submitter: is invalid");
    const author = knownUser(desk, comment.author_id ?? submitter);
    const id = desk.nextId("ticket");
    const auditId = desk.nextId("record");
    const first = keepComment(desk, actor, comment, { ticketId: id, auditId, author });
    const ticket = newTicket(desk, actor, { id, draft, author, first, parent });
    if (parent) desk.tickets.put({ ...parent, followup_ids: [...parent.followup_ids, id] });
    const events = [
      commentEvent(desk, first),
      ...createEvents(ticket),
      ...notifications({ ticket, author, created: true, comment: first }),
    ];
    const audit = auditOf(desk, actor, { id: auditId, ticket, events, custom: draft.metadata });
    return keepWritten(desk, { ticket, audit }, { created: true });
  });
}

function keepWritten(desk: Desk, written: TicketWrite, extra: Announcement["extra"]): TicketWrite {
  desk.audits.put(written.audit);
  desk.tickets.put(written.ticket);
  desk.announce(written.ticket, written.audit, extra);
  return written;
}

/** A follow-up inherits its parent's tags unless it brings its own. */
function newTicket(
  desk: Desk,
  actor: Actor,
  made: {
    readonly id: number;
    readonly draft: TicketDraft;
    readonly author: User;
    readonly first: Comment;
    readonly parent: Ticket | undefined;
  },
): Ticket {
  const { draft, author, first, parent } = made;
  const asked = { ...fieldsOf(draft), requester_id: knownUser(desk, draft.requester_id).id };
  const fields = applyRules(
    desk,
    { ...BLANK_FIELDS, requester_id: asked.requester_id },
    { ...asked, tags: asked.tags ?? parent?.tags ?? [] },
    { author, withComment: true },
  );
  return desk.tickets.row({
    ...fields,
    id: made.id,
    subject: fields.subject === "" ? first.plain_body.slice(0, 100) : fields.subject,
    description: first.body,
    submitter_id: author.id,
    recipient: draft.recipient ?? null,
    via: parent ? followUpVia(actor.via, parent) : actor.via,
    first_comment_public: first.public,
    is_public: first.public,
    satisfaction: { score: "unoffered", comment: null, rating_id: null },
    followup_source_id: parent?.id ?? null,
    followup_ids: [],
    created_at: first.created_at,
    updated_at: first.created_at,
    ...changeMarks(desk),
    deleted: false,
  });
}

const BLANK_FIELDS: Omit<TicketFields, "requester_id"> = {
  subject: "",
  status: "new",
  custom_status_id: null,
  priority: null,
  type: null,
  assignee_id: null,
  group_id: null,
  tags: [],
  external_id: null,
  brand_id: DEFAULT_BRAND_ID,
  organization_id: null,
  email_cc_ids: [],
  custom_fields: [],
};

/** Changes a ticket in one audit: fields, comment, tags and what the rules add. */
export function updateTicket(
  desk: Desk,
  actor: Actor,
  id: number,
  change: TicketChange,
): TicketWrite {
  return desk.write(() => {
    const before = findTicket(desk, id);
    refuseStale(before, change);
    const draft = change.comment && hasText(change.comment) ? change.comment : undefined;
    const author = knownUser(desk, draft?.author_id ?? actor.user.id);
    const custom_fields = mergeCustom(before.custom_fields, change.custom_fields);
    const asked = { ...fieldsOf(change), custom_fields };
    const by = { author, withComment: draft !== undefined };
    const fields = applyRules(desk, before, asked, by);
    return keepChange(desk, actor, { before, fields, author, draft, custom: change.metadata });
  });
}

/** Inside a write: stores a change that was decided already (by the rules or, for a merge, past them). */
export function keepChange(
  desk: Desk,
  actor: Actor,
  change: {
    readonly before: Ticket;
    /** As before, where only events are added. */
    readonly fields?: TicketFields;
    /** The actor, unless it writes for another person. */
    readonly author?: User;
    /** A comment that goes with it. */
    readonly draft?: CommentDraft | undefined;
    readonly custom?: unknown;
    readonly extraEvents?: readonly NewEvent[];
    /** What the audit of the change does not say itself. */
    readonly extra?: Announcement["extra"];
  },
): TicketWrite {
  const { before, fields = before, author = actor.user, custom, extra = {} } = change;
  const id = desk.nextId("record");
  const place = { ticketId: before.id, auditId: id, author, before };
  const comment = change.draft && keepComment(desk, actor, change.draft, place);
  const ticket: Ticket = {
    ...before,
    ...fields,
    is_public: before.is_public || comment?.public === true,
    satisfaction: offeredRating(before, fields.status),
    updated_at: nextStamp(desk, before),
    ...changeMarks(desk),
  };
  const said = comment === undefined ? [] : [commentEvent(desk, comment)];
  const events = [
    ...said,
    ...changeEvents(desk, before, ticket),
    ...(change.extraEvents ?? []),
    ...notifications({ ticket, author, created: false, comment }),
  ];
  const audit = auditOf(desk, actor, { id, ticket, events, custom });
  // As in Zendesk, a change that changes nothing leaves no trace and does not move `updated_at`.
  if (events.length === 0 && !leavesAudit(change)) return { ticket: before, audit };
  return keepWritten(desk, { ticket, audit }, extra);
}

/** True for what leaves an audit without any event: a note of the caller, and a ticket that goes or comes back. */
function leavesAudit(change: {
  readonly before: Ticket;
  readonly custom?: unknown;
  readonly extra?: Announcement["extra"];
}): boolean {
  return change.custom !== undefined || change.before.deleted || change.extra?.restored === true;
}

/** A rating is offered once the ticket is solved. */
function offeredRating({ satisfaction }: Ticket, status: Ticket["status"]): Ticket["satisfaction"] {
  const isOffered = status === "solved" && satisfaction.score === "unoffered";
  return isOffered ? { ...satisfaction, score: "offered" } : satisfaction;
}

/** A user that exists; 422 otherwise, as for any reference inside a ticket. */
function knownUser(desk: Desk, id: number): User {
  const user = desk.users.get(id);
  if (!user) throw recordInvalid("requester", "Requester: is invalid");
  return user;
}

function closedParent(desk: Desk, id: number): Ticket {
  const parent = findTicket(desk, id);
  if (parent.status === "closed") return parent;
  throw invalidAttribute("via_followup_source_id must be the id of a closed ticket");
}

function followUpVia(via: Via, parent: Ticket): Via {
  const from = { ticket_id: parent.id, subject: parent.subject, channel: parent.via.channel };
  return { channel: via.channel, source: { from, to: {}, rel: "follow_up" } };
}

/** The fields a change names; tags are in small letters, each once. */
function fieldsOf(change: FieldChange): FieldChange {
  const tags = change.tags && [...new Set(change.tags.map((tag) => tag.toLowerCase()))].toSorted();
  return { ...FieldChange.parse(change), tags };
}

/** A custom field that is not named keeps its value. */
function mergeCustom(
  before: TicketFields["custom_fields"],
  asked: FieldChange["custom_fields"],
): FieldChange["custom_fields"] {
  if (!asked) return undefined;
  const kept = before.filter((field) => !asked.some((candidate) => candidate.id === field.id));
  return [...kept, ...asked];
}

/** Zendesk takes the presence of `safe_update` for yes, whatever its value. */
function refuseStale(ticket: Ticket, change: TicketChange): void {
  if (change.safe_update === undefined) return;
  if (change.updated_stamp === undefined) {
    throw new ApiError(400, {
      error: "ParameterMissing",
      description: "updated_stamp is required for a safe update",
    });
  }
  if (Date.parse(change.updated_stamp) !== Date.parse(ticket.updated_at)) throw updateConflict();
}

function nextStamp(desk: Desk, before: Ticket): string {
  const now = desk.now();
  const earliest = Date.parse(before.updated_at) + (desk.settings.distinctStamps ? 1000 : 0);
  return stamp(new Date(Math.max(now.getTime(), earliest)));
}

function changeMarks(desk: Desk): Pick<Ticket, "generated_timestamp" | "sequence"> {
  return {
    generated_timestamp: Math.floor(desk.now().getTime() / 1000),
    sequence: desk.nextId("record"),
  };
}

/** Soft delete: only the incremental export still shows the ticket. */
export function deleteTicket(
  desk: Desk,
  actor: Actor,
  id: number,
  why: "deleted" | "spam" = "deleted",
): void {
  desk.write(() => {
    setDeleted(desk, actor, { ...findTicket(desk, id), deleted: true, spam: why === "spam" });
  });
}

/** Brings a deleted ticket back as it was; undefined when there is none. */
export function restoreTicket(desk: Desk, actor: Actor, id: number): Ticket | undefined {
  return desk.write(() => {
    const gone = desk.tickets.get(id);
    if (gone?.deleted !== true) return undefined;
    return setDeleted(desk, actor, { ...gone, deleted: false, spam: false });
  });
}

function setDeleted(desk: Desk, actor: Actor, after: Ticket): Ticket {
  const extra = after.deleted ? {} : { restored: true };
  return keepChange(desk, actor, { before: after, extra }).ticket;
}

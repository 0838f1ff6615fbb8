/** Builds the ticket updates for each kind of action. */
import {
  type Action,
  AssignArguments,
  CreateTicketArguments,
  leavesOpen,
  NoteArguments,
  BY_HAND,
  ReplyArguments,
} from "#core/values/action.ts";
import type { ConversationParticipants } from "#core/contracts/channel.ts";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import { parsedArguments } from "#core/contracts/tool.ts";
import { createHash } from "node:crypto";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import { assignedReason } from "#core/cases/ownership.ts";
import type { Signal } from "#core/values/message.ts";
import { z } from "zod";
import { internalComment, splitReply, type NewFile } from "./comment-text.ts";
import { LINKED_TAG, RESUME_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import {
  SIDE_KEY,
  type Account,
  hasBotsStatus,
  mergeReason,
  takeoverReason,
} from "#zendesk/read/ownership-signals.ts";
import { type Audit, recordNumber, type Ticket } from "#zendesk/api/schema.ts";

/** A ticket right before it is written, with what happened on it since this process last looked. */
export interface TicketState {
  readonly ticket: Ticket;
  readonly audits: readonly Audit[];
  /** What they say about owner and state. */
  readonly signals: readonly Signal[];
  /** Id of the last audit the conversation was judged by. */
  readonly judgedAuditId: number;
  /** True when this process has read the ticket before. */
  readonly hasReadBefore: boolean;
  readonly account: Account;
  /** With whom the ticket is; a suspended user shows up only for a write to the customer. */
  readonly participants: ConversationParticipants;
}

type Fields = Readonly<Record<string, unknown>>;

interface Instead {
  readonly fields: Fields;
  /** What the team is told of it; left out where there is nothing to do. */
  readonly remark?: string;
}

/** One decision about an existing ticket: it becomes one PUT, whatever it changes. */
export interface Update {
  readonly ticketId: number;
  /** True when the customer and the people in copy receive it. */
  readonly isPublic: boolean;
  /** Comment ids this is based on, for a process that has not read the ticket itself. */
  readonly basedOn: readonly number[];
  /** Throws `channel.conflict` when the ticket moved on in a way that matters to this write. */
  check(state: TicketState): void;
  /** Files to attach to the comment. */
  readonly files: readonly NewFile[];
  fields(state: TicketState, uploads: readonly string[]): Fields;
  /** What is better than nothing when Zendesk refuses those fields; null when nothing is. */
  readonly instead?: (refused: Fields, reason: string) => Instead | null;
}

/** What `read-ticket.ts` puts into a destination's address. */
const Address = z.strictObject({ ticketId: z.int().positive() });

/** Every ticket that we open has an external id that begins with this. */
const EXTERNAL_ID = "deskhand:";

type Updates = Readonly<Record<string, (action: Action, key: string) => Update>>;

/** What customers do not see, and what rests on nothing they wrote. */
export const INTERNAL = {
  isPublic: false,
  basedOn: [],
  files: [],
  check: () => undefined,
} as const satisfies Partial<Update>;

/** The operations that change a ticket. */
export function updates(options: ReplyOptions): Updates {
  const { groups } = options;
  return {
    reply: (action, key) => reply(parsedArguments(ReplyArguments, action), key, options),
    note: (action) => noteUpdate(parsedArguments(NoteArguments, action)),
    assign: (action) => assign(parsedArguments(AssignArguments, action), groups),
  };
}

type ReplyOptions = Pick<ZendeskOptions, "groups" | "statusAfterReply">;

function reply(
  whole: ReplyArguments,
  key: string,
  { groups, statusAfterReply = () => "pending" }: ReplyOptions,
): Update {
  const { to, text, answers } = whole;
  const isByHand = key.endsWith(BY_HAND);
  const words = "the reply has no address of this channel";
  const { ticketId } = readAs(Address, to.address, "channel.refused", words);
  const { html, files } = splitReply(text);
  return {
    ticketId,
    isPublic: true,
    files,
    basedOn: answers.flatMap((key) => Number(/^zendesk:comment:(\d+)$/.exec(key)?.[1] ?? [])),
    check(state) {
      // Checked before the status: a merged ticket is closed too, but the merge is the reason to report.
      const merged = mergeReason(state.signals);
      if (merged !== null) throw conflictError(merged);
      refuseFinished(state);
      if (state.participants.unserved !== undefined)
        throw conflictError(state.participants.unserved);
      // A teammate writes also where people have the ticket, and after what others said.
      const taken = isByHand ? null : takeoverReason(state);
      if (taken !== null) throw conflictError(taken);
      if (!isByHand) refuseWhenAnswered(state);
      refusePassedOn(state);
      if (to.audience === "private" && state.participants.readers.length > 0)
        throw conflictError("others read along now");
    },
    fields: ({ ticket, account }, uploads) => ({
      // Without `public` the comment would inherit the privacy of the ticket's first one. Files go with this comment.
      comment: { html_body: html, public: true, ...(uploads.length === 0 ? {} : { uploads }) },
      ...(isOurs(ticket, account)
        ? {
            ...statusFields(statusAfterReply(), leavesOpen(key, whole), ticket),
            assignee_id: account.botUserId,
            group_id: groups.bot,
          }
        : {}),
      ...tagsWithoutOurs(ticket),
    }),
    instead: withoutStatus,
  };
}

/**
 * A status of the team's own is written by its id: `status` would set the default one of its category. A text that leaves
 * the question open makes it neither finished nor the customer's turn; a ticket that an earlier reply of ours solved is
 * open again with it, since Zendesk closes what stays solved.
 */
function statusFields(status: StatusAfterReply, isOpen: boolean, ticket: Ticket): Fields {
  if (isOpen) return ["new", "solved"].includes(ticket.status) ? { status: "open" } : {};
  if (status === "unchanged") return {};
  return typeof status === "number" ? { custom_status_id: status } : { status };
}

/**
 * The answer matters more than its status: an account may not have one of the team's own, and may require fields before a
 * ticket is solved.
 */
function withoutStatus(refused: Fields, reason: string): Instead | null {
  const { status, custom_status_id: own, ...fields } = refused;
  const wanted = own ?? status;
  if (own === undefined && status !== "solved") return null;
  const remark = `The answer was sent, but its ticket did not get the status ${String(wanted)}, which the policy has after a reply (status_after_reply): ${reason}.`;
  return { fields, remark };
}

/**
 * The next reply removes tags that are used up: the one that handed the ticket back, so that it can be added again, and
 * the linked tag that a follow-up inherited, which would keep Zendesk from mailing the answer.
 */
function tagsWithoutOurs(ticket: Ticket): {
  readonly tags?: readonly string[];
} {
  const isLinked = ticket.external_id?.startsWith(EXTERNAL_ID) === true;
  const spent = new Set([RESUME_TAG, ...(isLinked ? [] : [LINKED_TAG])]);
  const kept = ticket.tags.filter((name) => !spent.has(name));
  return kept.length === ticket.tags.length ? {} : { tags: kept };
}

/** Unassigned, or ours. A ticket we have handed over stays where it is, also when we still write to the customer. */
function isOurs({ assignee_id: assignee, group_id: group }: Ticket, account: Account): boolean {
  return (
    [null, undefined, account.botUserId].includes(assignee) &&
    [null, undefined, account.botGroupId].includes(group)
  );
}

function noteUpdate({ externalId, text }: NoteArguments): Update {
  return {
    ...INTERNAL,
    ticketId: parsedTicketId(externalId),
    // Nothing can be written on a closed ticket any more, and no teammate works there: no reason to alert people.
    check: ({ ticket }) => {
      if (ticket.status === "closed") throw conflictError(`ticket ${ticket.id} is closed`);
    },
    fields: () => ({ comment: internalComment(text) }),
  };
}

function assign(
  { externalId, group, note: words }: AssignArguments,
  groups: ZendeskOptions["groups"],
): Update {
  const handOver = { status: "open", group_id: groups[group], assignee_id: null };
  return {
    ...INTERNAL,
    ticketId: parsedTicketId(externalId),
    check(state) {
      refuseFinished(state);
      const newer = new Set(newerAudits(state).map(({ id }) => `zendesk:audit:${id}`));
      const taken = state.signals.find(
        (signal) =>
          signal.kind === "assigned" &&
          newer.has(signal.key.replace(SIDE_KEY, "")) &&
          signal.to === "human" &&
          !signal.automatic,
      );
      if (taken?.kind === "assigned") throw conflictError(assignedReason(taken));
    },
    fields: ({ ticket }) => ({
      ...handOver,
      comment: internalComment(words),
      ...tagsWithoutOurs(ticket),
    }),
    // A ticket takes 5,000 comments at most, and a hand-over without a note is better than none.
    instead: (_refused, reason) => ({
      fields: handOver,
      remark: `Ticket ${externalId} was handed over, but its note could not be written: ${reason}.`,
    }),
  };
}

/**
 * A new ticket for people. Always the same for the same action: Zendesk compares repeated requests. The bot is its
 * submitter, for otherwise the requester is, and with it the author of the first comment, our words to the team.
 */
export function newTicket(
  action: Action,
  key: string,
  { groups, botUserId }: { readonly groups: ZendeskOptions["groups"]; readonly botUserId: number },
): { readonly externalId: string; readonly ticket: Readonly<Record<string, unknown>> } {
  const made = parsedArguments(CreateTicketArguments, action);
  const { name, email } = made.requester;
  const externalId = ticketExternalId(key);
  const ticket = {
    subject: made.subject,
    comment: handoverComment(made),
    group_id: groups[made.group],
    submitter_id: botUserId,
    ...(email === null ? {} : { requester: { name: name || email, email } }),
    tags: [LINKED_TAG],
    external_id: externalId,
    metadata: { deskhand_key: key },
  };
  return { externalId, ticket };
}

/** What people read of a conversation of another channel. */
export function handoverComment({
  summary,
  firstMessage,
}: CreateTicketArguments): ReturnType<typeof internalComment> {
  const quoted = `What the customer wrote:\n\n${firstMessage.replaceAll(/^/gm, "> ")}`;
  const words = firstMessage === "" ? summary : `${summary}\n\n${quoted}`;
  return internalComment(words);
}

/** The external id by which our ticket is found again; the search index would lag behind. */
export function ticketExternalId(key: string): string {
  return `${EXTERNAL_ID}${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
}

/**
 * A ticket that others finished gets no reply from us; a customer who writes again reopens it first. What a reply of ours
 * solved, as the policy may say, still takes what comes after that reply.
 */
function refuseFinished({ ticket, audits, account }: TicketState): void {
  const isFinished = ticket.status === "solved" && !hasBotsStatus(audits, account);
  if (isFinished || ticket.status === "closed")
    throw refusedError(`ticket ${ticket.id} is ${ticket.status}`);
}

/**
 * Any comment since this process looked makes the reply stale. A process that has not looked finishes what
 * another one began: then more words of the customer are no reason to keep it back, but an answer of the team is.
 */
function refuseWhenAnswered(state: TicketState): void {
  const { ticket, hasReadBefore, account } = state;
  const silent = new Set([account.botUserId, ...(hasReadBefore ? [] : [ticket.requester_id])]);
  const wrote = newerAudits(state).find(
    (audit) =>
      !silent.has(audit.author_id) &&
      audit.events.some(({ type, public: isPublic }) => type === "Comment" && isPublic === true),
  );
  if (wrote) throw conflictError("there is a new message on the ticket");
}

/** Fields and events that give a ticket another requester, brand or people in copy. */
const REASSIGNING_FIELDS = new Set(["requester_id", "brand_id"]);
const READER_EVENTS = new Set(["EmailCcChange", "CollaborationChange", "Cc"]);

/** What was written for one customer is not sent to the next. */
function refusePassedOn(state: TicketState): void {
  const passed = newerAudits(state).find(
    ({ author_id: author, events }) =>
      author !== state.account.botUserId &&
      events.some(
        ({ type, field_name: field }) =>
          READER_EVENTS.has(type) || (type === "Change" && REASSIGNING_FIELDS.has(field ?? "")),
      ),
  );
  if (passed) throw conflictError("it passed to another customer, brand or readers");
}

/** What was done since the conversation was judged. */
function newerAudits({ audits, judgedAuditId }: TicketState): readonly Audit[] {
  return audits.filter(({ id }) => id > judgedAuditId);
}

/** The ticket's number; a conversation of another channel has none. */
export function parsedTicketId(externalId: string): number {
  const id = recordNumber(externalId);
  if (id === null) throw refusedError("there is no such ticket");
  return id;
}

function conflictError(reason: string): DeskhandError {
  return new DeskhandError("channel.conflict", reason);
}

function refusedError(reason: string): DeskhandError {
  return new DeskhandError("channel.refused", reason);
}

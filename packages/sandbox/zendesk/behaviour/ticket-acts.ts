/** What happens to a ticket besides an update: it comes in by mail or messenger, is merged, assigned by a rule, rated. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { forbidden, recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import {
  type Actor,
  type Rating,
  type Ticket,
  viaOf,
} from "#sandbox/zendesk/records/ticket-model.ts";
import {
  findTicket,
  keepChange,
  createTicket,
  updateTicket,
} from "#sandbox/zendesk/records/tickets.ts";
import { UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";
import { applyRules } from "./rules.ts";
import { createOrUpdateUser } from "#sandbox/zendesk/records/account.ts";
import { SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { MailedFile, keepFile } from "#sandbox/zendesk/records/files.ts";

/** The tickets to merge and the comments to leave in them; both are private by default. */
export const MergeOrder = z.object({
  ids: z.array(z.number().int()).min(1).max(5),
  target_comment: z.string().optional(),
  source_comment: z.string().optional(),
  target_comment_is_public: z.boolean().optional(),
  source_comment_is_public: z.boolean().optional(),
});
type MergeOrder = z.infer<typeof MergeOrder>;

/** Merges tickets into another, past the rules: sources are closed, and both sides get a comment. */
export function mergeTickets(desk: Desk, actor: Actor, targetId: number, order: MergeOrder): void {
  desk.write(() => {
    const target = findTicket(desk, targetId);
    const sources = order.ids.map((id) => findTicket(desk, id));
    if (["solved", "closed"].includes(target.status)) {
      throw recordInvalid("base", "Merge: the target ticket is solved or closed");
    }
    if (sources.some((source) => source.status === "closed" || source.id === target.id)) {
      throw recordInvalid("base", "Merge: a source ticket is closed or is the target itself");
    }
    const allPublic = [target, ...sources].every((ticket) => ticket.is_public);
    for (const source of sources) mergeOne(desk, actor, { source, target, order, allPublic });
  });
}

function mergeOne(
  desk: Desk,
  actor: Actor,
  merge: {
    readonly source: Ticket;
    readonly target: Ticket;
    readonly order: MergeOrder;
    readonly allPublic: boolean;
  },
): void {
  const { source, target, order, allPublic } = merge;
  const last = desk.comments.of(source.id).at(-1)?.plain_body ?? "";
  const mergedWith = ({ id: ticket_id, subject }: Ticket): Actor => {
    const from = { ticket_id, subject };
    return { ...actor, via: { ...actor.via, source: { from, to: {}, rel: "merge" } } };
  };
  keepChange(desk, mergedWith(target), {
    before: source,
    fields: {
      ...source,
      status: "closed",
      tags: [...new Set([...source.tags, "closed_by_merge"])].toSorted(),
    },
    draft: {
      body:
        order.source_comment ??
        `This request was closed and merged into request #${target.id} "${target.subject}".`,
      public: allPublic && order.source_comment_is_public === true,
    },
    extra: { merged: true },
  });
  keepChange(desk, mergedWith(source), {
    // An earlier source of the same merge may have changed the target already.
    before: findTicket(desk, target.id),
    draft: {
      body:
        order.target_comment ??
        `Request #${source.id} "${source.subject}" was closed and merged into this request. Last comment in request #${source.id}:\n\n${last}`,
      public: allPublic && order.target_comment_is_public === true,
    },
  });
}

// What the account does by itself.

/** The account's own doing: audits have a negative author for it, and no user has that number. */
const SYSTEM_USER: User = {
  ...UNKNOWN_USER,
  id: -1,
  name: "System",
  role: "admin",
  verified: true,
};

const ASSIGNING_RULE_ID = 4_600_000_012;

/** An automation assigns a ticket, in an audit of the account's own. */
export function assignByRule(
  desk: Desk,
  ticketId: number,
  change: { readonly assignee_id: number | null; readonly group_id: number | null },
  title: string,
): void {
  desk.write(() => {
    const before = findTicket(desk, ticketId);
    const by = { author: SYSTEM_USER, withComment: false };
    const source = { from: { id: ASSIGNING_RULE_ID, title }, to: {}, rel: "automation" };
    const actor: Actor = { user: SYSTEM_USER, via: { channel: "rule", source }, system: {} };
    keepChange(desk, actor, { before, fields: applyRules(desk, before, change, by) });
  });
}

/** Stores what the requester says about a solved ticket; a later rating replaces an earlier one. */
export function rateTicket(
  desk: Desk,
  actor: Actor,
  ticketId: number,
  said: { readonly score: "good" | "bad"; readonly comment?: string | undefined },
): Rating {
  return desk.write(() => {
    const before = findTicket(desk, ticketId);
    if (before.requester_id !== actor.user.id) throw forbidden();
    if (before.status !== "solved") {
      throw recordInvalid("base", "Satisfaction rating: the ticket is not solved");
    }
    const known = desk.ratings.get(before.satisfaction.rating_id ?? 0);
    const rating = desk.save(
      desk.ratings,
      {
        ticket_id: before.id,
        requester_id: actor.user.id,
        assignee_id: before.assignee_id,
        group_id: before.group_id,
        score: said.score,
        comment: said.comment ?? known?.comment ?? null,
      },
      known,
    );
    const { score, comment, id: rating_id, assignee_id } = rating;
    const rated: Ticket = { ...before, satisfaction: { score, comment, rating_id } };
    const event = { type: "SatisfactionRating", score, body: comment, assignee_id } as const;
    keepChange(desk, actor, { before: rated, extraEvents: [event] });
    return rating;
  });
}

// Mail and messages from customers, and what staff do with mail that was held back.

/** A mail as the account's mailbox got it; `flags` are Zendesk's comment flags (0 and 1: the sender is doubtful). */
export const MailInput = z.strictObject({
  from: z.strictObject({ name: z.string().default(""), email: z.string() }),
  subject: z.string(),
  text: z.string(),
  html: z.string().optional(),
  to: z.string().default(SUPPORT_ADDRESS),
  /** Addresses in copy: each becomes a CC of the ticket. */
  cc: z.array(z.string()).default([]),
  ticketId: z.number().int().optional(),
  /** Whether an agent's mail is seen by the customer, which accounts set as they like. */
  public: z.boolean().optional(),
  /** The brand whose address it was sent to. */
  brandId: z.number().int().optional(),
  flags: z.array(z.number().int()).default([]),
  attachments: z.array(MailedFile).default([]),
  /** Headers of the mail that say a program sent it, such as Auto-Submitted; Zendesk flags the comment for them. */
  headers: z.record(z.string(), z.string()).default({}),
  /** Held back with this cause instead of becoming a ticket. */
  suspended: z.strictObject({ cause: z.string(), causeId: z.number().int() }).optional(),
});
type MailInput = z.infer<typeof MailInput>;

/**
 * A visitor starts a conversation in the messenger; `externalId` comes from a signed-in visitor's token, and a visitor
 * without it is anonymous. What they say is in the conversation's own log, which the sandbox does not have.
 */
export const MessengerInput = z.strictObject({
  name: z.string(),
  email: z.string().optional(),
  externalId: z.string().optional(),
});
type MessengerInput = z.infer<typeof MessengerInput>;

const NO_SYSTEM = { client: "", ip_address: "" };

/** Zendesk's number for a mail from a user the team has suspended. */
const CAUSE_SUSPENDED_USER = 16;
/** Comment flag of an author who is not part of the conversation. */
const FLAG_THIRD_PARTY = 2;
/** Zendesk's flag of a comment that was generated automatically. */
const FLAG_AUTOMATIC = 4;

/** A mail opens a ticket, adds a comment, or is held back; those of suspended people always are. */
export function receiveMail(
  desk: Desk,
  mail: MailInput,
): { ticket_id?: number; suspended_id?: number } {
  return desk.write(() => {
    const { name, email } = mail.from;
    if (mail.suspended) return suspendMail(desk, mail, mail.suspended);
    const user = createOrUpdateUser(desk, { email, name: name === "" ? undefined : name });
    if (user.suspended)
      return suspendMail(desk, mail, { cause: "User is suspended", causeId: CAUSE_SUSPENDED_USER });
    const source = {
      from: { address: email, name: user.name },
      to: { address: mail.to, name: "OurShop" },
      rel: null,
    };
    return { ticket_id: addMail(desk, mailActor(user, source), mail).id };
  });
}

function mailActor(user: User, source: Actor["via"]["source"]): Actor {
  return { user, via: { channel: "email", source }, system: NO_SYSTEM };
}

function addMail(desk: Desk, actor: Actor, mail: Omit<MailInput, "from" | "suspended">): Ticket {
  const before = mail.ticketId === undefined ? undefined : findTicket(desk, mail.ticketId);
  const copies = mail.cc.map((email) => createOrUpdateUser(desk, { email }).id);
  const isStranger = before !== undefined && isThirdParty(before, actor.user);
  const flags = [
    ...mail.flags,
    ...(isStranger ? [FLAG_THIRD_PARTY] : []),
    ...(isAutoReply(mail.headers) ? [FLAG_AUTOMATIC] : []),
  ];
  const comment = {
    body: mail.text,
    html_body: mail.html,
    public: mail.public,
    metadata: flags.length === 0 ? {} : { flags, trusted: false },
    hidden: isStranger,
    attachment_ids: mail.attachments.map((file) => keepFile(desk, file).id),
  };
  if (before !== undefined && before.status !== "closed") {
    // Participants of the conversation may bring others in.
    const added =
      isStranger || copies.length === 0
        ? {}
        : { email_cc_ids: [...new Set([...before.email_cc_ids, ...copies])] };
    return updateTicket(desk, actor, before.id, { comment, ...added }).ticket;
  }
  return createTicket(desk, actor, {
    subject: mail.subject,
    comment,
    requester_id: actor.user.id,
    recipient: mail.to,
    email_cc_ids: copies,
    brand_id: mail.brandId,
    // An answer to a closed ticket opens a follow-up of it.
    followup_source_id: before?.id,
  }).ticket;
}

/** RFC 3834 and what mail programs send besides it. */
function isAutoReply(headers: Readonly<Record<string, string>>): boolean {
  const named = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.toLowerCase()]),
  );
  const submitted = named["auto-submitted"];
  return (
    (submitted !== undefined && submitted !== "no") ||
    named["x-autoreply"] !== undefined ||
    named["x-autorespond"] !== undefined ||
    ["auto_reply", "bulk"].includes(named["precedence"] ?? "")
  );
}

/** Neither requester nor in copy nor staff: the comment is visible to the team only. */
function isThirdParty(ticket: Ticket, user: User): boolean {
  if (user.role !== "end-user") return false;
  return ticket.requester_id !== user.id && !ticket.email_cc_ids.includes(user.id);
}

function suspendMail(
  desk: Desk,
  mail: MailInput,
  { cause, causeId }: NonNullable<MailInput["suspended"]>,
): { suspended_id: number } {
  const held = desk.save(desk.suspended, {
    name: mail.from.name,
    email: mail.from.email,
    subject: mail.subject,
    content: mail.text,
    cause,
    cause_id: causeId,
    ticket_id: mail.ticketId ?? null,
  });
  return { suspended_id: held.id };
}

/** A suspended mail becomes the ticket or comment it would have been; its `via` records the suspension. */
export function recoverMail(desk: Desk, id: number): Ticket {
  return desk.write(() => {
    const mail = desk.suspended.get(id);
    if (mail === undefined) throw recordNotFound();
    const user = createOrUpdateUser(desk, { name: mail.name, email: mail.email });
    const source = {
      from: { address: mail.email, name: mail.name },
      to: {},
      rel: "recovered_from_suspended_tickets",
    };
    desk.suspended.remove(mail.id);
    const { email, subject, content: text, ticket_id: ticketId } = mail;
    const again = { from: { email }, subject, text, ticketId: ticketId ?? undefined };
    return addMail(desk, mailActor(user, source), MailInput.parse(again));
  });
}

/**
 * Opens a ticket from the messenger. As in Zendesk its one comment names the conversation, is for the team alone, and
 * holds nothing of what was said.
 */
export function receiveMessage(desk: Desk, said: MessengerInput): { ticket_id: number } {
  return desk.write(() => {
    const { name, email, externalId: external_id } = said;
    const verified = external_id === undefined ? undefined : true;
    const user = createOrUpdateUser(desk, { name, email, external_id, verified });
    const actor: Actor = { user, via: viaOf("native_messaging"), system: NO_SYSTEM };
    const subject = `Conversation with ${user.name}`;
    const comment = { body: subject, hidden: true };
    const draft = { subject, comment, requester_id: user.id };
    return { ticket_id: createTicket(desk, actor, draft).ticket.id };
  });
}

/** Mail and messages from customers, and what staff do with mail that was held back. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { type Actor, type Ticket, viaOf } from "#sandbox/zendesk/records/ticket-model.ts";
import { createTicket, findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { createOrUpdateUser } from "#sandbox/zendesk/records/account.ts";
import { SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { MailedFile, keepFile } from "#sandbox/zendesk/records/files.ts";

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

/** The people of a ticket: who takes part in it, who wrote a comment (a program or a person), and how far that is proven. */

import type { Barrier, ConversationParticipants } from "#core/contracts/channel.ts";
import { LINKED_TAG, type ZendeskOptions, type Programs } from "#zendesk/options.ts";
import type { Ticket, User, Audit, Comment, Via } from "#zendesk/api/schema.ts";
import {
  claimedIdentity,
  type IdentityEvidence,
  provenIdentity,
  unknownIdentity,
} from "#core/values/identity.ts";

/** What decides who takes part in a ticket and whether the bot may write there. */
interface BrandAccount {
  readonly options: Pick<ZendeskOptions, "brand" | "brands">;
  readonly botUserId: number;
}

/** The author id in a customer's messages. */
export function authorId(userId: number): string {
  return `zendesk:user:${userId}`;
}

/** Our name for a ticket's brand; null for one that is not on the list of brands. */
export function ticketBrand(
  { brand_id: id }: Ticket,
  { brand, brands }: BrandAccount["options"],
): string | null {
  if (brands === undefined) return brand;
  return Object.hasOwn(brands, String(id)) ? (brands[String(id)] ?? null) : null;
}

/** The participants of a ticket that was deleted, marked as spam, or hidden from the bot. */
export function deletedTicketParticipants(ticketId: number): ConversationParticipants {
  const reason = `ticket ${ticketId} was deleted, or is hidden from Deskhand`;
  return { customer: null, readers: [], barred: { reason, alert: null } };
}

/** An organisation whose people all read a ticket, in their help centre: its number and its name. */
export interface SharingOrganization {
  readonly id: number;
  readonly name: string;
}

/** The people of a ticket: the requester and all who get copies, and the organisation that reads along. */
export interface TicketPeople {
  readonly users: ReadonlyMap<number, User>;
  readonly sharedWith: SharingOrganization | null;
}

/** A ticket belongs to its requester, no matter which user submitted it or was its requester before. */
export function ticketParticipants(
  ticket: Ticket,
  { users, sharedWith }: TicketPeople,
  account: BrandAccount,
): ConversationParticipants {
  const { requester_id: requester } = ticket;
  const shared = sharedWith === null ? [] : [sharedWith];
  return {
    customer: requester === null ? "" : authorId(requester),
    readers: [
      ...outsideReaders(ticket, users),
      ...shared.map(({ id }) => `zendesk:organization:${id}`),
    ],
    reach: {
      to: requester === null ? "" : displayName(users.get(requester), requester),
      copies: [
        ...copiedUserIds(ticket).map((id) => displayName(users.get(id), id)),
        ...shared.map(({ name }) => `all people of ${name}, who see each other's tickets`),
      ],
    },
    barred: ticketBarrier(ticket, users, account),
    ...(isMessaging(ticket) ? { unserved: MESSAGING_REASON } : {}),
  };
}

/** Why nothing is answered on a ticket of Zendesk's messaging. */
const MESSAGING_REASON =
  "it is a messaging conversation, whose words are not in the ticket and which takes no answer through the ticket's comments";

/** Zendesk marks tickets of every kind of messaging, social channels included; older records have the channel only. */
function isMessaging({ from_messaging_channel: isMarked, via }: Ticket): boolean {
  return isMarked === true || via?.channel === "native_messaging";
}

/** People who get a copy of each public comment. The team reads everything anyway. */
function outsideReaders(ticket: Ticket, users: ReadonlyMap<number, User>): readonly string[] {
  const outside = copiedUserIds(ticket).filter((id) => {
    const role = users.get(id)?.role;
    return role === undefined || role === "end-user";
  });
  return outside.toSorted((one, other) => one - other).map(authorId);
}

/** The address comes first, because people choose their names freely. */
function displayName(user: User | undefined, id: number): string {
  if (user === undefined) return `user ${id}`;
  const address = user.email ?? "";
  const name = user.role === "end-user" ? user.name : `${user.name}, of the team`;
  return address === "" ? name : `${address} (${name})`;
}

/** Ids of all who get copies except the requester, by the old kind of CC or the new one. */
export function copiedUserIds(ticket: Ticket): readonly number[] {
  const copies = new Set([...(ticket.collaborator_ids ?? []), ...(ticket.email_cc_ids ?? [])]);
  copies.delete(ticket.requester_id ?? 0);
  return [...copies];
}

/** Why the bot must not write to a ticket; null when it may. */
function ticketBarrier(
  ticket: Ticket,
  users: ReadonlyMap<number, User>,
  { options, botUserId }: BrandAccount,
): Barrier | null {
  if (ticketBrand(ticket, options) === null) {
    const unlisted = `the Zendesk brand ${ticket.brand_id ?? "without a number"}`;
    return {
      reason: `${unlisted} is not on the list of brands`,
      alert: `Tickets of ${unlisted} are left alone: it is not on the list of brands (ZENDESK_BRANDS). Nothing is read for answers or written there.`,
    };
  }
  const requester = users.get(ticket.requester_id ?? 0);
  // Without the name: the reason is stored with the conversation and outlives the person's erasure.
  if (requester?.suspended === true) return barrier("the customer is suspended in Zendesk");
  // Tickets we opened ourselves are for people to work on, regardless of the requester.
  const isOurs = requester?.id === botUserId || ticket.tags.includes(LINKED_TAG);
  if (requester !== undefined && requester.role !== "end-user" && !isOurs)
    return barrier("whose request it is belongs to the team");
  return null;
}

function barrier(reason: string): Barrier {
  return { reason, alert: null };
}

/** How often a program is answered in a row, with no person in between. */
const ROUNDS_MAX = 2;

/** Comments by programs, by comment id: `known` may still be answered, `looping` may not. */
export type ProgramComments = ReadonlyMap<number, "known" | "looping">;

/**
 * Finds what programs said in these comments, oldest first, under their own name or in a customer's. Each time one answers us without a person in
 * between is a round; a person who writes a public comment ends the count.
 */
export function programComments(
  comments: readonly Comment[],
  audits: readonly Audit[],
  { botUserId, programs }: { readonly botUserId: number; readonly programs: Programs },
): ProgramComments {
  const submitters = new Map(audits.map(({ id, author_id: author }) => [id, author]));
  const { users } = programs;
  const isProgram = ({ author_id: author, audit_id: audit }: Comment): boolean =>
    users.includes(author) || users.includes(submitters.get(audit ?? 0) ?? author);
  const words = new Map<number, "known" | "looping">();
  const count = { rounds: 0, weSpoke: false };
  for (const comment of comments) {
    const ours = comment.author_id === botUserId;
    const byProgram = isProgram(comment);
    if (comment.public) {
      count.rounds = roundsAfter(count, { ours, byProgram });
      count.weSpoke = ours;
    }
    if (byProgram) words.set(comment.id, count.rounds >= ROUNDS_MAX ? "looping" : "known");
  }
  return words;
}

function roundsAfter(
  { rounds, weSpoke }: { readonly rounds: number; readonly weSpoke: boolean },
  { ours, byProgram }: { readonly ours: boolean; readonly byProgram: boolean },
): number {
  if (byProgram) return weSpoke ? rounds + 1 : rounds;
  return ours ? rounds : 0;
}

/**
 * Rules (triggers, automations and routing), the system itself and what follows when a user or group changes or is
 * deleted come by one of these: names and numbers of "via".
 */
const AUTOMATIC_CHANNELS: ReadonlySet<string> = new Set([
  "rule",
  "8",
  "system",
  "omnichannel_routing",
  "group_deletion",
  "10",
  "user_change",
  "11",
  "user_deletion",
  "12",
  "group_change",
  "13",
]);

/** True when no person did it: a rule, routing, the system (whose user id is negative), or a configured program. */
export function isAutomaticChange(
  change: { readonly author_id: number; readonly via: Via | null | undefined },
  programs: Programs,
): boolean {
  const { author_id: author, via } = change;
  if (author <= 0 || programs.users.includes(author)) return true;
  return AUTOMATIC_CHANNELS.has(via?.channel ?? "") || matchesRule(via, programs.rules);
}

function matchesRule(via: Via | null | undefined, names: readonly string[]): boolean {
  const { rel, from } = via?.source ?? {};
  const marks = [via?.channel, rel, from?.id, from?.title];
  return marks.some((mark) => mark != null && names.includes(String(mark)));
}

/**
 * Zendesk flags a comment it doubts ("Comment flags" in its ticket audits reference): 0 unsure whether to trust it,
 * 2 the author was not part of the conversation, 3 the author was not signed in, 4 generated automatically,
 * 11 submitted by another person on behalf of the author. 5 only says that an attachment was too big.
 */
const FLAG_AUTOMATIC = 4;
const FLAG_ATTACHMENT_TOO_BIG = 5;
const FLAG_ON_BEHALF = 11;

const MAIL_CHANNELS = new Set(["email", "mail", "4"]);
/** The help centre and its form; a request sent without a session carries flag 3. */
const SESSION_CHANNELS = new Set(["web", "web_form", "0"]);
/** By the same channel widgets and tabs take any address: they name themselves in "rel", which a form leaves empty. */
const FORM_RELS = new Set(["", "follow_up"]);
/**
 * Programs file tickets by the API in the name of whatever address was typed into them: a shop's contact form, a
 * connector, a telephone system. Zendesk does not say whether they checked it.
 */
const API_CHANNELS = new Set(["api", "web_service", "5"]);

/** Live chat: open to all visitors, with a session only for those the company's site has signed in. */
const CHAT_CHANNELS = new Set(["chat", "29"]);
/** The mark of a mail that an agent recovered from the suspended tickets. */
const RECOVERED_REL = "recovered_from_suspended_tickets";
const RECOVERED_CHANNEL = "21";

interface EvidenceInput {
  readonly comment: Comment;
  /** The comment's audit; without it there is no evidence of who acted. */
  readonly audit: Audit | undefined;
  readonly author: User | undefined;
  readonly requesterId: number | null;
  readonly senderAuthentication: boolean;
  /** User ids of integrations that sign customers in themselves, as the operator says. */
  readonly trustedForms: readonly number[];
}

/** How certain it is that the requester wrote this comment, by what Zendesk recorded about it. */
export function authorEvidence(question: EvidenceInput): IdentityEvidence {
  const { comment, author, requesterId } = question;
  if (comment.author_id !== requesterId || author?.role !== "end-user")
    return unknownIdentity("its author is not the customer of this ticket");
  const email = author.email?.toLowerCase();
  if (email) return evidenceFor(email, question);
  // A chat before it is asked for an address: the same visitor, but unidentified.
  return CHAT_CHANNELS.has(commentChannel(question))
    ? { ...unknownIdentity("an anonymous visitor of the chat"), level: 1, method: "claimed" }
    : unknownIdentity("the customer's account has no e-mail address");
}

function commentChannel({ comment, audit }: Pick<EvidenceInput, "comment" | "audit">): string {
  return (comment.via ?? audit?.via)?.channel ?? "";
}

/** True for a comment that was a mail, which quotes its thread. */
export function cameByMail(comment: Comment, audit: Audit | undefined): boolean {
  return MAIL_CHANNELS.has(commentChannel({ comment, audit }));
}

function evidenceFor(email: string, question: EvidenceInput): IdentityEvidence {
  const { comment, audit } = question;
  const isOwn = audit?.author_id === comment.author_id;
  if (isFlagged(comment, audit, isOwn))
    return claimedIdentity("Zendesk flagged this message as not trustworthy", email);
  if (isOwn) return evidenceByChannel(email, question);
  return question.trustedForms.includes(audit?.author_id ?? 0) &&
    API_CHANNELS.has(commentChannel(question))
    ? provenIdentity("zendesk-session", `signed in as ${email} to a form you trust`, email)
    : claimedIdentity("another user submitted it in the customer's name", email);
}

function evidenceByChannel(email: string, question: EvidenceInput): IdentityEvidence {
  const channel = commentChannel(question);
  if (isRecovered(question))
    return claimedIdentity("it had been held back as suspicious and was let in by hand", email);
  if (CHAT_CHANNELS.has(channel))
    return isSignedIn(question.author)
      ? provenIdentity("zendesk-session", `signed in to the chat as ${email}`, email)
      : claimedIdentity("written in the chat without signing in", email);
  if (MAIL_CHANNELS.has(channel))
    return question.senderAuthentication
      ? provenIdentity("zendesk-sender-authentication", "Zendesk authenticated the sender", email)
      : claimedIdentity("it came by mail, and the account does not authenticate senders", email);
  if (SESSION_CHANNELS.has(channel) && FORM_RELS.has(commentRel(question)))
    return question.author?.verified === true
      ? provenIdentity("zendesk-session", `signed in to Zendesk as ${email}`, email)
      : claimedIdentity("the address of their Zendesk account was never verified", email);
  return claimedIdentity("Zendesk does not say how the sender was checked", email);
}

function commentRel({ comment, audit }: EvidenceInput): string {
  return (comment.via ?? audit?.via)?.source?.rel ?? "";
}

function isRecovered(question: EvidenceInput): boolean {
  return commentRel(question) === RECOVERED_REL || commentChannel(question) === RECOVERED_CHANNEL;
}

/** A signed-in chat carries the site's own id for the user; an address that was only typed in does not. */
function isSignedIn(author: User | undefined): boolean {
  return author?.verified === true && (author.external_id ?? "") !== "";
}

/** Set for mail that Zendesk recognised as sent by a program; nothing may answer it. */
export function isAutomatic(comment: Comment, audit: Audit | undefined): boolean {
  return commentFlags(comment, audit).includes(FLAG_AUTOMATIC);
}

/** That another person submitted it, Zendesk flags too: it says no more than who the audit's author is. */
function isFlagged(comment: Comment, audit: Audit | undefined, isOwn: boolean): boolean {
  const flags = commentFlags(comment, audit);
  const isExpected = !isOwn && flags.includes(FLAG_ON_BEHALF);
  const isDoubted = comment.metadata?.trusted === false || audit?.metadata?.trusted === false;
  return (
    (isDoubted && !isExpected) ||
    flags.some(
      (flag) => flag !== FLAG_ATTACHMENT_TOO_BIG && !(isExpected && flag === FLAG_ON_BEHALF),
    )
  );
}

function commentFlags(comment: Comment, audit: Audit | undefined): number[] {
  return [...(comment.metadata?.flags ?? []), ...(audit?.metadata?.flags ?? [])];
}

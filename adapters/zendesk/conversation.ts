import type { Resolved } from "#core/channel.ts";
import type { Destination, Message, Segment } from "#core/message.ts";
import type { ZendeskClient } from "./client.ts";
import { visibleWords } from "./html.ts";
import { evidenceOf, isAutomatic } from "./identity.ts";
import type { ZendeskOptions } from "./options.ts";
import { type Account, isMerge, signalsOf } from "./ownership.ts";
import {
  type Audit,
  Audits,
  type Comment,
  Comments,
  type Ticket,
  TicketAnswer,
  type User,
  UsersAnswer,
} from "./schema.ts";
import { surveyRatings } from "./surveys.ts";

/** Which audit of each ticket this process has reported last: what came later has been seen by nobody here. */
export interface Seen {
  note(ticketId: number, auditId: number): void;
  last(ticketId: number): number | null;
}

const SEEN_MAX = 10_000;

export function seen(): Seen {
  const audits = new Map<number, number>();
  return {
    note(ticketId, auditId) {
      // Deleting first moves the entry to the end, so that the oldest one goes when there are too many.
      audits.delete(ticketId);
      audits.set(ticketId, auditId);
      const [oldest] = audits.keys();
      if (audits.size > SEEN_MAX && oldest !== undefined) audits.delete(oldest);
    },
    last: (ticketId) => audits.get(ticketId) ?? null,
  };
}

const TEXT_MAX = 200_000;
const SEGMENT_MAX = 50_000;
const USERS_PER_CALL = 100;

interface Reading {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  readonly seen: Seen;
  readonly botUserId: number;
}

/**
 * A ticket as it stands: all comments as messages, and what its audits say about owner and state. The events that led
 * here are only hints, so order, repetition and loss of webhooks make no difference. A ticket that was deleted, or that
 * the bot may not see, has nothing to say.
 */
export async function readTicket(
  reading: Reading,
  ticketId: number,
  signal: AbortSignal,
): Promise<Resolved> {
  const { client, options } = reading;
  const answer = await client.find(["tickets", ticketId], TicketAnswer, signal);
  const externalId = String(ticketId);
  if (answer === null || answer.ticket.status === "deleted")
    return { subject: "", brand: options.brand, externalId, messages: [], signals: [] };
  const { ticket } = answer;
  // Comments before audits, so that each comment has the audit that tells who wrote it.
  const comments = await client.list(["tickets", ticketId, "comments"], Comments, signal);
  const audits = await client.list(["tickets", ticketId, "audits"], Audits, signal);
  const users = await readUsers(reading, [...peopleOf(ticket, audits, comments)], signal);
  const surveys = await surveyRatings({ client, log: options.log }, ticketId, audits, signal);
  const newest = lastReported(audits, comments);
  if (newest !== null) reading.seen.note(ticketId, newest);
  const view: View = {
    ticket,
    audits: new Map(audits.map((audit) => [audit.id, audit])),
    users,
    reading,
  };
  return {
    subject: ticket.subject ?? "",
    brand: options.brands?.[String(ticket.brand_id)] ?? options.brand,
    externalId,
    messages: comments
      .toSorted((one, other) => one.id - other.id)
      .map((comment) => messageOf(comment, view)),
    signals: [...signalsOf(audits, accountOf(reading, users)), ...surveys],
  };
}

/** The last audit before any whose comment came too late for the list of comments. */
function lastReported(audits: readonly Audit[], comments: readonly Comment[]): number | null {
  const listed = new Set(comments.map(({ id }) => id));
  const sorted = audits.map(({ id }) => id).toSorted((one, other) => one - other);
  const late = audits
    .filter(({ events }) => events.some(({ id, type }) => type === "Comment" && !listed.has(id)))
    .map(({ id }) => id);
  const firstLate = Math.min(...late);
  return sorted.findLast((id) => id < firstLate) ?? null;
}

/** What the account's ids mean, for people to read. */
export function accountOf(
  { botUserId, options: { groups } }: Pick<Reading, "botUserId" | "options">,
  users: ReadonlyMap<number, User>,
): Account {
  const groupNames = new Map([
    [groups.bot, "the bot's group"],
    [groups.tier2, "the group Tier 2"],
    [groups.sensitive, "the group Sensitive"],
  ]);
  return {
    botUserId,
    botGroupId: groups.bot,
    nameOf: (id) => (id <= 0 ? "Zendesk" : (users.get(id)?.name ?? `user ${id}`)),
    groupNameOf: (id) => groupNames.get(id) ?? `group ${id}`,
  };
}

function peopleOf(
  ticket: Ticket,
  audits: readonly Audit[],
  comments: readonly Comment[],
): Set<number> {
  const assignees = audits
    .flatMap(({ events }) => events)
    .filter(({ field_name: field }) => field === "assignee_id")
    .map(({ value }) => Number(value));
  const ids = [
    ticket.requester_id ?? 0,
    ...audits.map(({ author_id: id }) => id),
    ...comments.map(({ author_id: id }) => id),
    ...assignees,
  ];
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

async function readUsers(
  { client }: Reading,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, User>> {
  const users = new Map<number, User>();
  for (let start = 0; start < ids.length; start += USERS_PER_CALL) {
    const some = ids.slice(start, start + USERS_PER_CALL).join(",");
    const answer = await client.get(["users", "show_many", { ids: some }], UsersAnswer, signal);
    for (const user of answer.users) users.set(user.id, user);
  }
  return users;
}

interface View {
  readonly ticket: Ticket;
  readonly audits: ReadonlyMap<number, Audit>;
  readonly users: ReadonlyMap<number, User>;
  readonly reading: Reading;
}

function messageOf(comment: Comment, view: View): Message {
  const { ticket, users, reading } = view;
  const author = users.get(comment.author_id);
  const audit = view.audits.get(comment.audit_id ?? 0);
  const kind = kindOf(comment, author, reading.botUserId);
  const fromCustomer = kind === "requester";
  const { text, segments } = textOf(comment);
  return {
    key: `zendesk:comment:${comment.id}`,
    author: {
      kind,
      id: `zendesk:user:${comment.author_id}`,
      name: author?.name ?? (comment.author_id <= 0 ? "Zendesk" : `user ${comment.author_id}`),
    },
    visibility: comment.public ? "public" : "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: cut(text, TEXT_MAX),
    segments: segments.map((segment) => ({ ...segment, text: cut(segment.text, SEGMENT_MAX) })),
    attachments: (comment.attachments ?? []).slice(0, 100).map((attachment) => ({
      name: attachment.file_name ?? "",
      mediaType: attachment.content_type ?? "application/octet-stream",
      bytes: attachment.size ?? 0,
    })),
    sentAt: new Date(comment.created_at).toISOString(),
    identity: evidenceOf({
      comment,
      audit,
      author,
      requesterId: ticket.requester_id,
      senderAuthentication: reading.options.senderAuthentication,
    }),
    answerTo: fromCustomer && comment.public ? destinationOf(ticket, comment) : null,
    answerPrivatelyTo: null,
    ignore: fromCustomer ? ignoredBecause(comment, audit) : null,
  };
}

/**
 * Everybody who is no teammate and not us counts as a customer writing; that it may not be the customer of this ticket
 * is a matter of identity and of who reads along.
 */
function kindOf(
  comment: Comment,
  author: User | undefined,
  botUserId: number,
): Message["author"]["kind"] {
  if (comment.author_id === botUserId) return "bot";
  if (comment.author_id <= 0 || isMerge(comment.via)) return "system";
  return author?.role === "end-user" || author === undefined ? "requester" : "teammate";
}

/** A closed ticket takes no comments any more. */
function destinationOf(ticket: Ticket, comment: Comment): Destination | null {
  if (ticket.status === "closed") return null;
  const copies = new Set([...(ticket.collaborator_ids ?? []), ...(ticket.email_cc_ids ?? [])]);
  copies.delete(ticket.requester_id ?? 0);
  const alone = copies.size === 0 && comment.author_id === ticket.requester_id;
  return {
    label: `public comment on ticket ${ticket.id}`,
    audience: alone ? "private" : "shared",
    address: { ticketId: ticket.id },
  };
}

function ignoredBecause(comment: Comment, audit: Audit | undefined): string | null {
  if (isAutomatic(comment, audit)) return "it was sent by a program";
  return comment.public
    ? null
    : "somebody outside the conversation wrote it, and only the team sees it";
}

function textOf(comment: Comment): { text: string; segments: Segment[] } {
  if (!comment.html_body) return quotedApart(comment.body ?? "", []);
  const words = visibleWords(comment.html_body);
  return quotedApart(words.text, words.segments);
}

/** Takes lines quoted with ">" out of the new words, with the line that introduces them. */
function quotedApart(text: string, segments: Segment[]): { text: string; segments: Segment[] } {
  const lines = text.split("\n");
  const isQuote = lines.map((line, index) => {
    const introduces = /^\s*\S.{0,200}\b(wrote|schrieb):\s*$/.test(line);
    return line.startsWith(">") || (introduces && lines[index + 1]?.startsWith(">") === true);
  });
  if (!isQuote.includes(true)) return { text, segments };
  const quoted = lines.filter((_, index) => isQuote[index]).join("\n");
  const own = lines.filter((_, index) => !isQuote[index]).join("\n");
  return { text: own.trim(), segments: [...segments, { kind: "quoted", text: quoted }] };
}

/** Says how much is missing, so that nobody takes a part for the whole. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 100).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters were cut]`;
}

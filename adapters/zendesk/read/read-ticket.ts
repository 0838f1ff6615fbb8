/**
 * Room: reads a ticket as a conversation, and learns of changes by webhook and by export.
 * In: a ticket number, a webhook delivery, or a page of the incremental export.
 * Out: messages, ownership signals, participants and files in core's words; hints for intake.
 * May touch: Zendesk for reading, and the caches of tickets and users in memory. It writes nothing to a ticket.
 */
import type { Resolved, ConversationParticipants } from "#core/contracts/channel.ts";
import type { Destination, Message, Segment } from "#core/values/message.ts";
import { attachmentsOf } from "./attachments.ts";
import { NO_PROGRAMS, programComments, type ProgramComments } from "./automatic-authors.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { readCommentHtml } from "./comment-html.ts";
import { removeInvisible } from "./invisible-characters.ts";
import { evidenceOf, isAutomatic } from "./identity.ts";
import { parentTicketMessage } from "./parent-ticket.ts";
import { type TicketCache, STAMP_TOLERANCE_MS } from "./ticket-cache.ts";
import { quoteMergedTickets, type MergeQuotes } from "./merged-tickets.ts";
import { RESUME_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import { splitQuotes } from "./quoted-text.ts";
import { type Account, isMerge, signalsOf } from "./ownership-signals.ts";
import { authorId, brandOf, copiesOf, deletedTicketTerms, termsOf } from "./participants.ts";
import {
  type Audit,
  AuditsPage,
  type Comment,
  CommentsPage,
  type Ticket,
  TicketAnswer,
  type User,
  UsersAnswer,
} from "#zendesk/api/schema.ts";
import { surveyRatings } from "./surveys.ts";

/** Which audit of each ticket this process has reported last: this process has not seen what came later. */
export interface ReportedAudits {
  note(ticketId: number, auditId: number): void;
  last(ticketId: number): number | null;
}

const REPORTED_TICKETS_MAX = 10_000;

export function reportedAudits(): ReportedAudits {
  const audits = new Map<number, number>();
  return {
    note(ticketId, auditId) {
      // Deleting first moves the entry to the end, so that the oldest one goes when there are too many.
      audits.delete(ticketId);
      audits.set(ticketId, auditId);
      const [oldest] = audits.keys();
      if (audits.size > REPORTED_TICKETS_MAX && oldest !== undefined) audits.delete(oldest);
    },
    last: (ticketId) => audits.get(ticketId) ?? null,
  };
}

const TEXT_MAX = 200_000;
const SEGMENT_MAX = 50_000;
const USERS_PER_CALL = 100;

/** The dependencies of reading tickets. */
export interface TicketReader {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  readonly reported: ReportedAudits;
  readonly cache: TicketCache;
  readonly userCache: UserCache;
  readonly botUserId: number;
}

/** Users by id, cached until `until`. */
export type UserCache = Map<number, { readonly user: User; readonly until: number }>;

/** Names, addresses and roles of people change rarely, and none of it decides who acted. */
const USER_CACHE_MS = 5 * 60_000;
const CACHED_USERS_MAX = 5_000;

/**
 * A ticket in its current state: all comments as messages, and signals from its audits about owner and state. Events
 * are only hints, so order, repetition and loss of webhooks make no difference. A ticket that was deleted, or that the
 * bot may not see, gives no messages.
 */
export async function readTicket(
  reading: TicketReader,
  ticketId: number,
  signal: AbortSignal,
  /** `mayRemember`: a ticket whose stamp has not changed may come from the cache. */
  { mayUseCache, noWait = false }: { readonly mayUseCache: boolean; readonly noWait?: boolean },
): Promise<Resolved> {
  const { client, options, cache } = reading;
  const begin = noWait ? client.noWait : client;
  const answer = await begin.find(["tickets", ticketId], TicketAnswer, signal);
  // A change made while the lists are read may be missing from one of them.
  const readUpTo = client.serverTime() - STAMP_TOLERANCE_MS;
  const externalId = String(ticketId);
  if (answer === null || answer.ticket.status === "deleted")
    return {
      subject: "",
      brand: options.brand,
      externalId,
      messages: [],
      signals: [],
      participants: deletedTicketTerms(ticketId),
    };
  const { ticket } = answer;
  const known = mayUseCache ? cache.readUpTo(ticketId, Date.parse(ticket.updated_at)) : null;
  if (known !== null) return known.resolved;
  return await readWholeTicket(reading, ticket, readUpTo, signal);
}

/** Reads a whole ticket and caches it as of `readUpTo` by Zendesk's clock. */
async function readWholeTicket(
  reading: TicketReader,
  ticket: Ticket,
  readUpTo: number,
  signal: AbortSignal,
): Promise<Resolved> {
  const { client, options, cache } = reading;
  const { longWait } = client;
  const ticketId = ticket.id;
  // Comments before audits, so that each comment has the audit that tells who wrote it.
  const comments = await longWait.list(["tickets", ticketId, "comments"], CommentsPage, signal, {
    // Otherwise inline pictures would not even be named.
    include_inline_images: true,
  });
  const audits = await longWait.list(["tickets", ticketId, "audits"], AuditsPage, signal);
  const users = await readUsers(reading, [...userIdsIn(ticket, audits, comments)], signal);
  const surveys = await surveyRatings(
    { client: longWait, log: options.log },
    ticketId,
    audits,
    signal,
  );
  const newest = lastReportedAudit(audits, comments);
  if (newest !== null) reading.reported.note(ticketId, newest);
  const terms = termsOf(ticket, users, reading);
  const view: LoadedTicket = {
    ticket,
    terms,
    audits: new Map(audits.map((audit) => [audit.id, audit])),
    users,
    reading,
    quotes: await quoteMergedTickets(reading, comments, signal),
    programs: programComments(comments, audits, {
      ...reading,
      programs: options.programs ?? NO_PROGRAMS,
    }),
  };
  const parent = await parentTicketMessage(reading, ticket, comments, signal);
  const resolved = {
    subject: ticket.subject ?? "",
    // An unlisted brand is named by its id, so that a move to or from it counts as a change.
    brand: brandOf(ticket, options) ?? `zendesk:${ticket.brand_id ?? ""}`,
    externalId: String(ticketId),
    messages: [
      ...(parent === null ? [] : [parent]),
      ...comments
        .toSorted((one, other) => one.id - other.id)
        .map((comment) => messageOf(comment, view)),
    ],
    signals: [...signalsOf(audits, accountOf(reading, users)), ...surveys],
    terms,
    ...(ticket.due_at == null
      ? {}
      : {
          due: { at: new Date(ticket.due_at).toISOString(), by: `due date of ticket ${ticketId}` },
        }),
  };
  cache.keep(ticketId, { ticket, audits, resolved, readUpTo });
  return resolved;
}

/** The last audit before the first one whose comment is missing from the list of comments. */
function lastReportedAudit(audits: readonly Audit[], comments: readonly Comment[]): number | null {
  const listed = new Set(comments.map(({ id }) => id));
  const sorted = audits.map(({ id }) => id).toSorted((one, other) => one - other);
  const late = audits
    .filter(({ events }) => events.some(({ id, type }) => type === "Comment" && !listed.has(id)))
    .map(({ id }) => id);
  const firstLate = Math.min(...late);
  return sorted.findLast((id) => id < firstLate) ?? null;
}

/** The bot's ids, and readable names for the account's other ids. */
export function accountOf(
  { botUserId, options }: Pick<TicketReader, "botUserId" | "options">,
  users: ReadonlyMap<number, User>,
): Account {
  const { groups, resumeTag = RESUME_TAG, programs = NO_PROGRAMS } = options;
  const groupNames = new Map([
    [groups.bot, "the bot's group"],
    [groups.tier2, "the group Tier 2"],
    [groups.sensitive, "the group Sensitive"],
  ]);
  return {
    botUserId,
    botGroupId: groups.bot,
    resumeTag,
    programs,
    nameOf: (id) => nameOf(id, users),
    groupNameOf: (id) => groupNames.get(id) ?? `group ${id}`,
  };
}

/** The system has ids below one. */
function nameOf(id: number, users: ReadonlyMap<number, User>): string {
  return id <= 0 ? "Zendesk" : (users.get(id)?.name ?? `user ${id}`);
}

function userIdsIn(
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
    ...copiesOf(ticket),
    ...audits.map(({ author_id: id }) => id),
    ...comments.map(({ author_id: id }) => id),
    ...assignees,
  ];
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

/** People by their ids; those the account does not know any more are left out. */
export async function readUsers(
  { client, userCache }: Pick<TicketReader, "client" | "userCache">,
  ids: readonly number[],
  signal: AbortSignal,
  /** True where a suspension a moment ago matters. */
  { isFresh = false } = {},
): Promise<ReadonlyMap<number, User>> {
  const now = performance.now();
  const missing = ids.filter((id) => isFresh || (userCache.get(id)?.until ?? 0) < now);
  if (userCache.size > CACHED_USERS_MAX) userCache.clear();
  const found = new Map<number, User>();
  for (let start = 0; start < missing.length; start += USERS_PER_CALL) {
    const some = missing.slice(start, start + USERS_PER_CALL).join(",");
    const path = ["users", "show_many", { ids: some }];
    const answer = await client.longWait.get(path, UsersAnswer, signal);
    for (const user of answer.users) {
      found.set(user.id, user);
      // A suspended user is not cached, so that the end of a suspension takes effect at once.
      userCache.set(user.id, { user, until: user.suspended === true ? now : now + USER_CACHE_MS });
    }
  }
  return new Map(
    ids.flatMap((id) => {
      const user = found.get(id) ?? userCache.get(id)?.user;
      return user === undefined ? [] : [[id, user] as const];
    }),
  );
}

interface LoadedTicket {
  readonly ticket: Ticket;
  readonly terms: ConversationParticipants;
  readonly audits: ReadonlyMap<number, Audit>;
  readonly users: ReadonlyMap<number, User>;
  readonly reading: TicketReader;
  readonly quotes: MergeQuotes;
  readonly programs: ProgramComments;
}

function messageOf(comment: Comment, view: LoadedTicket): Message {
  const { ticket, users, reading } = view;
  const author = users.get(comment.author_id);
  const audit = view.audits.get(comment.audit_id ?? 0);
  const program = view.programs.get(comment.id);
  const kind = kindOf(comment, author, {
    botUserId: reading.botUserId,
    isProgram: program !== undefined,
  });
  const fromCustomer = kind === "requester";
  const { text, segments } = view.quotes.get(comment.id) ?? commentText(comment);
  return {
    key: `zendesk:comment:${comment.id}`,
    author: {
      kind,
      id: authorId(comment.author_id),
      name: nameOf(comment.author_id, users),
      ...(program === undefined ? {} : { program }),
    },
    visibility: comment.public ? "public" : "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: shorten(text, TEXT_MAX),
    segments: segments.map((segment) => ({ ...segment, text: shorten(segment.text, SEGMENT_MAX) })),
    attachments: attachmentsOf(comment),
    sentAt: new Date(comment.created_at).toISOString(),
    identity: evidenceOf({
      comment,
      audit,
      author,
      requesterId: ticket.requester_id,
      senderAuthentication: reading.options.senderAuthentication,
    }),
    answerTo: fromCustomer && comment.public ? destinationOf(view, comment) : null,
    answerPrivatelyTo: null,
    ignore: fromCustomer ? ignoreReason(comment, audit) : null,
  };
}

/**
 * An author who is neither a teammate nor us counts as a customer; that it may not be the customer of this ticket
 * is a matter of identity and of who reads along.
 */
function kindOf(
  comment: Comment,
  author: User | undefined,
  { botUserId, isProgram }: { readonly botUserId: number; readonly isProgram: boolean },
): Message["author"]["kind"] {
  if (comment.author_id === botUserId) return "bot";
  if (comment.author_id <= 0 || isMerge(comment.via)) return "system";
  if (author?.role === "end-user" || author === undefined) return "requester";
  // What a program says as an agent is neither a person's answer nor a question.
  return isProgram ? "system" : "teammate";
}

/** A closed ticket takes no comments any more, and those of one from messaging are not delivered. */
function destinationOf({ ticket, terms }: LoadedTicket, comment: Comment): Destination | null {
  if (ticket.status === "closed" || terms.unserved !== undefined) return null;
  const alone = terms.readers.length === 0 && comment.author_id === ticket.requester_id;
  return {
    label: `public comment on ticket ${ticket.id}`,
    audience: alone ? "private" : "shared",
    address: { ticketId: ticket.id },
  };
}

function ignoreReason(comment: Comment, audit: Audit | undefined): string | null {
  if (isAutomatic(comment, audit)) return "it was sent by a program";
  return comment.public
    ? null
    : "its author is not part of the conversation, and only the team sees it";
}

function commentText(comment: Comment): { text: string; segments: Segment[] } {
  if (!comment.html_body)
    return splitQuotes(removeInvisible({ text: comment.body ?? "", segments: [] }));
  return splitQuotes(removeInvisible(readCommentHtml(comment.html_body)));
}

/** Says how much is missing, so that a part is not taken for the whole. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 100).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters were cut]`;
}

/** Reads a ticket as a conversation. */
import type { Resolved, ConversationParticipants } from "#core/contracts/channel.ts";
import type { Destination, Message, Segment } from "#core/values/message.ts";
import { attachmentsOf } from "./attachments.ts";
import { NO_PROGRAMS, programWords, type ProgramWords } from "./automatic-authors.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { visibleWords } from "./comment-html.ts";
import { revealed } from "./invisible-characters.ts";
import { evidenceOf, isAutomatic } from "./identity.ts";
import { followed } from "./parent-ticket.ts";
import { type TicketCache, STAMP_MS } from "./ticket-cache.ts";
import { quotesOf, type Quotes } from "./merged-tickets.ts";
import { RESUME_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import { splitQuotes } from "./quoted-text.ts";
import { type Account, isMerge, signalsOf } from "./ownership-signals.ts";
import { authorId, brandOf, copiesOf, goneTerms, termsOf } from "./participants.ts";
import {
  type Audit,
  Audits,
  type Comment,
  Comments,
  type Ticket,
  TicketAnswer,
  type User,
  UsersAnswer,
} from "#zendesk/api/schema.ts";
import { surveyRatings } from "./surveys.ts";

/** Which audit of each ticket this process has reported last: this process has not seen what came later. */
export interface SeenTicket {
  note(ticketId: number, auditId: number): void;
  last(ticketId: number): number | null;
}

const SEEN_MAX = 10_000;

export function ticketSeen(): SeenTicket {
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

/** The dependencies of reading tickets. */
export interface TicketReader {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  readonly seen: SeenTicket;
  readonly memory: TicketCache;
  readonly people: People;
  readonly botUserId: number;
}

/** Users by id, cached until `until`. */
export type People = Map<number, { readonly user: User; readonly until: number }>;

/** Names, addresses and roles of people change rarely, and none of it decides who acted. */
const PEOPLE_MS = 5 * 60_000;
const PEOPLE_MAX = 5_000;

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
  { mayRemember, isSpare = false }: { readonly mayRemember: boolean; readonly isSpare?: boolean },
): Promise<Resolved> {
  const { client, options, memory } = reading;
  const begin = isSpare ? client.spare : client;
  const answer = await begin.find(["tickets", ticketId], TicketAnswer, signal);
  // A change made while the lists are read may be missing from one of them.
  const readUpTo = client.serverTime() - STAMP_MS;
  const externalId = String(ticketId);
  if (answer === null || answer.ticket.status === "deleted")
    return {
      subject: "",
      brand: options.brand,
      externalId,
      messages: [],
      signals: [],
      participants: goneTerms(ticketId),
    };
  const { ticket } = answer;
  const known = mayRemember ? memory.readUpTo(ticketId, Date.parse(ticket.updated_at)) : null;
  if (known !== null) return known.resolved;
  return await readWhole(reading, ticket, readUpTo, signal);
}

/** Reads a whole ticket and caches it as of `readUpTo` by Zendesk's clock. */
async function readWhole(
  reading: TicketReader,
  ticket: Ticket,
  readUpTo: number,
  signal: AbortSignal,
): Promise<Resolved> {
  const { client, options, memory } = reading;
  const { goingOn } = client;
  const ticketId = ticket.id;
  // Comments before audits, so that each comment has the audit that tells who wrote it.
  const comments = await goingOn.list(["tickets", ticketId, "comments"], Comments, signal, {
    // Otherwise inline pictures would not even be named.
    include_inline_images: true,
  });
  const audits = await goingOn.list(["tickets", ticketId, "audits"], Audits, signal);
  const users = await readUsers(reading, [...peopleOf(ticket, audits, comments)], signal);
  const surveys = await surveyRatings(
    { client: goingOn, log: options.log },
    ticketId,
    audits,
    signal,
  );
  const newest = lastReported(audits, comments);
  if (newest !== null) reading.seen.note(ticketId, newest);
  const terms = termsOf(ticket, users, reading);
  const view: TicketReading = {
    ticket,
    terms,
    audits: new Map(audits.map((audit) => [audit.id, audit])),
    users,
    reading,
    quotes: await quotesOf(reading, comments, signal),
    programs: programWords(comments, audits, {
      ...reading,
      programs: options.programs ?? NO_PROGRAMS,
    }),
  };
  const parent = await followed(reading, ticket, comments, signal);
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
  memory.keep(ticketId, { ticket, audits, resolved, readUpTo });
  return resolved;
}

/** The last audit before the first one whose comment is missing from the list of comments. */
function lastReported(audits: readonly Audit[], comments: readonly Comment[]): number | null {
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
    ...copiesOf(ticket),
    ...audits.map(({ author_id: id }) => id),
    ...comments.map(({ author_id: id }) => id),
    ...assignees,
  ];
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

/** People by their ids; those the account does not know any more are left out. */
export async function readUsers(
  { client, people }: Pick<TicketReader, "client" | "people">,
  ids: readonly number[],
  signal: AbortSignal,
  /** True where a suspension a moment ago matters. */
  { isFresh = false } = {},
): Promise<ReadonlyMap<number, User>> {
  const now = performance.now();
  const missing = ids.filter((id) => isFresh || (people.get(id)?.until ?? 0) < now);
  if (people.size > PEOPLE_MAX) people.clear();
  const found = new Map<number, User>();
  for (let start = 0; start < missing.length; start += USERS_PER_CALL) {
    const some = missing.slice(start, start + USERS_PER_CALL).join(",");
    const path = ["users", "show_many", { ids: some }];
    const answer = await client.goingOn.get(path, UsersAnswer, signal);
    for (const user of answer.users) {
      found.set(user.id, user);
      // A suspended user is not cached, so that the end of a suspension takes effect at once.
      people.set(user.id, { user, until: user.suspended === true ? now : now + PEOPLE_MS });
    }
  }
  return new Map(
    ids.flatMap((id) => {
      const user = found.get(id) ?? people.get(id)?.user;
      return user === undefined ? [] : [[id, user] as const];
    }),
  );
}

interface TicketReading {
  readonly ticket: Ticket;
  readonly terms: ConversationParticipants;
  readonly audits: ReadonlyMap<number, Audit>;
  readonly users: ReadonlyMap<number, User>;
  readonly reading: TicketReader;
  readonly quotes: Quotes;
  readonly programs: ProgramWords;
}

function messageOf(comment: Comment, view: TicketReading): Message {
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
    text: cut(text, TEXT_MAX),
    segments: segments.map((segment) => ({ ...segment, text: cut(segment.text, SEGMENT_MAX) })),
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
    ignore: fromCustomer ? ignoredBecause(comment, audit) : null,
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
function destinationOf({ ticket, terms }: TicketReading, comment: Comment): Destination | null {
  if (ticket.status === "closed" || terms.unserved !== undefined) return null;
  const alone = terms.readers.length === 0 && comment.author_id === ticket.requester_id;
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

function commentText(comment: Comment): { text: string; segments: Segment[] } {
  if (!comment.html_body) return splitQuotes(revealed({ text: comment.body ?? "", segments: [] }));
  return splitQuotes(revealed(visibleWords(comment.html_body)));
}

/** Says how much is missing, so that a part is not taken for the whole. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 100).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters were cut]`;
}

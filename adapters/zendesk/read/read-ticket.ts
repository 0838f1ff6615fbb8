/**
 * Room: reads a ticket as a conversation, or many to rehearse on, and learns of changes by webhook and by export.
 * In: a ticket number, a webhook delivery, or a page of the incremental export.
 * Out: messages, ownership signals, participants and files in core's words; hints for intake.
 * May touch: Zendesk for reading, and the caches of tickets and users in memory. It writes nothing to a ticket.
 */

import type { Resolved } from "#core/contracts/channel.ts";
import { unknownIdentity } from "#core/values/identity.ts";
import { type Message, plainMessage } from "#core/values/message.ts";
import { type Audit, type Comment, Ticket, type User } from "#zendesk/api/schema.ts";
import { NO_PROGRAMS, type ZendeskOptions } from "#zendesk/options.ts";
import {
  programComments,
  ticketBrand,
  copiedUserIds,
  deletedTicketParticipants,
  ticketParticipants,
} from "./authors.ts";
import { type LoadedTicket, commentMessage, zendeskUserName } from "./comment-message.ts";
import { quoteMergedTickets, publicTicketText, surveyRatings } from "./other-tickets.ts";
import { type Account, ownershipSignals } from "./ownership-signals.ts";
import {
  currentTicket,
  organizationReadingAlong,
  readUsers,
  rememberTicket,
  STAMP_TOLERANCE_MS,
  ticketAudits,
  ticketComments,
  type TicketReader,
  ticketReadUpTo,
  type TicketReading,
  ticketReading,
} from "./ticket-reader.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { requireWriter } from "#zendesk/setup/permissions.ts";
import { polledDelivery } from "./arrivals.ts";

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
  const { client, options } = reading;
  const ticket = await currentTicket(noWait ? client.noWait : client, ticketId, signal);
  // A change made while the lists are read may be missing from one of them.
  const readUpTo = client.serverTime() - STAMP_TOLERANCE_MS;
  if (ticket === null)
    return {
      subject: "",
      brand: options.brand,
      externalId: String(ticketId),
      messages: [],
      signals: [],
      participants: deletedTicketParticipants(ticketId),
    };
  const known = mayUseCache
    ? ticketReadUpTo(reading, ticketId, Date.parse(ticket.updated_at))
    : null;
  return known?.resolved ?? (await readWholeTicket(reading, ticket, readUpTo, signal));
}

/** Reads a whole ticket and caches it as of `readUpTo` by Zendesk's clock. */
async function readWholeTicket(
  reading: TicketReader,
  ticket: Ticket,
  readUpTo: number,
  signal: AbortSignal,
): Promise<Resolved> {
  const { client, options } = reading;
  const ticketId = ticket.id;
  // Comments before audits, so that each comment has the audit that tells who wrote it.
  const comments = await ticketComments(client, ticketId, signal);
  const audits = await ticketAudits(client, ticketId, signal);
  const users = await readUsers(reading, [...userIdsIn(ticket, audits, comments)], signal);
  const surveys = await surveyRatings(reading, ticketId, audits, signal);
  const newest = lastReportedAudit(audits, comments);
  if (newest !== null) reading.reported.set(ticketId, newest);
  const sharedWith = await organizationReadingAlong(reading, ticket, signal);
  const participants = ticketParticipants(ticket, { users, sharedWith }, reading);
  const view: LoadedTicket = {
    ticket,
    participants,
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
  const resolved: Resolved = {
    subject: ticket.subject ?? "",
    // An unlisted brand is named by its id, so that a move to or from it counts as a change.
    brand: ticketBrand(ticket, options) ?? `zendesk:${ticket.brand_id ?? ""}`,
    externalId: String(ticketId),
    messages: [
      ...(parent === null ? [] : [parent]),
      ...comments.map((comment) => commentMessage(comment, view)),
    ],
    signals: [...ownershipSignals(audits, signalAccount(reading, users)), ...surveys],
    participants,
    ...(ticket.due_at == null
      ? {}
      : {
          due: { at: new Date(ticket.due_at).toISOString(), by: `due date of ticket ${ticketId}` },
        }),
  };
  rememberTicket(reading, { ticket, audits, resolved, readUpTo });
  return resolved;
}

/** The last audit before the first one whose comment is missing from the list of comments. */
function lastReportedAudit(audits: readonly Audit[], comments: readonly Comment[]): number | null {
  const listed = new Set(comments.map(({ id }) => id));
  const late = audits
    .filter(({ events }) => events.some(({ id, type }) => type === "Comment" && !listed.has(id)))
    .map(({ id }) => id);
  const firstLate = Math.min(...late);
  return audits.findLast(({ id }) => id < firstLate)?.id ?? null;
}

/** The bot's ids, and readable names for the account's other ids. */
export function signalAccount(
  { botUserId, options }: Pick<TicketReader, "botUserId" | "options">,
  users: ReadonlyMap<number, User>,
): Account {
  const { groups, programs = NO_PROGRAMS } = options;
  const groupNames = new Map([
    [groups.bot, "the bot's group"],
    [groups.tier2, "the group Tier 2"],
    [groups.sensitive, "the group Sensitive"],
  ]);
  return {
    botUserId,
    botGroupId: groups.bot,
    programs,
    nameOf: (id) => zendeskUserName(id, users),
    isEndUser: (id) => users.get(id)?.role === "end-user",
    groupNameOf: (id) => groupNames.get(id) ?? `group ${id}`,
  };
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
    ...copiedUserIds(ticket),
    ...audits.map(({ author_id: id }) => id),
    ...comments.map(({ author_id: id }) => id),
    ...assignees,
  ];
  return new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0));
}

// Reads the closed ticket that a follow-up ticket continues.

/**
 * What was said on the closed ticket that this one follows, as one internal system text before its first comment: the
 * agent may know it, it gets no reply, and no state of that ticket comes with it. Null for a ticket that follows none.
 */
async function parentTicketMessage(
  reading: TicketReading,
  ticket: Ticket,
  comments: readonly Comment[],
  signal: AbortSignal,
): Promise<Message | null> {
  const { via } = ticket;
  const parentId = via?.source?.rel === "follow_up" ? via.source.from?.ticket_id : null;
  const [first] = comments;
  if (!parentId || first === undefined) return null;
  const earlier = await publicTicketText(reading, parentId, signal);
  const words =
    earlier === null
      ? "It cannot be read any more."
      : earlier.requesterId === ticket.requester_id
        ? `Subject: ${earlier.subject}\n\n${earlier.text}`
        : // A person in copy replied: the other customer's text is third-party data.
          "It was another customer's, so its words are not shown.";
  return plainMessage({
    key: `zendesk:follows:${ticket.id}:${parentId}`,
    author: { kind: "system", id: "zendesk:system", name: "Zendesk" },
    visibility: "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: `This conversation follows ticket ${parentId}, which is closed. What was said there, to read only:\n\n${words}`,
    // Before all other messages of this conversation.
    sentAt: new Date(Date.parse(first.created_at) - 1).toISOString(),
    identity: unknownIdentity("written by the help desk"),
  });
}

/** Pages of a hundred: beyond them even a busy account's last month is read. */
const PAGES_MAX = 100;

/** A rehearsal has time, so it may wait long for room in the account's limits. */
const WAIT_MS = 90_000;

/**
 * The tickets solved last, newest first, at most `last` of them. Only reads: the connection it makes refuses every other
 * call before it is sent. `progress` is told how many were read. Each is as the channel would read it, with its customer's
 * address; null where the account has none. Throws what a call to Zendesk throws.
 */
export async function solvedTickets(
  options: ZendeskOptions,
  asked: {
    readonly last: number;
    readonly signal: AbortSignal;
    readonly progress: (read: number) => void;
  },
) {
  const { signal } = asked;
  const token = options.writerToken;
  const client = zendeskClient({ ...options, token, waitMsMax: WAIT_MS, readOnly: true });
  const reading = {
    ...ticketReading(options, client),
    botUserId: options.botUserId ?? (await requireWriter({ client, signal })),
  };
  const found: { id: number; customer: string | null; resolved: Resolved }[] = [];
  const how = { query: { sort: "-updated_at" }, pagesMax: PAGES_MAX };
  const pages = client.pages(({ tickets }) => tickets.list(), Ticket, signal, how);
  for await (const ticket of solvedIn(pages)) {
    const resolved = await readTicket(reading, ticket.id, signal, { mayUseCache: false });
    const requester = ticket.requester_id ?? 0;
    const users = await readUsers(reading, requester > 0 ? [requester] : [], signal);
    found.push({ id: ticket.id, resolved, customer: users.get(requester)?.email ?? null });
    asked.progress(found.length);
    if (found.length >= asked.last) return found;
  }
  return found;
}

async function* solvedIn(pages: AsyncIterable<readonly Ticket[]>): AsyncGenerator<Ticket> {
  for await (const tickets of pages)
    yield* tickets.filter(({ status }) => ["solved", "closed"].includes(status));
}

/** As many as one page has; older tickets are no first impression. */
const WAITING_MAX = 25;

/** The newest open tickets without an assignee, newest first, each as the export would have announced it. Only reads. Throws what a call to Zendesk throws. */
export async function waitingTickets(
  options: Pick<ZendeskOptions, "url" | "writerToken" | "clock">,
) {
  const { url, writerToken, clock } = options;
  const calls = { timeoutMs: 10_000, callsPerMinute: 60 };
  const client = zendeskClient({ url, clock, token: writerToken, ...calls });
  const how = { query: { sort: "-updated_at" } };
  const signal = AbortSignal.timeout(20_000);
  const pages = client.pages(({ tickets }) => tickets.list(), Ticket, signal, how);
  for await (const newest of pages)
    return newest
      .slice(0, WAITING_MAX)
      .filter(({ status, assignee_id }) => ["new", "open"].includes(status) && assignee_id == null)
      .map(({ id, updated_at }) => {
        const generated_timestamp = Math.floor(Date.parse(updated_at) / 1_000);
        const line = { id, updated_at, generated_timestamp };
        return { id, delivery: polledDelivery(line, clock.now()) };
      });
  return [];
}

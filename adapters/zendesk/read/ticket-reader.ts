/** Reads the parts of a ticket (the ticket itself, its comments, audits and people), and keeps them for a short time. */

import { setTimeout as delay } from "node:timers/promises";
import type { Resolved } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  Audit,
  Comment,
  type Ticket,
  TicketAnswer,
  OrganizationAnswer,
  type User,
  UsersAnswer,
} from "#zendesk/api/schema.ts";
import type { SharingOrganization } from "./authors.ts";
import type { Ask, Calls, ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";

/** The ticket as it is now; null for one that was deleted, marked as spam, or hidden from the bot. */
export async function currentTicket(
  calls: Calls,
  ticketId: number,
  signal: AbortSignal,
): Promise<Ticket | null> {
  const answer = await calls.find(({ tickets }) => tickets.show(ticketId), TicketAnswer, signal);
  return answer === null || answer.ticket.status === "deleted" ? null : answer.ticket;
}

/** All comments of a ticket, oldest first, with the pictures in their lines, which are not even named otherwise. */
export async function ticketComments(
  { longWait }: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<readonly Comment[]> {
  const ask: Ask = ({ tickets }) => tickets.getComments(ticketId);
  const query = { include_inline_images: true };
  const comments = await longWait.list(ask, Comment, signal, { query });
  return comments.toSorted((one, other) => one.id - other.id);
}

/** All that was done on a ticket, oldest first. */
export async function ticketAudits(
  { longWait }: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<readonly Audit[]> {
  const ask: Ask = ({ ticketaudits }) => ticketaudits.list(ticketId);
  const audits = await longWait.list(ask, Audit, signal);
  return audits.toSorted((one, other) => one.id - other.id);
}

/** A whole ticket as this process last read it. */
interface CachedTicket {
  readonly ticket: Ticket;
  readonly audits: readonly Audit[];
  readonly resolved: Resolved;
  /**
   * By Zendesk's own clock: all changes up to this moment were read. Stamps have whole seconds, so a ticket that still
   * has a stamp from before this moment has not changed since.
   */
  readonly readUpTo: number;
}

/** A long ticket is read again each time: they are kept for the many short ones. */
const TEXT_MAX = 100_000;
const TICKETS_MAX = 300;
const REPORTED_TICKETS_MAX = 10_000;

/** Two changes within the second of a stamp look alike, and Zendesk's own machines differ a little. */
export const STAMP_TOLERANCE_MS = 2_000;

/** What reading and writing tickets need, and what this process remembers of them. */
export interface TicketReading {
  readonly options: ZendeskOptions;
  readonly client: ZendeskClient;
  /** Recently read tickets, so that the same ticket is not read whole again before each step. */
  readonly tickets: Newest<CachedTicket>;
  /** Which audit of each ticket this process has reported last: it has not seen what came later. */
  readonly reported: Newest<number>;
  /** Users by id, cached until `until`. */
  readonly users: Newest<{ readonly user: User; readonly until: number }>;
  /** By id: who reads an organisation's tickets, cached until `until`. */
  readonly organizations: Newest<{
    readonly sharedWith: SharingOrganization | null;
    readonly until: number;
  }>;
}

/** The same, as the bot's own agent. */
export interface TicketReader extends TicketReading {
  readonly botUserId: number;
}

/** Nothing is remembered at first. */
export function ticketReading(options: ZendeskOptions, client: ZendeskClient): TicketReading {
  return {
    options,
    client,
    tickets: newest(TICKETS_MAX),
    reported: newest(REPORTED_TICKETS_MAX),
    users: newest(CACHED_USERS_MAX),
    organizations: newest(CACHED_USERS_MAX),
  };
}

/** The ticket, if all its changes up to this moment of Zendesk's clock were read. */
export function ticketReadUpTo(
  { tickets }: Pick<TicketReading, "tickets">,
  ticketId: number,
  ms: number,
): CachedTicket | null {
  const known = tickets.get(ticketId);
  return known !== undefined && ms <= known.readUpTo ? known : null;
}

/** Remembers a ticket that was just read. */
export function rememberTicket({ tickets }: TicketReading, read: CachedTicket): void {
  const { ticket, resolved } = read;
  if (resolved.messages.reduce((sum, { text }) => sum + text.length, 0) > TEXT_MAX)
    tickets.delete(ticket.id);
  else tickets.set(ticket.id, read);
}

/** Values by the ids of records, of which those that were set longest ago go. */
type Newest<Value> = ReturnType<typeof newest<Value>>;

function newest<Value>(max: number) {
  const kept = new Map<number, Value>();
  return {
    get: (id: number): Value | undefined => kept.get(id),
    set(id: number, value: Value): void {
      // Deleting first moves the entry to the end.
      kept.delete(id);
      kept.set(id, value);
      const [oldest] = kept.keys();
      if (kept.size > max && oldest !== undefined) kept.delete(oldest);
    },
    delete: (id: number): void => void kept.delete(id),
  };
}

const USERS_PER_CALL = 100;

/** Names, addresses and roles of people change rarely, and none of it decides who acted. */
const USER_CACHE_MS = 5 * 60_000;
const CACHED_USERS_MAX = 5_000;

/** People by their ids; those the account does not know any more are left out. */
export async function readUsers(
  { client, users: cache }: Pick<TicketReading, "client" | "users">,
  ids: readonly number[],
  signal: AbortSignal,
  /** True where a suspension a moment ago matters. */
  { isFresh = false } = {},
): Promise<ReadonlyMap<number, User>> {
  const now = performance.now();
  const found = new Map<number, User>();
  for (const id of isFresh ? [] : ids) {
    const cached = cache.get(id);
    if (cached !== undefined && cached.until >= now) found.set(id, cached.user);
  }
  const missing = ids.filter((id) => !found.has(id));
  for (let start = 0; start < missing.length; start += USERS_PER_CALL) {
    const some = missing.slice(start, start + USERS_PER_CALL);
    const ask: Ask = ({ users }) => users.showMany(some);
    const answer = await client.longWait.get(ask, UsersAnswer, signal);
    for (const user of answer.users) {
      found.set(user.id, user);
      // A suspended user is not cached, so that the end of a suspension takes effect at once.
      cache.set(user.id, { user, until: user.suspended === true ? now : now + USER_CACHE_MS });
    }
  }
  return found;
}

/**
 * The organisation whose people all see this ticket, because they share their tickets ("shared_tickets" in Zendesk's
 * Organizations reference); one that cannot be looked at counts as such. Null where only the ticket's own people see it.
 */
export async function organizationReadingAlong(
  { client, organizations: cache }: Pick<TicketReading, "client" | "organizations">,
  { organization_id: id }: Ticket,
  signal: AbortSignal,
  /** True where a switch a moment ago matters. */
  { isFresh = false } = {},
): Promise<SharingOrganization | null> {
  if (id == null) return null;
  const now = performance.now();
  const cached = cache.get(id);
  if (!isFresh && cached !== undefined && cached.until >= now) return cached.sharedWith;
  const ask: Ask = ({ organizations }) => organizations.show(id);
  const answer = await client.longWait
    .find(ask, OrganizationAnswer, signal)
    .catch((error: unknown) => {
      if (error instanceof DeskhandError && error.code === "channel.refused") return null;
      throw error;
    });
  const name = answer?.organization.name ?? `the organisation ${id}`;
  const sharedWith = answer?.organization.shared_tickets === false ? null : { id, name };
  cache.set(id, { sharedWith, until: now + USER_CACHE_MS });
  return sharedWith;
}

/** How long other changes may get the same stamp: its second, plus clock differences between Zendesk's servers. */
const SHARED_STAMP_MS = 1_250;

/** A ticket that keeps changing is written to after this many reads, each about a second apart. */
const LOOKS_MAX = 4;

/**
 * The current ticket, read after the second of its stamp is over. Zendesk's stamps have whole seconds: a second change
 * within the same second leaves the stamp unchanged, and a safe update would overwrite it. After that second, any
 * further change moves the stamp. A ticket unchanged for two seconds costs one call and no wait; otherwise it is read
 * again after about a second. Null when the ticket does not exist.
 */
export async function settledTicket(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<Ticket | null> {
  // Zendesk's time at the least: a `Date` header has whole seconds and was written before it arrived. How long ago it
  // arrived comes from a monotonic clock.
  let heard = { server: client.serverTime(), at: performance.now() };
  for (let looks = 1; ; looks += 1) {
    const begun = performance.now();
    const ticket = await currentTicket(client.longWait, ticketId, signal);
    const ended = performance.now();
    if (ticket === null) return null;
    const over = Date.parse(ticket.updated_at) + SHARED_STAMP_MS;
    const readAt = Math.max(
      heard.server + (begun - heard.at),
      client.serverTime() - (ended - begun),
    );
    heard = { server: client.serverTime(), at: ended };
    const waitMs = Math.max(0, over - heard.server);
    // Waiting does not help when the account's clock is far behind its stamps, or when it sends no time.
    const isFar = waitMs > LOOKS_MAX * SHARED_STAMP_MS;
    if (readAt >= over || isFar || looks >= LOOKS_MAX) return ticket;
    await delay(Math.min(waitMs, SHARED_STAMP_MS), undefined, { signal }).catch(
      (cause: unknown) => {
        throw new DeskhandError("channel.unavailable", "the wait for a ticket to settle ended", {
          cause,
        });
      },
    );
  }
}

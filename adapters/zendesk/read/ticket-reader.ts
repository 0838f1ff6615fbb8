/** A short-lived cache of tickets. */

import type { Resolved } from "#core/contracts/channel.ts";
import type { Audit, Ticket, User } from "#zendesk/api/schema.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";

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

/** Recently read tickets, so that the same ticket is not read whole again before each step. */
export interface TicketCache {
  /** The ticket, if all its changes up to this moment of Zendesk's clock were read. */
  readUpTo(ticketId: number, ms: number): CachedTicket | null;
  keep(ticketId: number, ticket: CachedTicket): void;
  forget(ticketId: number): void;
}

const TICKETS_MAX = 300;
const TEXT_MAX = 100_000;

/** Two changes within the second of a stamp look alike, and Zendesk's own machines differ a little. */
export const STAMP_TOLERANCE_MS = 2_000;

export function ticketCache(): TicketCache {
  const tickets = new Map<number, CachedTicket>();
  return {
    readUpTo(ticketId, ms) {
      const known = tickets.get(ticketId);
      return known !== undefined && ms <= known.readUpTo ? known : null;
    },
    keep(ticketId, ticket) {
      tickets.delete(ticketId);
      const { messages } = ticket.resolved;
      // A long ticket is read again each time: the cache is for the many short ones.
      if (messages.reduce((sum, { text }) => sum + text.length, 0) > TEXT_MAX) return;
      tickets.set(ticketId, ticket);
      const [oldest] = tickets.keys();
      if (tickets.size > TICKETS_MAX && oldest !== undefined) tickets.delete(oldest);
    },
    forget: (ticketId) => void tickets.delete(ticketId),
  };
}

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

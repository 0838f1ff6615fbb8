/** What reading tickets takes: the client, the options, and what this process remembers of tickets and users. */
import type { ZendeskClient } from "#zendesk/api/client.ts";
import type { User } from "#zendesk/api/schema.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import type { TicketCache } from "./ticket-cache.ts";

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

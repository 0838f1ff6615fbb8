/** Reads tickets for other ends than answering them: solved ones for rehearsals, waiting ones for the first card a team sees. */

import type { Resolved } from "#core/contracts/channel.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { Ticket } from "#zendesk/api/schema.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { requireWriter } from "#zendesk/setup/permissions.ts";
import { polledDelivery } from "./incremental-export.ts";
import { readTicket } from "./read-ticket.ts";
import { readUsers, ticketReading } from "./ticket-reader.ts";
import type { Delivery } from "#core/values/delivery.ts";

/** A solved ticket as the channel would read it, with its customer's address; null where the account has none. */
interface SolvedTicket {
  readonly id: number;
  readonly customer: string | null;
  readonly resolved: Resolved;
}

/** Pages of a hundred: beyond them even a busy account's last month is read. */
const PAGES_MAX = 100;
/** A rehearsal has time, so it may wait long for room in the account's limits. */
const WAIT_MS = 90_000;

/**
 * The tickets solved last, newest first, at most `last` of them. Only reads: the connection it makes refuses every other
 * call before it is sent. `progress` is told how many were read. Throws what a call to Zendesk throws.
 */
export async function solvedTickets(
  options: ZendeskOptions,
  asked: {
    readonly last: number;
    readonly signal: AbortSignal;
    readonly progress: (read: number) => void;
  },
): Promise<readonly SolvedTicket[]> {
  const { signal } = asked;
  const token = options.writerToken;
  const client = zendeskClient({ ...options, token, waitMsMax: WAIT_MS, readOnly: true });
  const reading = {
    ...ticketReading(options, client),
    botUserId: options.botUserId ?? (await requireWriter({ client, signal })),
  };
  const found: SolvedTicket[] = [];
  const how = { query: { sort: "-updated_at" }, pagesMax: PAGES_MAX };
  const pages = client.pages(["tickets"], Ticket, signal, how);
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

/** A ticket, as the export would have announced it. */
interface WaitingTicket {
  readonly id: number;
  readonly delivery: Delivery;
}

/** The newest open tickets without an assignee, newest first. Only reads. Throws what a call to Zendesk throws. */
export async function waitingTickets(
  options: Pick<ZendeskOptions, "url" | "writerToken" | "clock">,
): Promise<readonly WaitingTicket[]> {
  const { url, writerToken, clock } = options;
  const calls = { timeoutMs: 10_000, callsPerMinute: 60 };
  const client = zendeskClient({ url, clock, token: writerToken, ...calls });
  const how = { query: { sort: "-updated_at" } };
  const pages = client.pages(["tickets"], Ticket, AbortSignal.timeout(20_000), how);
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

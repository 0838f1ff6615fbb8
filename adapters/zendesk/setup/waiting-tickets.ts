/** Finds tickets that no teammate has taken yet, for the first card a team sees. */

import { z } from "zod";
import type { Delivery } from "#core/values/delivery.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { type PolledTicket, Ticket } from "#zendesk/api/schema.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";

/** As many as one page has; older tickets are no first impression. */
const TICKETS_MAX = 25;
const Page = z.object({ tickets: z.array(Ticket) });

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
  const query = { sort: "-updated_at", "page[size]": TICKETS_MAX };
  const { tickets } = await client.get(["tickets", query], Page, AbortSignal.timeout(20_000));
  return tickets
    .filter(({ status, assignee_id }) => ["new", "open"].includes(status) && assignee_id == null)
    .map((ticket) => ({ id: ticket.id, delivery: deliveryOf(ticket, clock.now()) }));
}

function deliveryOf({ id, updated_at }: Ticket, receivedAt: Date): Delivery {
  const line: z.input<typeof PolledTicket> = {
    ticket_id: id,
    updated_at,
    generated_timestamp: Math.floor(Date.parse(updated_at) / 1_000),
  };
  const body = new TextEncoder().encode(JSON.stringify(line));
  return { source: "poll", headers: {}, body, receivedAt };
}

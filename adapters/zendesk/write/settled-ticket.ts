/** Reads a ticket once its last change has settled. */
import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/values/errors.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { type Ticket, TicketAnswer } from "#zendesk/api/schema.ts";

/** How long a stamp is good for other changes too: its second, and what Zendesk's own machines may differ by. */
const SHARED_MS = 1_250;

/** A ticket that changes all the time is written to all the same: each of these looks is about a second. */
const LOOKS_MAX = 4;

/**
 * The ticket as it stands, read when the second of its stamp was over. Zendesk's stamps have whole seconds: a change
 * within the same second as the last one leaves the stamp as it was, and a safe update with it would go through over
 * that change. Read later, whatever comes after it moves the stamp. A ticket that rested for two seconds costs one call
 * and no wait; otherwise it is about a second, and the ticket is read again. Null where there is none.
 */
export async function settledTicket(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<Ticket | null> {
  // Zendesk's time at the least: a `Date` header has whole seconds and is from before it was heard. How long ago that was
  // comes from a monotonic clock.
  let heard = { server: client.serverTime(), at: performance.now() };
  for (let looks = 1; ; looks += 1) {
    const begun = performance.now();
    const answer = await client.goingOn.find(["tickets", ticketId], TicketAnswer, signal);
    const ended = performance.now();
    if (answer === null) return null;
    const over = Date.parse(answer.ticket.updated_at) + SHARED_MS;
    const readAt = Math.max(
      heard.server + (begun - heard.at),
      client.serverTime() - (ended - begun),
    );
    heard = { server: client.serverTime(), at: ended };
    const waitMs = Math.max(0, over - heard.server);
    // An account whose clock is far behind its own stamps, or that tells no time, cannot be waited for.
    const isFar = waitMs > LOOKS_MAX * SHARED_MS;
    if (readAt >= over || isFar || looks >= LOOKS_MAX) return answer.ticket;
    await delay(Math.min(waitMs, SHARED_MS), undefined, { signal }).catch((cause: unknown) => {
      throw new DeskhandError("channel.unavailable", "the wait for a ticket to settle ended", {
        cause,
      });
    });
  }
}

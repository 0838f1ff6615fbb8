/** Reads a ticket once its last change has settled. */
import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/values/errors.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { type Ticket, TicketAnswer } from "#zendesk/api/schema.ts";

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
    const answer = await client.longWait.find(["tickets", ticketId], TicketAnswer, signal);
    const ended = performance.now();
    if (answer === null) return null;
    const over = Date.parse(answer.ticket.updated_at) + SHARED_STAMP_MS;
    const readAt = Math.max(
      heard.server + (begun - heard.at),
      client.serverTime() - (ended - begun),
    );
    heard = { server: client.serverTime(), at: ended };
    const waitMs = Math.max(0, over - heard.server);
    // Waiting does not help when the account's clock is far behind its stamps, or when it sends no time.
    const isFar = waitMs > LOOKS_MAX * SHARED_STAMP_MS;
    if (readAt >= over || isFar || looks >= LOOKS_MAX) return answer.ticket;
    await delay(Math.min(waitMs, SHARED_STAMP_MS), undefined, { signal }).catch(
      (cause: unknown) => {
        throw new DeskhandError("channel.unavailable", "the wait for a ticket to settle ended", {
          cause,
        });
      },
    );
  }
}

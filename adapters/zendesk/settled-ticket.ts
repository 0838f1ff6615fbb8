/** Reading a ticket right before it is written, in spite of stamps that have whole seconds. */
import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/errors.ts";
import type { z } from "zod";
import type { ZendeskClient } from "./client.ts";
import { TicketAnswer } from "./schema.ts";
import type { Update } from "./writes.ts";

const SECOND_MS = 1_000;
const LOOKS_MAX = 3;

/**
 * The ticket as it is about to be written. Its stamp has whole seconds: while the second it names is not over, another
 * change may come under the same stamp, and a safe update would go over it. What the customer gets waits for the end of
 * that second by Zendesk's own clock and looks again, a few times at most on a ticket that never rests.
 */
export async function settledTicket(
  client: ZendeskClient,
  { ticketId, speaks }: Update,
  signal: AbortSignal,
): Promise<z.output<typeof TicketAnswer>> {
  for (let look = 1; ; look += 1) {
    const answer = await client.goingOn.find(["tickets", ticketId], TicketAnswer, signal);
    if (answer === null || answer.ticket.status === "deleted")
      throw new DeskhandError("channel.refused", `ticket ${ticketId} is gone`);
    const overMs = Date.parse(answer.ticket.updated_at) + SECOND_MS - client.serverTime();
    if (!speaks || overMs <= 0 || overMs > SECOND_MS || look >= LOOKS_MAX) return answer;
    await delay(overMs, undefined, { signal });
  }
}

/** The simulated tickets: drawn from the sandbox's past, in two halves of the same mix or of different ones. */
import type { PastTicket } from "#core/values/rehearsal.ts";
import { type SolvedTicket, solvedTickets } from "#sandbox/history/index.ts";

/** Half of the tickets to forecast from, and half to simulate. */
export interface Halves {
  readonly rehearsed: readonly PastTicket[];
  readonly simulated: readonly PastTicket[];
}

/** Fewer than half of the tickets ask for a refund, so that many are drawn for each that is taken. */
const DRAWN_FOR_ONE = 8;

const MINUTE_MS = 60_000;

/**
 * So many tickets by a seed, all written now: the orders of the sample shop are dated by the day it was made, so a ticket
 * of last month would ask about an order that was not there. With `changed` the second half asks for refunds alone, as
 * after a bad batch: a forecast that holds for it all the same checks nothing.
 */
export function halvesOf(
  now: Date,
  {
    tickets,
    seed,
    changed,
  }: { readonly tickets: number; readonly seed: number; readonly changed: boolean },
): Halves {
  const half = tickets / 2;
  const drawn = solvedTickets({ until: now, count: tickets, seed });
  const others = changed ? refundsOf(now, half, seed) : drawn.slice(half);
  return {
    rehearsed: drawn.slice(0, half).map((ticket) => writtenNow(ticket, now)),
    simulated: others.map((ticket) => writtenNow(ticket, now)),
  };
}

function refundsOf(now: Date, count: number, seed: number): readonly SolvedTicket[] {
  return solvedTickets({ until: now, count: count * DRAWN_FOR_ONE, seed: seed + 1 })
    .filter(({ matter }) => matter.endsWith("_refund"))
    .slice(0, count);
}

function writtenNow({ ticket }: SolvedTicket, now: Date): PastTicket {
  const at = new Date(now.getTime() - MINUTE_MS).toISOString();
  return {
    ...ticket,
    messages: ticket.messages.map((message) => ({ ...message, at })),
    answer: { ...ticket.answer, at: now.toISOString() },
  };
}

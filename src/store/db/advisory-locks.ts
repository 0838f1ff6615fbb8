/**
 * The order in which every transaction takes what others may wait for, so that no two ever wait for each other:
 *
 * 1. the conversation's row (`requireLease`),
 * 2. limits, all that will be booked at once and in the order of their names (`lockLimits`),
 * 3. a queue of its own: the pause (`lockPause`, `holdPause`), names of conversations, the policy in force,
 *    the lines of a chat,
 * 4. the card's row, then rows of effects,
 * 5. the audit (`appendAudit`), last: everybody needs it, and whoever has it keeps it until the end.
 */
import { sql } from "./drizzle.ts";
import type { Reservation } from "#core/contracts/policy.ts";
import type { Transaction } from "./database.ts";

/** Any numbers no other lock of ours has. */
const BOOKING_LOCK = 71_239_419;
const PAUSE_LOCK = 71_239_423;

/** Queues for all these limits. Asking again for one that is held already costs nothing. */
export async function lockLimits(
  transaction: Transaction,
  reservations: readonly Reservation[],
): Promise<void> {
  const names = new Set(reservations.map(({ limit, subject }) => `${limit}:${subject}`));
  for (const name of [...names].toSorted())
    await transaction.execute(
      sql`select pg_advisory_xact_lock(${BOOKING_LOCK}, hashtext(${name}))`,
    );
}

/** Queues for the pause, which is read and written again as a whole. */
export async function lockPause(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${PAUSE_LOCK})`);
}

/**
 * Keeps the pause as it is until this transaction ends. Whoever pauses waits for those that began under the old word, and
 * so sees all of them; whoever begins after that sees the pause.
 */
export async function holdPause(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock_shared(${PAUSE_LOCK})`);
}

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

/**
 * Every advisory lock of this program by what it guards. The numbers are arbitrary, but two versions of the program that
 * run side by side must agree on them, so one is never changed or used again.
 */
export const ADVISORY_LOCKS = {
  migration: 71_239_417,
  audit: 71_239_418,
  limits: 71_239_419,
  conversationNames: 71_239_420,
  policy: 71_239_421,
  oneTimeCodes: 71_239_422,
  pause: 71_239_423,
  chatLines: 71_239_424,
  helpPages: 71_239_425,
  installationSecrets: 71_239_431,
} as const;

/** Queues for all these limits. Asking again for one that is held already costs nothing. */
export async function lockLimits(
  transaction: Transaction,
  reservations: readonly Reservation[],
): Promise<void> {
  const names = new Set(reservations.map(({ limit, subject }) => `${limit}:${subject}`));
  for (const name of [...names].toSorted())
    await transaction.execute(
      sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.limits}, hashtext(${name}))`,
    );
}

/** Queues for the pause, which is read and written again as a whole. */
export async function lockPause(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.pause})`);
}

/**
 * Keeps the pause as it is until this transaction ends. Whoever pauses waits for those that began under the old word, and
 * so sees all of them; whoever begins after that sees the pause.
 */
export async function holdPause(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.pause})`);
}

/**
 * Advisory locks, and the order in which every transaction takes locks so that no two transactions deadlock:
 *
 * 0. what mails are believed by, in the order of its names (`claimProofs`),
 * 1. the conversation's row (`requireLease`); with others, all of them in the order of their ids (`wakeSoon`),
 * 2. limits, all that will be booked at once and in the order of their names (`lockLimits`),
 * 3. one advisory lock: the pause (`holdPause`, exclusively to rewrite it), conversation keys, the policy in force,
 *    or the lines of a chat,
 * 4. the row of the customer whose case it is (`lockCustomer`),
 * 5. cards' rows, then rows of effects,
 * 6. the audit (`appendAudit`), last: every transaction needs it, and its holder keeps it until commit.
 */
import { sql } from "./drizzle.ts";
import type { Reservation } from "#core/contracts/policy.ts";
import type { Transaction } from "./database.ts";

/**
 * All advisory locks of this program. The numbers are arbitrary, but two versions that run side by side must agree on
 * them, so a number is never changed or reused.
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

/** Takes one of these locks, or waits for it, and keeps it until the transaction ends. */
export async function takeLock(
  transaction: Transaction,
  name: keyof typeof ADVISORY_LOCKS,
): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS[name]})`);
}

/** Locks all these limits. Locking one that is already held costs nothing. */
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

/**
 * Keeps the pause unchanged until this transaction ends. A transaction that pauses waits for those that began before it
 * and sees all of them; a transaction that begins later sees the pause.
 */
export async function holdPause(transaction: Transaction): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.pause})`);
}

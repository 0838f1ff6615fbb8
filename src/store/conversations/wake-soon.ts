/** Has other conversations woken, within a transaction that writes to one of them. */
import { asc, inArray, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { conversation } from "#store/db/schema.ts";

/**
 * Makes these conversations due, so that the reconciler wakes them even if nothing else does. First it locks them
 * together with those the transaction is going to write, all in the order of their ids: two transactions that do so for
 * the same ones follow each other.
 */
export async function wakeSoon(
  transaction: Transaction,
  locked: readonly string[],
  woken: readonly string[],
  now: Date,
): Promise<void> {
  if (woken.length === 0) return;
  await transaction
    .select({ id: conversation.id })
    .from(conversation)
    .where(inArray(conversation.id, [...locked, ...woken]))
    .orderBy(asc(conversation.id))
    .for("no key update");
  await transaction
    .update(conversation)
    .set({ wakeAt: sql`least(coalesce(${conversation.wakeAt}, ${now}), ${now})` })
    .where(inArray(conversation.id, [...woken]));
}

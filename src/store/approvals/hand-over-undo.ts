/** Cards whose hand-over by a click can still be taken back, and what an undo gives back to the bot. */
import { and, eq, inArray, isNotNull, lte } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, message } from "#store/db/schema.ts";

/** Ends the undo time of every hand-over that is past it: the desk then shows the card as decided. */
export async function endHandOverUndos(transaction: Transaction, now: Date): Promise<void> {
  await transaction
    .update(approval)
    .set({ undoUntil: null, cardStale: true, postAfter: null })
    .where(
      and(
        eq(approval.state, "rejected"),
        isNotNull(approval.undoUntil),
        lte(approval.undoUntil, now),
      ),
    );
}

/** Opens these messages again that a click on the card of this turn had ended. */
export async function reopenHandedOver(
  transaction: Transaction,
  keys: readonly string[],
  turnId: string,
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set({ outcome: null, outcomeReason: null, outcomeAt: null, turnId: null })
    .where(
      and(
        inArray(message.key, [...keys]),
        eq(message.outcome, "escalated"),
        eq(message.turnId, turnId),
      ),
    );
}

/** Gives messages back to the conversations they came in by, when what was to answer them elsewhere in the case does not. */
import { and, inArray, isNull, ne } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { wakeSoon } from "#store/conversations/wake-soon.ts";
import { message } from "#store/db/schema.ts";

/**
 * Has the other conversations woken whose open messages are among `answers`, at `at`: each sees to its own again. To be
 * called by whatever ends a card or a reply of one conversation without an answer.
 */
export async function releaseCovered(
  transaction: Transaction,
  conversationId: string,
  answers: readonly string[],
  at: Date,
): Promise<void> {
  if (answers.length === 0) return;
  const covered = await transaction
    .selectDistinct({ id: message.conversationId })
    .from(message)
    .where(
      and(
        inArray(message.key, [...answers]),
        isNull(message.outcome),
        ne(message.conversationId, conversationId),
      ),
    );
  await wakeSoon(
    transaction,
    [conversationId],
    covered.map(({ id }) => id),
    at,
  );
}

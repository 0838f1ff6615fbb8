/** Counts automatic replies. */
import { and, eq, gte, notInArray, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { effect } from "#store/db/schema.ts";

/**
 * How many replies of a conversation were sent, or are under way, on the policy's approval alone since a moment, unread
 * by any person.
 */
export async function automaticAnswers(
  transaction: Transaction,
  conversationId: string,
  since: Date,
): Promise<number> {
  const [row] = await transaction
    .select({ count: sql`count(*)`.mapWith(Number) })
    .from(effect)
    .where(
      and(
        eq(effect.conversationId, conversationId),
        eq(effect.operation, "reply"),
        eq(effect.approvedBy, "policy"),
        notInArray(effect.state, ["withdrawn", "failed"]),
        gte(effect.createdAt, since),
      ),
    );
  if (row === undefined) throw new Error("a count is one row");
  return row.count;
}

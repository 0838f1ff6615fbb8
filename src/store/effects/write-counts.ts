/** Counts automatic writes. */
import { and, count, eq, gte, ne } from "#store/db/drizzle.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Transaction } from "#store/db/database.ts";
import { effect } from "#store/db/schema.ts";

/** How much any process has written into a conversation since a moment without a teammate's request. */
export async function ownWritesSince(
  transaction: Transaction,
  where: { readonly conversationId: string; readonly target: TargetName; readonly since: Date },
): Promise<number> {
  const [row] = await transaction
    .select({ writes: count() })
    .from(effect)
    .where(
      and(
        eq(effect.conversationId, where.conversationId),
        eq(effect.target, where.target),
        eq(effect.state, "done"),
        ne(effect.approvedBy, "teammate"),
        gte(effect.finishedAt, where.since),
      ),
    );
  return row?.writes ?? 0;
}

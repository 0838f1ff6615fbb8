/** Questions that the help pages did not answer, as rows. */
import type { Transaction } from "#store/db/database.ts";
import { desc, gte } from "#store/db/drizzle.ts";
import { knowledgeGap } from "#store/db/schema.ts";

/** A question as it is kept. */
export type KnowledgeGap = typeof knowledgeGap.$inferSelect;

/** A gap before it has a number. */
export type NewGap = Omit<KnowledgeGap, "id">;

/** Keeps it; the same question of a conversation for the same reason is kept once, with its latest words. */
export async function recordGap(transaction: Transaction, gap: NewGap): Promise<void> {
  const { conversationId, messageKey, reason } = knowledgeGap;
  const { question, query, pages } = gap;
  await transaction
    .insert(knowledgeGap)
    .values(gap)
    .onConflictDoUpdate({
      target: [conversationId, messageKey, reason],
      set: { question, query, pages },
    });
}

/** Newer rows than any lead reads; older ones are left out. */
const GAPS_MAX = 2_000;

/** Those since a moment, newest first. */
export async function gapsSince(
  transaction: Transaction,
  since: Date,
): Promise<readonly KnowledgeGap[]> {
  return transaction
    .select()
    .from(knowledgeGap)
    .where(gte(knowledgeGap.at, since))
    .orderBy(desc(knowledgeGap.at), desc(knowledgeGap.id))
    .limit(GAPS_MAX);
}

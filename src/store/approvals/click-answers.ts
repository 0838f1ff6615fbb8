/** The stored answers to clicks, so that a repeated click gets the same answer. */
import { eq } from "#store/db/drizzle.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Transaction } from "#store/db/database.ts";
import { deskDecision } from "#store/db/schema.ts";

/** The answer this click got before, or null when the click is new. */
export async function rememberedAnswer(
  transaction: Transaction,
  decisionId: string,
): Promise<DeskAnswer | null> {
  const [row] = await transaction
    .select()
    .from(deskDecision)
    .where(eq(deskDecision.id, decisionId));
  return row === undefined ? null : row.answer;
}

export async function rememberAnswer(
  transaction: Transaction,
  decision: Pick<DeskDecision, "decisionId" | "approvalId">,
  answer: DeskAnswer,
  now: Date,
): Promise<void> {
  await transaction
    .insert(deskDecision)
    .values({ id: decision.decisionId, approvalId: decision.approvalId, answer, at: now })
    .onConflictDoNothing();
}

/** Notes which drafts were only shown, and when the answer of a teammate lets them be judged. */
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { Transaction } from "#store/db/database.ts";
import { answerSeen, awaitAnswer } from "#store/reports/draft-scores.ts";
import type { PlannedCard } from "#jobs/plan/planned-card.ts";
import { isTeamAnswer } from "#core/values/message.ts";

/** People often book the refund after they have written the answer: so long is waited for it. */
const JUDGED_AFTER_MS = 30 * 60_000;

/** A card that shows a draft and asks nothing is judged once a teammate has answered. Others cost nothing here. */
export async function noteShownDraft(
  transaction: Transaction,
  approvalId: string,
  { content, proposal }: PlannedCard,
  now: Date,
): Promise<void> {
  if (content.kind !== "notice" || proposal === null) return;
  const { conversation, topic } = content;
  await awaitAnswer(transaction, {
    approvalId,
    conversationId: conversation.id,
    channel: conversation.channel,
    topic: topic === "" ? "other" : topic,
    draftedAt: now,
  });
}

/** A turn that read a teammate's public message sets the time at which the shown draft is judged. */
export async function noteTeammatesAnswer(
  transaction: Transaction,
  conversationId: string,
  { newMessages }: Pick<ConversationChanges, "newMessages">,
  now: Date,
): Promise<void> {
  if (!newMessages.some(isTeamAnswer)) return;
  const judgeAt = new Date(now.getTime() + JUDGED_AFTER_MS);
  await answerSeen(transaction, conversationId, { answeredAt: now, judgeAt });
}

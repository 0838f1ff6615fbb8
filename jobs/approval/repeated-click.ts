import { setTimeout as delay } from "node:timers/promises";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { rememberedAnswer } from "#store/approvals/click-answers.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** How long and how often the answer of the other delivery is waited for, in milliseconds. */
const LOOKS = { count: 10, everyMs: 50 } as const;

/**
 * The answer to the very same click, delivered to another process at the same moment; null when there is none. Whoever
 * was faster writes it down right behind the decision, so it is waited for a moment, and only where the one who clicked
 * is among those who decided: everybody else's click is another one.
 */
export async function answerGivenBefore(
  context: Pick<JobContext, "store">,
  { approvalId, decisionId }: Pick<DeskDecision, "approvalId" | "decisionId">,
  voter: string,
): Promise<DeskAnswer | null> {
  const approval = await context.store.run((transaction) => loadApproval(transaction, approvalId));
  if (approval?.votes.some((vote) => vote.voter === voter) !== true) return null;
  for (let looks = 0; looks < LOOKS.count; looks += 1) {
    const answer = await context.store.run((transaction) =>
      rememberedAnswer(transaction, decisionId),
    );
    if (answer !== null) return answer;
    await delay(LOOKS.everyMs);
  }
  return null;
}

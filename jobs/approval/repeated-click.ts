/** Answers a click that is delivered twice at the same moment. */

import { setTimeout as delay } from "node:timers/promises";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { rememberedAnswer } from "#store/approvals/click-answers.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** How often and at what interval to look for the other delivery's answer; the interval is in milliseconds. */
const LOOKS = { count: 10, everyMs: 50 } as const;

/**
 * The answer to the same click when another process received it at the same moment; null when there is none. The faster
 * process stores its answer right after the decision, so this waits a moment, and only when the voter is among those
 * who decided: any other voter's click is a different one.
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

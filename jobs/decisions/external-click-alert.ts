import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { rememberAnswer, rememberedAnswer } from "#store/approvals/click-answers.ts";
import { refused } from "#jobs/approval/votes.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

const HOUR_MS = 3_600_000;

/**
 * Tells the team that somebody of another company tried to decide, once for each of them and hour. Only a word: nothing
 * was changed, and a desk that is away hears of the next try.
 */
export async function alertExternalClick(
  context: Pick<JobContext, "store" | "clock" | "desk" | "log">,
  { teammate, button }: Pick<DeskDecision, "teammate" | "button">,
): Promise<void> {
  const now = context.clock.now();
  const about = `outsider:${teammate.id}:${Math.floor(now.getTime() / HOUR_MS)}`;
  const text = `Somebody from outside (${teammate.id}) tried to decide on a card, by “${button}”. They were refused, and nothing was changed. Who else is in the channel with the cards?`;
  try {
    const told = await context.store.run((transaction) => rememberedAnswer(transaction, about));
    if (told !== null) return;
    await context.desk.notify(text, [], about, AbortSignal.timeout(LIMITS.effectMs));
    await context.store.run((transaction) =>
      rememberAnswer(
        transaction,
        { decisionId: about, approvalId: "outsider" },
        refused(text),
        now,
      ),
    );
  } catch (error) {
    context.log.warn("the team was not told of somebody from outside", { reason: reasonOf(error) });
  }
}

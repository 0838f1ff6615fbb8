/** Alerts the team to clicks from another company. */

import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { recordAlertSent, wasAlertSent } from "#store/approvals/click-answers.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

const HOUR_MS = 3_600_000;

/**
 * Alerts the team, once per person and hour, that a person from another company tried to decide. It is only a notice:
 * nothing was changed, and if the desk is down, the next try is reported.
 */
export async function alertExternalClick(
  context: Pick<JobContext, "store" | "clock" | "desk" | "log">,
  { teammate, button }: Pick<DeskDecision, "teammate" | "button">,
): Promise<void> {
  const now = context.clock.now();
  const about = `outsider:${teammate.id}:${Math.floor(now.getTime() / HOUR_MS)}`;
  const text = `A person from outside (${teammate.id}) tried to decide on a card, by “${button}”. They were refused, and nothing was changed. Who else is in the channel with the cards?`;
  try {
    if (await context.store.run((transaction) => wasAlertSent(transaction, about))) return;
    await context.desk.notify(text, [], about, AbortSignal.timeout(LIMITS.effectMs));
    await context.store.run((transaction) => recordAlertSent(transaction, about, text, now));
  } catch (error) {
    context.log.warn("the team was not told of a person from outside", { reason: reasonOf(error) });
  }
}

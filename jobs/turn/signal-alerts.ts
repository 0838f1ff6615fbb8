/** The plan step for what a source reports and a person has to read: replies that bounced, bad ratings with words. */

import { quotedExcerpt } from "#core/values/card-text.ts";
import { maskOr } from "#core/values/thrown.ts";
import type { Signal } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { unconditional } from "#jobs/plan/plan.ts";
import type { PlanStep } from "#jobs/plan/plan-step.ts";

const COMMENT_MAX = 400;

/** Stands for a comment that is not shown. */
const WITHHELD = "Its words are not shown here.";

/** Tells the team once about each reply that did not arrive, and about each bad rating that says why. */
export const addSignalAlerts: PlanStep = (plan, { context, snapshot, changes }) => {
  const { channel, id } = snapshot.state.conversation;
  const alerts = changes.newSignals.flatMap((signal) => {
    const words = wordsFor(context, signal, { where: `${channel}, conversation ${id}`, id });
    return words === null
      ? []
      : [unconditional([alertAction(words, [], `${signal.kind}:${signal.key}`)])];
  });
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
};

function wordsFor(
  context: JobContext,
  signal: Signal,
  { where, id }: { readonly where: string; readonly id: string },
): string | null {
  if (signal.kind === "bounced") {
    const outlook =
      signal.permanent === true
        ? "Nothing more is written there by itself: a teammate has to reach the customer another way."
        : "It may arrive if it is sent again.";
    return `Not delivered (${where}): ${signal.reason}. ${outlook}`;
  }
  if (signal.kind !== "rated" || signal.score !== "bad" || signal.comment.trim() === "")
    return null;
  const comment = context.policy.alertsShowWords
    ? quotedExcerpt(maskOr(context.guard, signal.comment, WITHHELD), COMMENT_MAX)
    : WITHHELD;
  return `Rated bad (${where}): ${comment} ${context.cardLink(id)}`;
}

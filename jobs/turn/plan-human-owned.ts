import { sentByHand, undoneBundles } from "#jobs/approval/manual-reply.ts";
import type { Parts } from "#jobs/context/job-context.ts";
import { keysOf, NOTHING, type Plan, type SentByHand } from "#jobs/plan/plan.ts";
import type { Situation } from "#jobs/conversation/changes.ts";
import type { View } from "#jobs/conversation/snapshot.ts";

/**
 * What a turn does while people own the conversation: nothing to the customer. What waits is withdrawn, or has ended as
 * sent when a teammate published it.
 */
export function planForPeople(parts: Parts, view: View, situation: Situation): Plan {
  const { reason } = situation.ownership;
  const sent = sentByHand(parts, view, situation);
  return {
    ...NOTHING,
    outcomes: outcomesFor(keysOf(situation.open), sent, reason),
    bundles: undoneBundles(parts, view, sent),
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    sentByHand: sent,
  };
}

function outcomesFor(
  open: readonly string[],
  sent: SentByHand | null,
  reason: string,
): Plan["outcomes"] {
  const answered = open.filter((key) => sent?.answers.includes(key) === true);
  const left = open.filter((key) => !answered.includes(key));
  return [
    ...(sent === null || answered.length === 0
      ? []
      : [
          {
            keys: answered,
            outcome: "answered" as const,
            reason: `sent by ${sent.by} in ${sent.place}`,
          },
        ]),
    ...(left.length === 0
      ? []
      : [{ keys: left, outcome: "escalated" as const, reason: `with people: ${reason}` }]),
  ];
}

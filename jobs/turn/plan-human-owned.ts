/** The plan of a turn while people own the conversation. */

import { findManualReply, undoneBundles } from "#jobs/approval/manual-reply.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { keysOf, EMPTY_PLAN, type Plan, type SentByHand } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** Writes nothing to the customer. What waits is withdrawn, or ends as sent when a teammate published it by hand. */
export function planHumanOwned(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Plan {
  const { reason } = changes.ownership;
  const sent = findManualReply(context, snapshot, changes);
  return {
    ...EMPTY_PLAN,
    outcomes: outcomesFor(keysOf(changes.open), sent, reason),
    bundles: undoneBundles(context, snapshot, sent),
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    sentByHand: sent,
  };
}

function outcomesFor(
  open: readonly string[],
  sent: SentByHand | null,
  reason: string,
): Plan["outcomes"] {
  const left = open.filter((key) => sent?.answers.includes(key) !== true);
  return [
    ...(sent === null
      ? []
      : [
          {
            keys: [...sent.answers],
            outcome: "answered" as const,
            reason: `sent by ${sent.by} in ${sent.place}`,
          },
        ]),
    ...(left.length === 0
      ? []
      : [{ keys: left, outcome: "escalated" as const, reason: `with people: ${reason}` }]),
  ];
}

/** The plan step for replies that bounced. */

import type { PlanStep } from "#jobs/plan/plan-step.ts";
import type { Signal } from "#core/values/message.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { unconditional } from "#jobs/plan/plan.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** Tells the team once about each reply that did not arrive: its customer waits and does not know. */
export const addBounceAlert: PlanStep = (plan, { snapshot, changes }) => {
  const alerts = changes.newSignals
    .filter((signal) => signal.kind === "bounced")
    .map((signal) => unconditional([undeliveredAlert(signal, snapshot)]));
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
};

function undeliveredAlert(
  { key, reason, permanent }: Extract<Signal, { kind: "bounced" }>,
  { state: { conversation } }: ConversationSnapshot,
) {
  const outlook =
    permanent === true
      ? "Nothing more is written there by itself: a teammate has to reach the customer another way."
      : "It may arrive if it is sent again.";
  return alertAction(
    `Not delivered (${conversation.channel}, conversation ${conversation.id}): ${reason}. ${outlook}`,
    [],
    `bounced:${key}`,
  );
}

import type { Signal } from "#core/values/message.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { unconditional, type Plan } from "#jobs/plan/plan.ts";
import type { Situation } from "#jobs/conversation/changes.ts";
import type { View } from "#jobs/conversation/snapshot.ts";

/** A reply that did not arrive is told to the team, once for each: its customer waits and does not know. */
export function withUndelivered(plan: Plan, view: View, { newSignals }: Situation): Plan {
  const alerts = newSignals
    .filter((signal) => signal.kind === "bounced")
    .map((signal) => unconditional([undeliveredAlert(signal, view)]));
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
}

function undeliveredAlert(
  { key, reason, permanent }: Extract<Signal, { kind: "bounced" }>,
  { state: { conversation } }: View,
) {
  const outlook =
    permanent === true
      ? "Nothing more is written there by itself: somebody has to reach the customer another way."
      : "It may arrive if it is sent again.";
  return alertAction(
    `Not delivered (${conversation.channel}, conversation ${conversation.id}): ${reason}. ${outlook}`,
    [],
    `bounced:${key}`,
  );
}

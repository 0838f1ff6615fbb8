import type { Signal } from "#core/values/message.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { unconditional, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** A reply that did not arrive is told to the team, once for each: its customer waits and does not know. */
export function addBounceAlert(
  plan: Plan,
  snapshot: ConversationSnapshot,
  { newSignals }: ConversationChanges,
): Plan {
  const alerts = newSignals
    .filter((signal) => signal.kind === "bounced")
    .map((signal) => unconditional([undeliveredAlert(signal, snapshot)]));
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
}

function undeliveredAlert(
  { key, reason, permanent }: Extract<Signal, { kind: "bounced" }>,
  { state: { conversation } }: ConversationSnapshot,
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

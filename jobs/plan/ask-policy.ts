/** Asks the policy about one action, with its limits. */

import {
  actionOrder,
  amountMoved,
  isFindable,
  type Origin,
  type PlannedAction,
  ResetPasswordArguments,
} from "#core/values/action.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Conversation } from "#core/values/message.ts";
import type { Decision, LimitUsage, Reservation } from "#core/contracts/policy.ts";
import { limitUsage } from "#store/effects/policy-limits.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The customer, conversation and topic of an action, as far as the policy may look at them. */
export interface DecisionContext {
  readonly conversation: Pick<Conversation, "channel" | "brand">;
  readonly level: IdentityLevel;
  /** Required, so that no caller forgets it; undefined where it is `level`. */
  readonly actingLevel: IdentityLevel | undefined;
  readonly customerId: string | null;
  readonly topic: string;
  /** Whose text it rests on; null for what a teammate asks for. */
  readonly origin: Origin | null;
  /** What earlier decisions of the same turn will book of the limits; none of it is in the database yet. */
  readonly earlier: readonly Reservation[];
}

/** Asks the policy about one planned action, with the current usage of its limits. */
export async function decideAction(
  context: Pick<JobContext, "store" | "policy" | "clock">,
  planned: PlannedAction,
  about: DecisionContext,
): Promise<Decision> {
  const at = context.clock.now();
  const { operation } = planned.action;
  const customerId = about.customerId ?? customerIn(planned);
  const needed = context.policy.limitsNeeded(operation, customerId, at);
  const booked =
    needed.length === 0
      ? {}
      : await context.store.run((transaction) => limitUsage(transaction, needed));
  const usage = withEarlier(booked, about.earlier);
  return context.policy.decide({
    operation,
    channel: about.conversation.channel,
    brand: about.conversation.brand,
    topic: about.topic,
    level: about.level,
    actingLevel: about.actingLevel,
    customerId,
    amount: amountMoved(planned.action),
    order: actionOrder(planned),
    origin: about.origin,
    at,
    usage,
    ...(isFindable(planned.action) ? {} : { unfindable: true }),
  });
}

/** Two small refunds in one message share one limit, although neither is booked before the turn ends. */
function withEarlier(
  booked: Readonly<Record<string, LimitUsage>>,
  earlier: readonly Reservation[],
): Readonly<Record<string, LimitUsage>> {
  const usage = { ...booked };
  for (const { limit, minor } of earlier) {
    const used = usage[limit] ?? { count: 0, minor: 0 };
    usage[limit] = { count: used.count + 1, minor: used.minor + minor };
  }
  return usage;
}

/** An unproven requester may ask for a reset, so its limit counts for the customer named in the action. */
function customerIn({ action }: PlannedAction): string | null {
  return action.operation === "reset_password"
    ? ResetPasswordArguments.parse(action.arguments).customerId
    : null;
}

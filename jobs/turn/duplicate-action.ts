/** Keeps a turn from proposing an action that another request already has. */

import type { TurnResult } from "#core/contracts/agent.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { TurnContext } from "#jobs/conversation/turn-context.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { effectsUnder } from "#store/effects/ledger.ts";
import { commonEnding, planRetry, planToPeople } from "./plan-escalation.ts";

/** A request younger than this is likely to finish soon: the turn does not step aside for it but is planned again. */
const SOON_MS = 10_000;

/**
 * The plan of a turn whose action another request, on any channel, already has under its key: tried again while that one
 * is under way, with people when it ended and there is nothing to wait for. Null when nothing is in the way, or only for
 * a moment: what the turn itself is about to withdraw is not.
 */
export async function planDuplicate(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
): Promise<Plan | null> {
  const { context, changes } = known;
  const keys = result.actions.map(({ planned }) => planned.key);
  if (keys.length === 0) return null;
  const now = context.clock.now().getTime();
  const others = await context.store.run((transaction) => effectsUnder(transaction, keys));
  const toPeople = (reason: string): Plan => {
    const summary = "Nothing was proposed for it a second time.";
    return planToPeople(known, requester, result, { reason, summary });
  };
  for (const { state, operation, bundle, createdAt } of others) {
    const what = `the same ${operation.replaceAll("_", " ")}`;
    if (state === "unknown")
      return toPeople(`${what} was begun before, and it is not known whether it happened`);
    if (state === "done") return toPeople(`${what} was done before`);
    const isOpen = state === "intended" || state === "executing";
    const isOld = now - createdAt.getTime() > SOON_MS;
    if (isOpen && isOld && !changes.overtaken.includes(bundle)) {
      const reason = `${what} is under way for another request`;
      return planRetry(commonEnding(known, requester, result, "pending", reason), "shop", reason);
    }
  }
  return null;
}

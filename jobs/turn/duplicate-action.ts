/** Keeps a turn from proposing an action that another request already has. */

import type { TurnResult } from "#core/contracts/agent.ts";
import { effectsUnder } from "#store/effects/ledger.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A request younger than this is likely to finish soon: the turn does not step aside for it but is planned again. */
const SOON_MS = 10_000;

/**
 * Whether another request, on any channel, already has one of these actions under its key: `wait` while that one is
 * under way, `people` when it ended and there is nothing to wait for. Null when nothing is in the way, or only for a
 * moment.
 *
 * `takenBack` are bundles that the turn itself is about to withdraw.
 */
export async function duplicateAction(
  context: Pick<JobContext, "store" | "clock">,
  actions: TurnResult["actions"],
  takenBack: readonly string[],
): Promise<{ readonly kind: "wait" | "people"; readonly reason: string } | null> {
  const keys = actions.map(({ planned }) => planned.key);
  if (keys.length === 0) return null;
  const now = context.clock.now().getTime();
  const known = await context.store.run((transaction) => effectsUnder(transaction, keys));
  for (const { state, operation, bundle, createdAt } of known) {
    const what = `the same ${operation.replaceAll("_", " ")}`;
    if (state === "unknown")
      return {
        kind: "people",
        reason: `${what} was begun before, and it is not known whether it happened`,
      };
    if (state === "done") return { kind: "people", reason: `${what} was done before` };
    const isOpen = state === "intended" || state === "executing";
    const isOld = now - createdAt.getTime() > SOON_MS;
    if (isOpen && isOld && !takenBack.includes(bundle))
      return { kind: "wait", reason: `${what} is under way for another request` };
  }
  return null;
}

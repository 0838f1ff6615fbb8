/** How long a decision on a card can be taken back. */

import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { endHandOverUndos } from "#store/approvals/approvals.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** When the undo time ends; null where the customer is waiting live. */
export function undoTime(
  { policy }: Pick<JobContext, "policy">,
  channel: ChannelName,
  at: Date,
): Date | null {
  return CHANNEL_TRAITS[channel].hasUndo ? new Date(at.getTime() + policy.undoMs) : null;
}

/** The bundle of the hand-over that a click on this version of a card leads to, so that an undo finds it. */
export function handOverBundle({ id, version }: { readonly id: string; readonly version: number }) {
  return `b_hand_over_${id}_${version}`;
}

/** Shows hand-overs as decided whose undo time is over; called at every tick of the reconciler. */
export async function endUndoTimes(context: Pick<JobContext, "store" | "clock">): Promise<void> {
  const now = context.clock.now();
  await context.store.run((transaction) => endHandOverUndos(transaction, now));
}

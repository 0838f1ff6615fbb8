/** The figures on the desk's home page: how much waits, and where the list is. */

import type { DeskOverview, DeskTeammate } from "#core/contracts/approval-desk.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { currentPause, pauseInWords } from "#store/effects/pause.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What waits now, for a teammate with a role; null for others. */
export async function overviewFor(
  context: Pick<JobContext, "store" | "clock" | "policy" | "cardLink">,
  teammate: DeskTeammate,
): Promise<DeskOverview | null> {
  const { role, voter } = pressingVoter(context, teammate);
  if (role === null) return null;
  const at = context.clock.now();
  return context.store.run(async (transaction) => {
    const { waiting, untaken } = await inboxCounts(transaction, voter, at);
    const paused = pauseInWords(await currentPause(transaction));
    const { zone } = context.policy.digest;
    // The address of no card is that of the list.
    return { at, zone, paused, waiting, untaken, link: context.cardLink("") };
  });
}

/** Puts a conversation that was set aside as junk back to work. */

import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { NO_ROLE } from "#core/values/approval.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { restoreJunk } from "#store/conversations/junk.ts";
import { acceptedAnswer, refuseClick, voterOf } from "#jobs/approval/votes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Any teammate with a role may do it; from then on this writer's mail is never set aside again. */
export async function putBackToWork(
  context: JobContext,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { role, voter, name } = voterOf(context, decision.teammate);
  if (role === null) return refuseClick(context, decision, { code: "forbidden", message: NO_ROLE });
  const { approvalId: id } = decision;
  const now = context.clock.now();
  const isBack = await context.store.run(async (transaction) => {
    if (!(await restoreJunk(transaction, id, now))) return false;
    const data = { conversation: id, voter: await context.pseudonym(transaction, voter) };
    await appendAudit(transaction, { kind: "no junk", data }, now);
    return true;
  });
  if (!isBack)
    return refuseClick(context, decision, {
      code: "stale",
      message: "This is at work already, or was not set aside.",
    });
  await context.wake(id).catch(() => undefined);
  return acceptedAnswer(`Back to work, by ${name}`);
}

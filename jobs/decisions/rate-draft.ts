/** Ratings of shadow drafts. */

import { NO_ROLE } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { saveDraftRating } from "#store/approvals/draft-ratings.ts";
import { acceptedAnswer, refuseClick, refusedAnswer, voterOf } from "#jobs/approval/votes.ts";
import { noteRating } from "#jobs/lessons/note-differences.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/**
 * Stores a teammate's rating of a shadow draft; the latest one counts. It changes neither state nor proposal of the
 * card, so it can never send anything.
 */
export async function rateDraft(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const { teammate, button } = decision;
  const { voter, name, role } = voterOf(context, teammate);
  if (role === null) return refuseClick(context, decision, { code: "forbidden", message: NO_ROLE });
  const at = context.clock.now();
  const wouldSend = button === "thumbs_up";
  const opinion = {
    voter,
    deskId: teammate.id,
    name,
    wouldSend,
    ownAnswer: wouldSend ? "" : (decision.ownAnswer ?? "").trim(),
    at: at.toISOString(),
  };
  const kept = await context.store.run(async (transaction) => {
    if (!(await saveDraftRating(transaction, approval.id, opinion))) return false;
    const user = await context.pseudonym(transaction, voter);
    const { ownAnswer: own } = opinion;
    const rating = { approval, who: teammate, pseudonym: user, wouldSend, own, at };
    await noteRating(context, transaction, rating);
    const data = { approval: approval.id, version: approval.version, user, wouldSend };
    await appendAudit(transaction, { kind: "opinion", data }, at);
    return true;
  });
  return kept
    ? acceptedAnswer("")
    : refusedAnswer("This card takes no opinion. Nothing was changed.");
}

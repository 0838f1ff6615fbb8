/** The overview on the desk's home page. */

import type { ApprovalVote } from "#core/values/approval.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { DeskOverview } from "#core/values/desk-overview.ts";
import { sumsOf } from "#core/values/money.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { deskTotals } from "#store/approvals/desk-overview.ts";
import { currentPause } from "#store/effects/pause.ts";
import { recentPolicyChanges } from "#store/policy/policy-changes.ts";
import { progressOf } from "#jobs/approval/card-content.ts";
import { voterOf, votesInForce } from "#jobs/approval/votes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { pauseInWords } from "#jobs/context/pause.ts";
import { policyCard } from "#jobs/policy/card.ts";

const WAITING_MAX = 25;
const UNTAKEN_MAX = 15;

/** What waits and what was done today, for a teammate with a role; null for others. */
export async function overviewFor(
  context: Pick<JobContext, "store" | "clock" | "policy" | "guard" | "cardLink">,
  teammate: DeskTeammate,
): Promise<DeskOverview | null> {
  if (voterOf(context, teammate).role === null) return null;
  const at = context.clock.now();
  const midnight = new Date(at.toISOString().slice(0, 10));
  const [standing, changes, pause] = await context.store.run(async (transaction) => [
    await deskTotals(transaction, midnight),
    (await recentPolicyChanges(transaction, at)).filter(({ state }) => state === "proposed"),
    await currentPause(transaction),
  ]);
  const aboutPolicy = changes.map((change) => ({
    headline: policyCard(change).headline,
    flags: [],
    since: change.proposedAt,
    expiresAt: null,
    ref: change.deskRef,
    link: context.cardLink(change.id),
  }));
  const aboutCases = standing.waiting.map((waits) => ({
    headline: waits.card.headline,
    // A card that needs more than one approver counts as risky too.
    flags: [
      ...missing(waits.needs, votesInForce(context, waits.votes, waits)),
      ...waits.card.flags,
    ],
    since: waits.askedAt,
    expiresAt: waits.expiresAt,
    ref: waits.posting.deskRef,
    link: context.cardLink(waits.id),
    ...(waits.claim === null ? {} : { claimedBy: waits.claim.name }),
  }));
  const risky = aboutCases.filter(({ flags }) => flags.length > 0);
  const plain = aboutCases.filter(({ flags }) => flags.length === 0);
  return {
    at,
    paused: pauseInWords(pause),
    waiting: [...aboutPolicy, ...risky, ...plain].slice(0, WAITING_MAX),
    waitingCount: standing.waitingCount + aboutPolicy.length,
    untaken: standing.untaken.slice(0, UNTAKEN_MAX).map(({ id, channel, reason, since }) => ({
      label: `${channel}, ${id}`,
      reason: whyWithPeople(context.guard.mask(reason)),
      since,
    })),
    untakenCount: standing.untaken.length,
    today: {
      received: standing.received,
      answered: standing.outcomes.get("answered") ?? 0,
      escalated: standing.outcomes.get("escalated") ?? 0,
      refunds: standing.refunds.length,
      refunded: sumsOf(standing.refunds),
    },
  };
}

/** "1 of 2 approved"; empty where one person is enough. */
function missing(needs: Approvers, votes: readonly ApprovalVote[]): readonly string[] {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return [progressOf(needs, votes.length, leads)].filter((line) => line !== "");
}

/** The reason as a sentence, without the customer's text and without what the heading already says. */
function whyWithPeople(reason: string): string {
  const own = reason.replaceAll(/\s*\(“[^”]*”\)/g, "").replace(/^handed to people: /, "");
  return own.charAt(0).toUpperCase() + own.slice(1);
}

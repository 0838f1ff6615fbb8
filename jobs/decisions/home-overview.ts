/** The overview on the desk's home page. */

import type {
  ApprovalVote,
  CaseForPeople,
  DeskOverview,
  DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import { urgencyText } from "#core/values/card-text.ts";
import { excerpt } from "#core/values/words.ts";
import { dayStart } from "#core/values/moment.ts";
import { formattedSums } from "#core/values/money.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { refundsDone } from "#store/approvals/card-context.ts";
import { deskTotals } from "#store/approvals/desk-lists.ts";
import { countIn, figureCounts } from "#store/reports/counted-rows.ts";
import { caseHeads } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { currentPause } from "#store/effects/pause.ts";
import { recentPolicyChanges } from "#store/policy/policy-changes.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import { approvalProgress } from "#jobs/approval/card-content.ts";
import { countedVotes, pressingVoter } from "#jobs/approval/ballot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { whatIsKnown, caseLink } from "#jobs/handoff/alerted-case.ts";
import { pauseInWords } from "#jobs/context/pause.ts";
import { policyCard, procedureCard } from "#jobs/policy/card.ts";
import { maskOr } from "#core/values/thrown.ts";

const WAITING_MAX = 25;
const UNTAKEN_MAX = 12;
const NAME_MAX = 60;
const SUBJECT_MAX = 80;
const REASON_MAX = 60;

/** What waits and what was done today, for a teammate with a role; null for others. */
export async function overviewFor(
  context: Pick<JobContext, "store" | "clock" | "policy" | "guard" | "cardLink" | "ticketLink">,
  teammate: DeskTeammate,
): Promise<DeskOverview | null> {
  if (pressingVoter(context, teammate).role === null) return null;
  const at = context.clock.now();
  const { zone } = context.policy.digest;
  const { standing, today, untaken, changes, procedures, pause } = await context.store.run(
    async (transaction) => {
      const totals = await deskTotals(transaction);
      return {
        standing: totals,
        today: await doneSince(transaction, dayStart(at, zone), at),
        untaken: await casesForPeople(context, transaction, totals.untaken.slice(0, UNTAKEN_MAX)),
        changes: (await recentPolicyChanges(transaction, at)).filter(
          ({ state }) => state === "proposed",
        ),
        procedures: await proposedVersions(transaction),
        pause: await currentPause(transaction),
      };
    },
  );
  // Leads alone decide about the team's own rules, so these lines say nothing of a case.
  const aboutPolicy = [
    ...changes.map((row) => ({ row, card: policyCard(row), since: row.proposedAt })),
    ...procedures.map((row) => ({ row, card: procedureCard(row, null), since: row.createdAt })),
  ].map(({ row: { id, deskRef }, card: { headline }, since }) => ({
    headline,
    since,
    flags: [],
    expiresAt: null,
    ref: deskRef,
    link: context.cardLink(id),
  }));
  const aboutCases = standing.waiting.map((waits) => ({
    headline: waits.card.headline,
    urgency: urgencyText(waits.card.context),
    // A card that needs more than one approver counts as risky too.
    flags: [
      ...missing(waits.needs, countedVotes(context, waits.votes, waits)),
      ...waits.card.context.conflicts.map((conflict) => `Customer ${conflict}`),
      ...waits.card.flags.map(({ text }) => text),
    ],
    since: waits.askedAt,
    expiresAt: waits.expiresAt,
    ref: waits.posting.deskRef,
    link: context.cardLink(waits.id),
    ...(waits.claim === null ? {} : { claimedBy: waits.claim.name }),
  }));
  const isPlain = ({ flags, urgency }: (typeof aboutCases)[number]): boolean =>
    flags.length === 0 && urgency === "";
  const pressing = aboutCases.filter((one) => !isPlain(one));
  const plain = aboutCases.filter(isPlain);
  return {
    at,
    zone,
    paused: pauseInWords(pause),
    waiting: [...aboutPolicy, ...pressing, ...plain].slice(0, WAITING_MAX),
    waitingCount: standing.waitingCount + aboutPolicy.length,
    untaken,
    untakenCount: standing.untaken.length,
    today,
  };
}

/** What came in, how it ended and what was refunded, up to now. */
async function doneSince(
  transaction: Transaction,
  from: Date,
  at: Date,
): Promise<DeskOverview["today"]> {
  const span = { from, to: new Date(at.getTime() + 1) };
  const counts = await figureCounts(transaction, ["received", "answered", "to-people"], span);
  const refunds = await refundsDone(transaction, from);
  return {
    received: countIn(counts, "received"),
    answered: countIn(counts, "answered"),
    toPeople: countIn(counts, "to-people"),
    refunds: refunds.length,
    refunded: formattedSums(refunds.map(({ amount }) => amount)),
  };
}

/** "1 of 2 approved"; empty where one person is enough. */
function missing(needs: Approvers, votes: readonly ApprovalVote[]): readonly string[] {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return [approvalProgress(needs, votes.length, leads)].filter((line) => line !== "");
}

/** One after the other, as one transaction is one connection. A case of which nothing is kept is left out. */
async function casesForPeople(
  context: Pick<JobContext, "guard" | "clock" | "policy" | "cardLink" | "ticketLink">,
  transaction: Transaction,
  listed: readonly { readonly id: string; readonly reason: string; readonly since: Date }[],
): Promise<readonly CaseForPeople[]> {
  const masked = (text: string, max: number): string =>
    excerpt(maskOr(context.guard, text, ""), max);
  const heads = await caseHeads(
    transaction,
    listed.map(({ id }) => id),
  );
  const cases: CaseForPeople[] = [];
  for (const { id, reason, since } of listed) {
    const head = heads.get(id);
    if (head === undefined) continue;
    cases.push({
      conversationId: id,
      name: masked(head.name, NAME_MAX),
      subject: masked(head.subject, SUBJECT_MAX),
      reason: masked(shortReason(reason), REASON_MAX),
      since,
      link: caseLink(context, head),
      ...(await whatIsKnown(context, transaction, head)),
    });
  }
  return cases;
}

/** The reason without the customer's text, and without what the heading says already. */
function shortReason(reason: string): string {
  return reason
    .replaceAll(/(?:(?<!\s)\s+)?\(“[^“”]*”\)/g, "")
    .replace(/^handed to people: /i, "")
    .replace(/^delicate: /i, "");
}

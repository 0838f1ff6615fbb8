/** Claims: a teammate shows that they are looking at a card. */

import { applyClick } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { claimCard, lapseClaims, releaseCard } from "#store/approvals/claims.ts";
import type { Transaction } from "#store/db/database.ts";
import { clockText } from "#core/values/moment.ts";
import {
  acceptedAnswer,
  refuseClick,
  refusedAnswer,
  approvalStandingOf,
  voterOf,
} from "#jobs/approval/votes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/**
 * Claims or releases a card. A claim informs the others and is no lock: every approver may still decide, so nothing
 * waits for an absent teammate. It applies to any version of the card.
 */
export async function claimOrRelease(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const at = context.clock.now();
  const voter = voterOf(context, decision.teammate);
  const { version } = approval;
  const result = applyClick(approvalStandingOf(context, approval), {
    button: "edit",
    version,
    at,
    ...voter,
  });
  if (result.kind === "refused") return refuseClick(context, decision, result);
  const changed = await context.store.run((transaction) =>
    decision.button === "claim"
      ? claim(context, transaction, { approval, decision, at })
      : release(context, transaction, { approval, decision, at }),
  );
  if (changed) return acceptedAnswer("");
  const now = await context.store.run((transaction) => loadApproval(transaction, approval.id));
  return refusedAnswer(whoHasIt(now, at));
}

interface ClaimAnswer {
  readonly approval: Approval;
  readonly decision: DeskDecision;
  readonly at: Date;
}

async function claim(
  context: JobContext,
  transaction: Transaction,
  said: ClaimAnswer,
): Promise<boolean> {
  const { approval, decision, at } = said;
  const { teammate } = decision;
  const { voter, name } = voterOf(context, teammate);
  const until = context.policy.claimUntil(teammate, at);
  const claimed = { voter, deskId: teammate.id, name };
  if (!(await claimCard(transaction, { id: approval.id, claim: claimed, until }, at))) return false;
  await recordClaim(context, transaction, said, { kind: "claimed", until: until.toISOString() });
  return true;
}

async function release(
  context: JobContext,
  transaction: Transaction,
  said: ClaimAnswer,
): Promise<boolean> {
  const { voter } = voterOf(context, said.decision.teammate);
  if (!(await releaseCard(transaction, said.approval.id, voter))) return false;
  await recordClaim(context, transaction, said, { kind: "released" });
  return true;
}

async function recordClaim(
  context: JobContext,
  transaction: Transaction,
  { approval, decision, at }: ClaimAnswer,
  { kind, ...more }: { readonly kind: string; readonly until?: string },
): Promise<void> {
  const user = await context.pseudonym(transaction, voterOf(context, decision.teammate).voter);
  await appendAudit(transaction, { kind, data: { approval: approval.id, user, ...more } }, at);
}

function whoHasIt(approval: Approval | null, at: Date): string {
  const { claim: held, state } = approval ?? {};
  if (state !== "pending") return "This card was decided meanwhile. Nothing was changed.";
  if (held == null || held.until.getTime() <= at.getTime())
    return "No teammate has this card at the moment.";
  return `${held.name} has this until ${clockText(held.until, approval?.card.zone ?? "UTC")}. You may decide it all the same.`;
}

/** Ends expired claims; called at every tick of the reconciler. */
export async function endClaims(context: JobContext): Promise<void> {
  const at = context.clock.now();
  await context.store.run(async (transaction) => {
    for (const { id } of await lapseClaims(transaction, at))
      await appendAudit(transaction, { kind: "claim_lapsed", data: { approval: id } }, at);
  });
}

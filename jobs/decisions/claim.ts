/** What a teammate says of a card without deciding it: that they look at it, or what they think of its draft. */

import { saveDraftRating } from "#store/approvals/claims.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { claimCard, lapseClaims, releaseCard } from "#store/approvals/claims.ts";
import type { Transaction } from "#store/db/database.ts";
import { clockText } from "#core/values/moment.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { acceptedAnswer, refuse, refusedAnswer } from "#jobs/approval/refusals.ts";
import { noteRating } from "#jobs/notes/differences.ts";
import type { CardPress } from "./card-press.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/**
 * Claims or releases a card. A claim informs the others and is no lock: every approver may still decide, so nothing
 * waits for an absent teammate. It applies to any version of the card.
 */
export async function claimOrRelease(context: JobContext, press: CardPress): Promise<DeskAnswer> {
  const { approval, decision, at } = press;
  const change = decision.button === "claim" ? claim : release;
  const changed = await context.store.run((transaction) => change(context, transaction, press));
  if (changed) return acceptedAnswer("");
  const now = await context.store.run((transaction) => loadApproval(transaction, approval.id));
  return refusedAnswer(whoHasIt(now, at));
}

async function claim(
  context: JobContext,
  transaction: Transaction,
  press: CardPress,
): Promise<boolean> {
  const { approval, decision, at, voter } = press;
  const { teammate } = decision;
  const until = context.policy.claimUntil(teammate, at);
  const claimed = { voter: voter.voter, deskId: teammate.id, name: voter.name };
  if (!(await claimCard(transaction, { id: approval.id, claim: claimed, until }, at))) return false;
  await recordClaim(context, transaction, press, { kind: "claimed", until: until.toISOString() });
  return true;
}

async function release(
  context: JobContext,
  transaction: Transaction,
  press: CardPress,
): Promise<boolean> {
  if (!(await releaseCard(transaction, press.approval.id, press.voter.voter))) return false;
  await recordClaim(context, transaction, press, { kind: "released" });
  return true;
}

async function recordClaim(
  context: JobContext,
  transaction: Transaction,
  { approval, voter, at }: CardPress,
  { kind, ...more }: { readonly kind: string; readonly until?: string },
): Promise<void> {
  const user = await context.pseudonym(transaction, voter.voter);
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

// What a teammate thinks of a draft that is only shown.

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
  const { voter, name, role } = pressingVoter(context, teammate);
  if (role === null) return refuse(context, decision, { why: "forbidden", to: "decide" });
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

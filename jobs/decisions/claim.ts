import { applyClick } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { claimCard, lapseClaims, releaseCard } from "#store/approvals/claims.ts";
import type { Transaction } from "#store/db/database.ts";
import { clockTime } from "#jobs/approval/sync-cards.ts";
import { accepted, refuseClick, refused, standingOf, voterOf } from "#jobs/approval/votes.ts";
import type { Parts } from "#jobs/context/job-context.ts";

/**
 * Somebody says that they look at a card, or that they do not any more. It is a word to the others and no lock: whoever
 * may decide still may, so that nothing waits for somebody who went for lunch. It is about the card whatever its version.
 */
export async function claimOrRelease(
  parts: Parts,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const at = parts.clock.now();
  const voter = voterOf(parts, decision.teammate);
  const { version } = approval;
  const result = applyClick(standingOf(parts, approval), { button: "edit", version, at, ...voter });
  if (result.kind === "refused") return refuseClick(parts, decision, result);
  const changed = await parts.store.run((transaction) =>
    decision.button === "claim"
      ? claim(parts, transaction, { approval, decision, at })
      : release(parts, transaction, { approval, decision, at }),
  );
  if (changed) return accepted("");
  const now = await parts.store.run((transaction) => loadApproval(transaction, approval.id));
  return refused(whoHasIt(now, at));
}

interface Said {
  readonly approval: Approval;
  readonly decision: DeskDecision;
  readonly at: Date;
}

async function claim(parts: Parts, transaction: Transaction, said: Said): Promise<boolean> {
  const { approval, decision, at } = said;
  const { teammate } = decision;
  const { voter, name } = voterOf(parts, teammate);
  const until = parts.policy.claimUntil(teammate, at);
  const claimed = { voter, deskId: teammate.id, name };
  if (!(await claimCard(transaction, { id: approval.id, claim: claimed, until }, at))) return false;
  await note(parts, transaction, said, { kind: "claimed", until: until.toISOString() });
  return true;
}

async function release(parts: Parts, transaction: Transaction, said: Said): Promise<boolean> {
  const { voter } = voterOf(parts, said.decision.teammate);
  if (!(await releaseCard(transaction, said.approval.id, voter))) return false;
  await note(parts, transaction, said, { kind: "released" });
  return true;
}

async function note(
  parts: Parts,
  transaction: Transaction,
  { approval, decision, at }: Said,
  { kind, ...more }: { readonly kind: string; readonly until?: string },
): Promise<void> {
  const user = await parts.pseudonym(transaction, voterOf(parts, decision.teammate).voter);
  await appendAudit(transaction, { kind, data: { approval: approval.id, user, ...more } }, at);
}

function whoHasIt(approval: Approval | null, at: Date): string {
  const { claim: held, claimUntil, state } = approval ?? {};
  if (state !== "pending") return "This card was decided meanwhile. Nothing was changed.";
  if (held == null || claimUntil == null || claimUntil.getTime() <= at.getTime())
    return "Nobody has this card at the moment.";
  return `${held.name} has this until ${clockTime(claimUntil)}. You may decide it all the same.`;
}

/** Takes the names off cards whose time is over: looked for at every tick, so that none stands there for longer. */
export async function endClaims(parts: Parts): Promise<void> {
  const at = parts.clock.now();
  await parts.store.run(async (transaction) => {
    for (const { id } of await lapseClaims(transaction, at))
      await appendAudit(transaction, { kind: "claim_lapsed", data: { approval: id } }, at);
  });
}

/** Takes an approval back within the undo time. */

import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsOfApproval, withdraw } from "#store/effects/ledger.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { acceptedAnswer, refuseClick, voteEntry, voterOf } from "#jobs/approval/votes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { RACED, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";

/** One of the effects to withdraw has begun, or was already withdrawn. */
class AlreadyStarted extends Error {}

/** False, with nothing changed, when an effect began or was withdrawn meanwhile. */
async function allOrNothing(
  context: JobContext,
  work: (transaction: Transaction) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await context.store.run(work);
  } catch (error) {
    if (error instanceof AlreadyStarted) return false;
    throw error;
  }
}

/** Takes an approval back while nothing has begun: the card is pending again, as a new version without votes. */
export async function undo(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const now = context.clock.now();
  const { role, voter } = voterOf(context, decision.teammate);
  if (role === null)
    return refuseClick(context, decision, {
      code: "forbidden",
      message: "Only support and leads can take a decision back.",
    });
  if (approval.version !== decision.version)
    return refuseClick(context, decision, { code: "stale", message: staleMessage(approval) });
  const done = await allOrNothing(context, async (transaction) => {
    const effects = await effectsOfApproval(transaction, approval.id);
    const open = effects.filter(({ state }) => state === "intended");
    if (
      approval.state !== "approved" ||
      open.length === 0 ||
      open.length !== effects.filter(({ state }) => state !== "withdrawn").length
    )
      return false;
    const withdrawn = new Set<string>();
    for (const bundle of new Set(open.map((effect) => effect.bundle)))
      for (const key of await withdraw(transaction, { bundle }, `taken back by ${voter}`, now))
        withdrawn.add(key);
    // A worker may have begun one of them since they were read: then nothing is withdrawn.
    if (withdrawn.size !== open.length) throw new AlreadyStarted();
    const version = approval.version + 1;
    const changed = await changeApproval(
      transaction,
      approval,
      {
        state: "pending",
        version,
        votes: [],
        undoUntil: null,
        closing: "",
        card: {
          ...approval.card,
          version,
          changes: [`${decision.teammate.name} took the approval back.`],
        },
        expiresAt: context.policy.expiresAt(now),
      },
      now,
    );
    if (!changed) throw new AlreadyStarted();
    await amendTurn(transaction, approval.turnId, { approval_granted: null, outcome: "pending" });
    const entry = await voteEntry(context, transaction, approval, voter, decision.button);
    await appendAudit(transaction, entry, now);
    return true;
  });
  if (done) return acceptedAnswer("");
  const current = await context.store.run((transaction) => loadApproval(transaction, approval.id));
  if (current !== null && current.version !== approval.version) return RACED;
  return refuseClick(context, decision, {
    code: "begun",
    message: "Too late: it has begun or is done already.",
  });
}

/** Why this button no longer applies. */
function staleMessage({ state }: Approval): string {
  return state === "pending"
    ? "It was taken back already, and waits for a decision again."
    : "This card was changed meanwhile. Look at the newest version below.";
}

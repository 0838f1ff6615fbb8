import type { DeskAnswer, DeskDecision } from "#core/desk.ts";
import { DeskhandError } from "#core/errors.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, type Approval } from "#store/approvals.ts";
import type { Transaction } from "#store/driver.ts";
import { effectsOfApproval, withdraw } from "#store/ledger.ts";
import { amendTurn } from "#store/traces.ts";
import { accepted, refuseClick, refused, voteEntry, voterOf } from "./clicks.ts";
import type { Parts } from "./parts.ts";

/** One of the effects to take back has begun. */
class Begun extends Error {}

/** False, with nothing changed, when an effect began while it was to be taken back. */
async function allOrNothing(
  parts: Parts,
  work: (transaction: Transaction) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await parts.store.run(work);
  } catch (error) {
    if (error instanceof Begun) return false;
    throw error;
  }
}

/** Takes an approval back while nothing has begun: the card waits again, in a new version, with no votes. */
export async function undo(
  parts: Parts,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const now = parts.clock.now();
  const { role, voter } = voterOf(parts, decision.teammate);
  if (role === null)
    return refuseClick(parts, decision, {
      code: "forbidden",
      message: "Only support and leads can take a decision back.",
    });
  const done = await allOrNothing(parts, async (transaction) => {
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
    // A worker may have begun one of them since they were read: then nothing is taken back.
    if (withdrawn.size !== open.length) throw new Begun();
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
        expiresAt: parts.policy.expiresAt(now),
      },
      now,
    );
    if (!changed) throw new DeskhandError("approval.stale", "the card changed at the same moment");
    await amendTurn(transaction, approval.turnId, { approval_granted: null, outcome: "pending" });
    const entry = await voteEntry(parts, transaction, approval, voter, decision.button);
    await appendAudit(transaction, entry, now);
    return true;
  });
  return done ? accepted("") : refused("Too late: it has begun or is done already.");
}

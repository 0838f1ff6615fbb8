/** What became of an approval, from its row and the row of its effect. */
import type { Outcome } from "./contract.ts";
import type { Ask } from "./kernel/statement.ts";
import type { Parts } from "./parts.ts";
import { statements, type ApprovalRow, type EffectRow } from "./statements.ts";

/** The outcome of an approval, or of what needed none; `void` for what was never issued. */
export async function outcomeIn(
  ask: Ask,
  { now }: Pick<Parts, "now">,
  id: string,
): Promise<Outcome> {
  const [found] = await ask(statements.outcome, [id]);
  const effect = found?.effect ?? null;
  const approval = found?.approval ?? null;
  if (approval === null) return effect === null ? GONE : effectOutcome(effect, "", null);
  return approvalOutcome(approval, effect, now());
}

function approvalOutcome(approval: ApprovalRow, effect: EffectRow | null, now: Date): Outcome {
  const by = approval.votes.at(-1)?.name ?? null;
  const { state, closing: told } = approval;
  // What happened is told, also where its end came late.
  const isEnded = state === "void" && (effect?.state === "failed" || effect?.state === "done");
  if (effect !== null && (state === "approved" || isEnded)) return effectOutcome(effect, told, by);
  return { state: stateOf(approval, now), told, by };
}

const GONE: Outcome = { state: "void", told: "there is none", by: null };

function stateOf({ state, expires_at: until }: ApprovalRow, now: Date): Outcome["state"] {
  if (state === "rejected") return "refused";
  if (state !== "pending") return state === "expired" ? "expired" : "void";
  return now.getTime() < until.getTime() ? "waiting" : "expired";
}

const ENDS = {
  intended: "waiting",
  executing: "waiting",
  done: "executed",
  failed: "failed",
  unknown: "unknown",
  withdrawn: "void",
} as const satisfies Record<EffectRow["state"], Outcome["state"]>;

function effectOutcome(
  { state, ref, error }: EffectRow,
  closing: string,
  by: string | null,
): Outcome {
  const told = [closing, state === "done" ? `done: ${ref ?? ""}` : (error ?? "")];
  return { state: ENDS[state], told: told.filter((words) => words !== "").join(". "), by };
}

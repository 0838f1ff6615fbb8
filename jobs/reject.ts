import { applyClick } from "#core/approval.ts";
import type { DeskDecision } from "#core/desk.ts";
import type { Outcome } from "#core/names.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, type Approval } from "#store/approvals.ts";
import { refreshRevision, setOutcome } from "#store/conversations.ts";
import { amendTurn } from "#store/traces.ts";
import { accepted, refuseClick, standingOf, voteEntry, voterOf } from "./clicks.ts";
import { clockTime } from "./cards.ts";
import { handToPeople } from "./hand-to-people.ts";
import type { Parts } from "./parts.ts";
import { RACED, type RacedAnswer } from "./race.ts";

/** The reason a teammate gives when a message simply needs no answer; every other one hands it to people. */
const NO_ANSWER_NEEDED = "No answer needed";

/** A card that ends by a person's no: rejected with a reason, escalated, or dismissed. */
export async function endByPerson(
  parts: Parts,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const at = parts.clock.now();
  const { button } = decision;
  if (button !== "reject" && button !== "escalate" && button !== "dismiss")
    throw new Error(`${button} does not end a card`);
  const voter = voterOf(parts, decision.teammate);
  const result = applyClick(standingOf(parts, approval), {
    button,
    version: decision.version,
    at,
    ...voter,
  });
  if (result.kind === "refused") return refuseClick(parts, decision, result);
  const ending = endingOf(decision, voter.name);
  const ended = await parts.store.run(async (transaction) => {
    const changed = await changeApproval(
      transaction,
      approval,
      {
        state: "rejected",
        votes: [...result.standing.votes],
        closing: `${ending.line} · ${voter.name} · ${clockTime(at)}`.slice(0, 490),
      },
      at,
    );
    if (!changed) return false;
    await setOutcome(
      transaction,
      approval.answers,
      { outcome: ending.outcome, reason: ending.line, turnId: approval.turnId },
      at,
    );
    await amendTurn(transaction, approval.turnId, {
      outcome: ending.outcome,
      outcome_reason: ending.line,
      approval_granted: false,
      escalated_to_human: ending.outcome === "escalated",
    });
    if (ending.outcome === "escalated")
      await handToPeople(parts, transaction, approval, {
        line: ending.line,
        tell: button === "escalate",
        at,
      });
    await refreshRevision(transaction, approval.conversationId);
    const entry = await voteEntry(parts, transaction, approval, voter.voter, button);
    await appendAudit(transaction, entry, at);
    return true;
  });
  if (!ended) return RACED;
  await parts.wake(approval.conversationId).catch(() => undefined);
  return accepted("");
}

function endingOf(
  decision: DeskDecision,
  name: string,
): { readonly outcome: Outcome; readonly line: string } {
  if (decision.button === "dismiss") return { outcome: "ignored", line: `Dismissed by ${name}` };
  if (decision.button === "escalate") return { outcome: "escalated", line: `Escalated by ${name}` };
  const line = `Rejected: ${decision.reason || "no reason given"}`;
  return { outcome: decision.reason.startsWith(NO_ANSWER_NEEDED) ? "rejected" : "escalated", line };
}

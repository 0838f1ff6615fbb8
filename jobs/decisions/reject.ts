/** Rejects a card, escalates it, hands it to the teammate who takes over, or dismisses it. */

import { applyClick } from "#core/values/approval.ts";
import { rejectionIn, REJECTION_WORDS, type DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Outcome } from "#core/values/vocabulary.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, type Approval } from "#store/approvals/approvals.ts";
import { refreshRevision, setOutcome } from "#store/conversations/conversations.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import {
  acceptedAnswer,
  refuseClick,
  approvalStandingOf,
  voteEntry,
  voterOf,
} from "#jobs/approval/votes.ts";
import { clockTime } from "#jobs/approval/sync-cards.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { RACED, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";

/** Ends a card without approval: rejected, escalated, taken over, or dismissed. */
export async function rejectOrTakeOver(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const at = context.clock.now();
  const { button } = decision;
  if (!isEnding(button)) throw new Error(`${button} does not end a card`);
  const voter = voterOf(context, decision.teammate);
  const result = applyClick(approvalStandingOf(context, approval), {
    button,
    version: decision.version,
    at,
    ...voter,
  });
  if (result.kind === "refused") return refuseClick(context, decision, result);
  const ending = endingOf({ ...decision, button }, voter.name);
  const who = ending.endsWithName === true ? "" : ` · ${voter.name}`;
  const ended = await context.store.run(async (transaction) => {
    const changed = await changeApproval(
      transaction,
      approval,
      {
        state: "rejected",
        votes: [...result.standing.votes],
        closing: `${ending.line.slice(0, CLOSING_MAX)}${who} · ${clockTime(at)}`,
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
      await escalate(context, transaction, approval, {
        line: ending.line,
        tell: button === "escalate",
        at,
        ...(ending.taken ? { taker: { name: voter.name, email: decision.teammate.email } } : {}),
      });
    await refreshRevision(transaction, approval.conversationId);
    const entry = await voteEntry(context, transaction, approval, voter.voter, button);
    await appendAudit(transaction, entry, at);
    return true;
  });
  if (!ended) return RACED;
  await context.wake(approval.conversationId).catch(() => undefined);
  return acceptedAnswer("");
}

/** The closing line also holds a name and a time. */
const CLOSING_MAX = 360;

const ENDINGS = ["reject", "escalate", "take_over", "dismiss"] as const;

type EndingButton = (typeof ENDINGS)[number];

function isEnding(button: DeskDecision["button"]): button is EndingButton {
  return ENDINGS.some((ending) => ending === button);
}

interface CardEnding {
  readonly outcome: Outcome;
  readonly line: string;
  /** True when the teammate who clicked takes the conversation, by name. */
  readonly taken: boolean;
  /** The line already says last who clicked. */
  readonly endsWithName?: true;
}

function endingOf(
  decision: DeskDecision & { readonly button: EndingButton },
  name: string,
): CardEnding {
  const byName = { outcome: "escalated", taken: false, endsWithName: true } as const;
  switch (decision.button) {
    case "dismiss":
      return { ...byName, outcome: "ignored", line: `Dismissed by ${name}` };
    case "escalate":
      return { ...byName, line: `Escalated by ${name}` };
    case "take_over":
      return { ...byName, line: `Taken over by ${name}`, taken: true };
    case "reject":
      return rejectionOf(decision, name);
    default:
      throw new Error(`unknown ending ${String(decision.button satisfies never)}`);
  }
}

/**
 * A rejection says what happens to the customer: the rejecting teammate answers, the team answers, or there is no
 * answer.
 */
function rejectionOf({ rejection, reason }: DeskDecision, name: string): CardEnding {
  const kind = rejection ?? rejectionIn(reason);
  // Forms of older versions put the kind before the text.
  const words = reason.replace(OLDER_FORM, "").trim();
  const added = words === "" ? "" : `: ${words}`;
  switch (kind) {
    case "i_answer":
      return { outcome: "escalated", line: `Rejected, ${name} answers${added}`, taken: true };
    case "no_answer":
      return { outcome: "rejected", line: `Rejected, no answer needed${added}`, taken: false };
    case "reason":
      return {
        outcome: "escalated",
        line: `Rejected: ${words || "no reason given"}`,
        taken: false,
      };
    default:
      throw new Error(`unknown rejection ${String(kind satisfies never)}`);
  }
}

const OLDER_FORM = new RegExp(
  `^(?:${REJECTION_WORDS.i_answer}|${REJECTION_WORDS.no_answer})(?::\\s*|$)`,
);

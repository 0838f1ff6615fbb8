/** Rejects a card, escalates it, hands it to the teammate who takes over, or dismisses it. */

import { answeredBy, takenOverBy } from "#core/cases/ownership.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { type Outcome, ChannelName } from "#core/values/vocabulary.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { refreshRevision, wakeSoon } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { acceptedAnswer, RACED, type RacedAnswer } from "#jobs/approval/refusals.ts";
import { type CardPress, recordVote } from "./card-press.ts";
import { clockText } from "#core/values/moment.ts";
import { handOverBundle, undoTime } from "./undo.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { noteRejection } from "#jobs/notes/differences.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { endCard } from "#jobs/approval/end-card.ts";

/**
 * Ends a card without approval: rejected, escalated, taken over, or dismissed. What another person wrote there waited
 * behind it, and is seen to although the queue loses the wake.
 */
export async function rejectOrTakeOver(
  context: JobContext,
  { decision, approval, at, voter, counted }: CardPress,
): Promise<RacedAnswer> {
  const { button } = decision;
  if (!isEnding(button)) throw new Error(`${button} does not end a card`);
  const ending = cardEnding({ ...decision, button }, voter.name);
  const undoUntil = ending.canUndo === true ? handOverUndoTime(context, approval, at) : null;
  const who = ending.endsWithName === true ? "" : ` · ${voter.name}`;
  const { outcome, line } = ending;
  const ended = await context.store.run(async (transaction) => {
    const change = {
      state: "rejected" as const,
      votes: [...counted.votes],
      closing: `${line.slice(0, CLOSING_MAX)}${who} · ${clockText(at, approval.card.zone)}`,
      undoUntil,
    };
    const end = { change, outcome, reason: line, withdrawn: `${line}${who}` };
    if (!(await endCard(transaction, approval, { ...end, endsMessages: true }, at))) return false;
    if (outcome === "escalated")
      await escalate(context, transaction, approval, {
        line,
        tell: button === "escalate" ? "handover" : "nothing",
        at,
        ...(undoUntil === null
          ? {}
          : { later: { notBefore: undoUntil, bundle: handOverBundle(approval) } }),
        ...(ending.taken ? { taker: { name: voter.name, email: decision.teammate.email } } : {}),
      });
    else await wakeSoon(transaction, [], [approval.conversationId], undoUntil ?? at);
    await refreshRevision(transaction, approval.conversationId);
    await noteReason(context, transaction, approval, { decision, at });
    await recordVote(context, transaction, approval, { voter: voter.voter, button, at });
    return true;
  });
  if (!ended) return RACED;
  await notifyWorker(context, approval.conversationId, msUntil(undoUntil, at));
  return acceptedAnswer("");
}

function msUntil(moment: Date | null, at: Date): number {
  return moment === null ? 0 : moment.getTime() - at.getTime();
}

/** Who takes over or escalates says nothing against the draft. */
async function noteReason(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  { decision, at }: { readonly decision: DeskDecision; readonly at: Date },
): Promise<void> {
  if (decision.button !== "reject") return;
  const { teammate: who, reason } = decision;
  await noteRejection(context, transaction, { approval, who, reason: reason.trim(), at });
}

/** Until when the hand-over can be taken back; null where it takes effect at once. */
function handOverUndoTime(context: JobContext, { card }: Approval, at: Date): Date | null {
  const channel = ChannelName.safeParse(card.channel);
  const until = channel.success ? undoTime(context, channel.data, at) : null;
  return until === null || until.getTime() <= at.getTime() ? null : until;
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
  /** One click does it without a form, so one click takes it back. */
  readonly canUndo?: true;
}

function cardEnding(
  decision: DeskDecision & { readonly button: EndingButton },
  name: string,
): CardEnding {
  const byName = { outcome: "escalated", taken: false, endsWithName: true } as const;
  switch (decision.button) {
    case "dismiss":
      return { ...byName, outcome: "ignored", line: `Dismissed by ${name}` };
    case "escalate":
      return { ...byName, line: `Escalated by ${name}`, canUndo: true };
    case "take_over":
      return { ...byName, line: takenOverBy(name), taken: true, canUndo: true };
    case "reject":
      return rejectionEnding(decision, name);
    default:
      throw new Error(`unknown ending ${String(decision.button satisfies never)}`);
  }
}

/**
 * A rejection says what happens to the customer: the rejecting teammate answers, the team answers, or there is no
 * answer.
 */
function rejectionEnding(
  { rejection: kind = "reason", reason }: DeskDecision,
  name: string,
): CardEnding {
  const words = reason.trim();
  switch (kind) {
    case "i_answer":
      return { outcome: "escalated", line: answeredBy(name, words), taken: true };
    case "no_answer":
      return {
        outcome: "rejected",
        line: `Rejected, no answer needed${words === "" ? "" : `: ${words}`}`,
        taken: false,
      };
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

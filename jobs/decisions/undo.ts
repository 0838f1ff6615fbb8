/** How long a decision can be taken back, and taking it back. */

import { withdrawalBundle } from "#jobs/approval/end-card.ts";
import { reopenHandedOver } from "#store/conversations/messages.ts";
import {
  endHandOverUndos,
  changeApproval,
  loadApproval,
  type Approval,
} from "#store/approvals/approvals.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  type ConversationState,
  forgetBefore,
  keptBefore,
  loadConversation,
  lockConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { bundleEffects, effectsOfApproval, withdrawAll } from "#store/effects/ledger.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { acceptedAnswer, RACED, refuse, type RacedAnswer } from "#jobs/approval/refusals.ts";
import { isHandOverUndoable } from "#jobs/approval/sync-cards.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { alertBundle } from "#jobs/handoff/escalate.ts";
import { renewCard } from "#jobs/webhooks/renew-card.ts";
import { orTakenBack, recordVote } from "./card-press.ts";
import { CHANNEL_TRAITS, ChannelName } from "#core/values/vocabulary.ts";

/**
 * Takes an approval or a hand-over back while nothing has begun: the card is pending again, as a new version without
 * votes.
 */
export async function undo(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const now = context.clock.now();
  const { role, voter } = pressingVoter(context, decision.teammate);
  if (role === null) return refuse(context, decision, { why: "forbidden", to: "undo" });
  if (approval.version !== decision.version) {
    const what = approval.state === "pending" ? "undone" : "version";
    return refuse(context, decision, { why: "stale", what });
  }
  const done = await orTakenBack<boolean>(context.store, async (transaction, undone) => {
    const tooLate = () => undone(false);
    const taken = { context, transaction, decision, approval, voter, now, tooLate };
    const takeBack = isHandOverUndoable(approval) ? takeBackHandOver : takeBackApproval;
    if (!(await takeBack(taken))) return false;
    await recordVote(context, transaction, approval, { voter, button: "undo", at: now });
    return true;
  });
  if (done) {
    await notifyWorker(context, approval.conversationId);
    return acceptedAnswer("");
  }
  const current = await context.store.run(loadApproval, approval.id);
  if (current !== null && current.version !== approval.version) return RACED;
  return refuse(context, decision, { why: "begun" });
}

/** What an undo works with, inside its transaction. */
interface TakenBack {
  readonly context: JobContext;
  readonly transaction: Transaction;
  readonly decision: DeskDecision;
  readonly approval: Approval;
  readonly voter: string;
  readonly now: Date;
  /** Ends the transaction with nothing changed: an effect began or was withdrawn meanwhile. */
  readonly tooLate: () => never;
}

/** Withdraws what was approved; false when nothing of it is left to withdraw. */
async function takeBackApproval(taken: TakenBack): Promise<boolean> {
  const { transaction, approval, voter, now, tooLate } = taken;
  const effects = await effectsOfApproval(transaction, approval.id);
  const left = effects.filter(({ state }) => state !== "withdrawn");
  if (approval.state !== "approved" || left.length === 0) return false;
  if (!(await withdrawAll(transaction, left, `taken back by ${voter}`, now))) tooLate();
  // What a person wrote is no draft that waits: it stands on its card, and can be put into the reply again.
  if (approval.kind === "notice") {
    const closing = `Not sent: ${taken.decision.teammate.name} took it back.`;
    const change = { state: "void", undoUntil: null, closing } as const;
    return changeApproval(transaction, approval, change, now);
  }
  await putBack(taken, "took the approval back");
  return true;
}

/**
 * Withdraws a hand-over before it takes effect: the bot owns the conversation again and its messages are open, as if
 * no teammate had clicked. Refused when the customer has written since, because people have that message already, and
 * once another teammate has answered, taken or closed the case.
 */
async function takeBackHandOver(taken: TakenBack): Promise<boolean> {
  const { transaction, approval, decision, voter, now, tooLate } = taken;
  if (approval.undoUntil === null || approval.undoUntil.getTime() <= now.getTime()) return false;
  await lockConversation(transaction, approval.conversationId);
  const state = await loadConversation(transaction, approval.conversationId);
  if (state === null || isClosedSince(state)) return false;
  const before = await keptBefore(transaction, approval);
  if (before === null) return false;
  await putBack(taken, "took the hand-over back");
  const effects = [
    ...(await bundleEffects(transaction, handOverBundle(approval))),
    ...(await bundleEffects(transaction, alertBundle(handOverBundle(approval)))),
    ...(await bundleEffects(transaction, withdrawalBundle(approval))),
  ];
  if (effects.some(({ state }) => state !== "intended")) tooLate();
  if (!(await withdrawAll(transaction, effects, `taken back by ${voter}`, now))) tooLate();
  await reopenHandedOver(transaction, approval.answers, approval.turnId);
  const { closedNoticeUntil, ...had } = before;
  const ownerReason = { words: `${decision.teammate.name} took the hand-over back`, ...had };
  const change = { owner: "bot", ownerReason, closedNoticeUntil } as const;
  await updateConversation(transaction, approval.conversationId, change, now);
  const revision = await refreshRevision(transaction, approval.conversationId);
  if (revision !== approval.revision) tooLate();
  return true;
}

/** What was closed before, such as by a rule of the helpdesk, was handed over all the same. */
function isClosedSince({ solvedAt, handedOverAt }: ConversationState): boolean {
  return solvedAt !== null && (handedOverAt === null || solvedAt >= handedOverAt);
}

/** The card is pending again, as a new version without votes. */
async function putBack(taken: TakenBack, what: string): Promise<void> {
  const { context, transaction, decision, approval, now, tooLate } = taken;
  const lines = [`${decision.teammate.name} ${what}.`];
  const open = { state: "pending", undoUntil: null, closing: "" } as const;
  const change = { ...open, lines, expiresAt: context.policy.expiresAt(now) };
  if (!(await renewCard(context, transaction, approval, change, now))) tooLate();
  await amendTurn(transaction, approval.turnId, {
    approval_granted: null,
    outcome: "pending",
    outcome_reason: "waits for approval",
    escalated_to_human: false,
  });
}

// How long a decision on a card can be taken back.

/** When the undo time of a decision ends; null where the customer is waiting live, and off the channels. */
export function undoTime(
  { policy }: Pick<JobContext, "policy">,
  channel: string,
  at: Date,
): Date | null {
  const known = ChannelName.safeParse(channel);
  const hasUndo = known.success && CHANNEL_TRAITS[known.data].hasUndo;
  return hasUndo ? new Date(at.getTime() + policy.undoMs) : null;
}

/** The bundle of the hand-over that a click on this version of a card leads to, so that an undo finds it. */
export function handOverBundle({ id, version }: { readonly id: string; readonly version: number }) {
  return `b_hand_over_${id}_${version}`;
}

/** Shows hand-overs as decided whose undo time is over; called at every tick of the reconciler. */
export async function endUndoTimes(context: Pick<JobContext, "store" | "clock">): Promise<void> {
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    await endHandOverUndos(transaction, now);
    await forgetBefore(transaction);
  });
}

/**
 * Approves a card, after checking the approver, the seal and the facts; or rejects, escalates, hands on or dismisses it.
 */

import type { Outcome } from "#core/values/vocabulary.ts";
import type { Reservation } from "#core/contracts/policy.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { type Approval, changeApproval, loadApproval } from "#store/approvals/approvals.ts";
import {
  keepBefore,
  loadConversation,
  refreshRevision,
  updateConversation,
  wakeSoon,
} from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { isPlainCard } from "#store/console/inbox.ts";
import { intend } from "#store/effects/intend.ts";
import { reserve } from "#store/effects/usage.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { undoLine, voterNames } from "#jobs/approval/sync-cards.ts";
import {
  acceptedAnswer,
  RACED,
  type RacedAnswer,
  refuse,
  refusedAnswer,
} from "#jobs/approval/refusals.ts";
import { type OrderChange, orderChangeText, UNFITTING } from "#jobs/effects/give-up.ts";
import { rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import { barredByFourEyes } from "#jobs/approval/ballot.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { changedFact } from "#jobs/effects/preconditions.ts";
import { changedByPolicy } from "#jobs/policy/recheck-cards.ts";
import { endCard, voidApproval } from "#jobs/approval/end-card.ts";
import { answeredBy, takenOverBy } from "#core/cases/ownership.ts";
import { clockText } from "#core/values/moment.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { noteRejection } from "#jobs/notes/differences.ts";
import { type CardPress, orTakenBack, recordVote } from "./card-press.ts";
import { handOverBundle, undoTime } from "./undo.ts";
import { tellCardEnded } from "#jobs/webhooks/events.ts";

/** What became of the approval when a yes was written. */
type ApprovalOutcome = "counted" | "intended" | "unread" | typeof RACED | Lapse;

/** Why a card cannot be approved any more as it is: it ends, and its conversation is planned again. */
type Lapse =
  | { readonly why: "unfitting" | "conversation" | "under_way" | "limit" }
  | { readonly why: "policy"; readonly changes: readonly string[] }
  | { readonly why: "order"; readonly change: OrderChange };

function lapseText(lapse: Lapse): string {
  switch (lapse.why) {
    case "unfitting":
      return UNFITTING;
    case "conversation":
      return "more was said in the conversation";
    case "under_way":
      return "the same action is under way already";
    case "limit":
      return "a limit was used up meanwhile";
    case "policy":
      return `the policy changed: ${lapse.changes.join("; ")}`;
    case "order":
      return orderChangeText(lapse.change);
  }
}

/** Counts a yes; the last one that is needed lets the actions begin once the undo time is over. */
export async function approve(context: JobContext, press: CardPress): Promise<RacedAnswer> {
  const { decision, approval, at, counted, voter } = press;
  const { proposal } = approval;
  if (proposal === null) return refusedAnswer("There is nothing to approve on this card.");
  const barred = await barredByFourEyes(context, approval, decision.teammate);
  if (barred !== null) return refuse(context, decision, barred);
  const bound = rulesOfActions(proposal, approval.rules);
  if (bound === null) return lapse(context, approval, { why: "unfitting" });
  const changes = await changedByPolicy(context, approval);
  if (changes.length > 0) return lapse(context, approval, { why: "policy", changes });
  const order = await orderChange(context, approval);
  if (order !== null && "answer" in order) return order.answer;
  if (order !== null) return lapse(context, approval, { why: "order", change: order });
  const isComplete = counted.state === "approved";
  const bookings = bound.actions.map(({ planned: { key, action }, rule: { reservations } }) => ({
    key,
    reservations: reservations.map((one) => asInForce(at, one, action.operation, context.policy)),
  }));

  // What lapses or is too late writes nothing, no booking either: a crash would leave the card approved and forgotten.
  const outcome = await orTakenBack<ApprovalOutcome>(context.store, async (transaction, lapses) => {
    const barrier = await barrierTo(transaction, press, bookings);
    if (barrier !== null) return lapses(barrier);
    const state = await loadConversation(transaction, approval.conversationId);
    if (state === null || sealFor(proposal, state.revision, approval.rules) !== approval.seal)
      return lapses({ why: "conversation" });
    const undoUntil = undoTime(context, state.conversation.channel, at);
    const set = await changeApproval(
      transaction,
      approval,
      {
        votes: [...counted.votes],
        state: counted.state,
        ...(isComplete ? { undoUntil, closing: approvedLine(context, counted, undoUntil) } : {}),
      },
      at,
    );
    if (!set) return lapses(RACED);
    const intended = isComplete
      ? await intendApproved(context, transaction, approval, { at, undoUntil })
      : [];
    if (intended === null) return lapses({ why: "under_way" });
    await tellCardEnded(context, transaction, approval, { state: counted.state, now: at });
    // The audit comes last in the order of locks, so everything else of this transaction is written before it.
    const vote = { voter: voter.voter, button: "approve", at } as const;
    await recordVote(context, transaction, approval, vote);
    for (const entry of intended) await appendAudit(transaction, entry, at);
    return isComplete ? "intended" : "counted";
  });
  return afterApproval(context, press, outcome);
}

/** The limit as it is now, with its days counted back from the decision, however long the card waited for it. */
function asInForce(
  at: Date,
  reservation: Reservation,
  operation: string,
  policy: JobContext["policy"],
): Reservation {
  const { limit, subject } = reservation;
  const needed = policy.limitsNeeded(operation, subject, at).find((one) => one.limit === limit);
  if (needed === undefined) return reservation;
  return { ...reservation, ...needed, since: needed.since.toISOString() };
}

/** Why it is not approved in this transaction: it was among many and is not plain any more, or a limit was used up. */
async function barrierTo(
  transaction: Transaction,
  { decision, approval, counted, at }: CardPress,
  bookings: Parameters<typeof reserve>[1],
): Promise<ApprovalOutcome | null> {
  if (decision.isPlain === true && !(await isPlainCard(transaction, approval.id))) return "unread";
  if (counted.state !== "approved") return null;
  return (await reserve(transaction, bookings, at)) ? null : { why: "limit" };
}

function approvedLine(
  { policy }: JobContext,
  counted: CardPress["counted"],
  undoUntil: Date | null,
): string {
  return undoUntil === null
    ? "Being carried out."
    : undoLine(voterNames(counted), undoUntil, policy.digest.zone);
}

async function afterApproval(
  context: JobContext,
  { approval, at }: CardPress,
  outcome: ApprovalOutcome,
): Promise<RacedAnswer> {
  if (outcome === RACED) return RACED;
  if (outcome === "unread")
    return refusedAnswer("It now needs a look of its own: open it and decide there.");
  if (typeof outcome !== "string") return lapse(context, approval, outcome);
  if (outcome === "intended") {
    const begins = undoTime(context, approval.card.channel, at) ?? at;
    await notifyWorker(context, approval.conversationId, begins.getTime() - at.getTime());
  }
  return acceptedAnswer("");
}

/** Intends all the card proposes, in order. Returns the audit entries; null where one of the keys exists already. */
async function intendApproved(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  when: { readonly at: Date; readonly undoUntil: Date | null },
): Promise<readonly Parameters<typeof appendAudit>[1][] | null> {
  const actions = approval.proposal?.actions ?? [];
  const intended = await intend(transaction, actions, {
    conversationId: approval.conversationId,
    approvalId: approval.id,
    turnId: approval.turnId,
    bundle: context.ids.next("b"),
    revision: approval.revision,
    approvedBy: "person",
    notBefore: when.undoUntil ?? when.at,
    now: when.at,
  });
  if (intended.length !== actions.length) return null;
  await amendTurn(transaction, approval.turnId, { approval_granted: true });
  return actions.map(({ key, action }) => ({
    kind: "intended",
    data: { approval: approval.id, key, operation: action.operation, by: "person" },
  }));
}

/** What changed of the orders it rests on, or the answer when they cannot be read; null when nothing did. */
async function orderChange(
  context: JobContext,
  approval: Approval,
): Promise<OrderChange | { readonly answer: DeskAnswer } | null> {
  const facts = (approval.proposal?.actions ?? []).flatMap((planned) => planned.facts);
  try {
    return await changedFact(context, facts);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return {
      answer: refusedAnswer(
        `The order could not be checked (${reasonOf(error)}). Nothing was done; try again.`,
      ),
    };
  }
}

/**
 * Voids the approval with a reason on the card, and plans the conversation again. Only the version that was checked is
 * voided: a decision made meanwhile stands.
 */
async function lapse(context: JobContext, approval: Approval, reason: Lapse): Promise<RacedAnswer> {
  const why = lapseText(reason);
  const now = context.clock.now();
  const lapsed = await context.store.run(async (transaction) => {
    const current = await loadApproval(transaction, approval.id);
    if (current?.state !== "pending" || current.version !== approval.version) return false;
    const line = `Void: ${why}. It is looked at again, and a person decides.`;
    if (!(await voidApproval(context, transaction, current, line, now))) return false;
    await updateConversation(transaction, approval.conversationId, { wakeAt: now }, now);
    return true;
  });
  if (!lapsed) return RACED;
  await notifyWorker(context, approval.conversationId);
  return refusedAnswer(`Nothing was done: ${why}. A fresh card follows.`);
}

// Rejects a card, escalates it, hands it to the teammate who takes over, or dismisses it.

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
  const until = undoTime(context, approval.card.channel, at);
  // Without undo time it takes effect at once.
  const undoUntil = ending.canUndo === true && until !== null && until > at ? until : null;
  const who = ending.endsWithName === true ? "" : ` · ${voter.name}`;
  const { outcome, line } = ending;
  const ended = await context.store.run(async (transaction) => {
    const change = {
      state: "rejected" as const,
      votes: [...counted.votes],
      closing: `${line.slice(0, CLOSING_MAX)}${who} · ${clockText(at, approval.card.zone)}`,
      undoUntil,
    };
    const words = { reason: line, withdrawn: `${line}${who}` };
    const end = { change, outcome, ...words, endsMessages: true } as const;
    if (!(await endCard(context, transaction, approval, end, at))) return false;
    const state = await loadConversation(transaction, approval.conversationId);
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
    else await wakeSoon(transaction, [approval.conversationId], undoUntil ?? at);
    if (undoUntil !== null && state !== null) await keepBefore(transaction, approval.id, state);
    await refreshRevision(transaction, approval.conversationId);
    await noteReason(context, transaction, approval, { decision, at });
    await recordVote(context, transaction, approval, { voter: voter.voter, button, at });
    return true;
  });
  if (!ended) return RACED;
  const waitMs = undoUntil === null ? 0 : undoUntil.getTime() - at.getTime();
  await notifyWorker(context, approval.conversationId, waitMs);
  return acceptedAnswer("");
}

/** Who takes over, escalates, or needs no answer says nothing against the draft; who answers, nothing against its actions. */
async function noteReason(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  { decision, at }: { readonly decision: DeskDecision; readonly at: Date },
): Promise<void> {
  const { button, teammate: who, rejection = "reason", reason } = decision;
  if (button !== "reject" || rejection === "no_answer") return;
  const isRefusal = rejection === "reason";
  await noteRejection(context, transaction, {
    approval,
    who,
    reason: reason.trim(),
    isRefusal,
    at,
  });
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
  }
}

/** Approves a card: checks the approver, the seal and the facts, counts the vote, and intends the actions. */

import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { DeskAnswer } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { lockLimits } from "#store/db/advisory-locks.ts";
import { intend } from "#store/effects/intend.ts";
import { reserve } from "#store/effects/policy-limits.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { voterNames, undoLine } from "#jobs/approval/sync-cards.ts";
import {
  acceptedAnswer,
  RACED,
  refuse,
  refusedAnswer,
  type RacedAnswer,
} from "#jobs/approval/refusals.ts";
import { orderChangeText, UNFITTING, type OrderChange } from "#jobs/effects/cancel-reason.ts";
import { type CardPress, recordVote } from "./card-press.ts";
import { rulesOfActions, sealFor, type ActionRules } from "#jobs/approval/seal.ts";
import { barredByFourEyes } from "#jobs/approval/four-eyes.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { changedFact } from "#jobs/effects/preconditions.ts";
import { undoTime } from "./undo.ts";
import { changedByPolicy } from "#jobs/policy/recheck-cards.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

/** What became of the approval when a yes was written. */
type Outcome = "counted" | "intended" | typeof RACED | Lapse;

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
    default:
      throw new Error(`unknown lapse ${String(lapse satisfies never)}`);
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

  const outcome = await unlessLapsed(context, async (transaction): Promise<Outcome> => {
    const isRoom = !isComplete || (await bookLimits(transaction, bound, at));
    if (!isRoom) throw new Lapsed({ why: "limit" });
    const state = await loadConversation(transaction, approval.conversationId);
    if (state === null || sealFor(proposal, state.revision, approval.rules) !== approval.seal)
      return { why: "conversation" };
    const undoUntil = undoTime(context, state.conversation.channel, at);
    const set = await changeApproval(
      transaction,
      approval,
      {
        votes: [...counted.votes],
        state: counted.state,
        ...(isComplete
          ? {
              undoUntil,
              closing:
                undoUntil === null
                  ? "Being carried out."
                  : undoLine(voterNames(counted), undoUntil, context.policy.digest.zone),
            }
          : {}),
      },
      at,
    );
    if (!set) return RACED;
    const intended = isComplete
      ? await intendApproved(context, transaction, approval, { at, undoUntil })
      : [];
    // The audit comes last in the order of locks, so everything else of this transaction is written before it.
    const vote = { voter: voter.voter, button: "approve", at } as const;
    await recordVote(context, transaction, approval, vote);
    for (const entry of intended) await appendAudit(transaction, entry, at);
    return isComplete ? "intended" : "counted";
  });
  return afterApproval(context, approval, outcome);
}

/** Thrown, so that the vote is not written either: a crash would leave the card approved and forgotten. */
class Lapsed extends Error {
  readonly lapse: Lapse;

  constructor(lapse: Lapse) {
    super(lapse.why);
    this.lapse = lapse;
  }
}

/**
 * Books the limits of the rules that asked for this click; false when one has no room. What policy alone allowed on the
 * card is a person's decision by now and counts towards no limit.
 */
async function bookLimits(
  transaction: Transaction,
  { actions }: ActionRules,
  now: Date,
): Promise<boolean> {
  const asked = actions.filter(({ rule }) => rule.verdict === "ask");
  await lockLimits(
    transaction,
    asked.flatMap(({ rule }) => rule.reservations),
  );
  for (const { planned, rule } of asked)
    if (!(await reserve(transaction, planned.key, rule.reservations, now))) return false;
  return true;
}

async function unlessLapsed(
  context: JobContext,
  work: (transaction: Transaction) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await context.store.run(work);
  } catch (error) {
    if (error instanceof Lapsed) return error.lapse;
    throw error;
  }
}

async function afterApproval(
  context: JobContext,
  approval: Approval,
  outcome: Outcome,
): Promise<RacedAnswer> {
  if (outcome === RACED) return RACED;
  if (typeof outcome !== "string") return lapse(context, approval, outcome);
  if (outcome === "intended")
    await notifyWorker(context, approval.conversationId, undoDelay(context, approval));
  return acceptedAnswer("");
}

/** Intends everything the card proposes, in order, under keys that must not exist yet. Returns the audit entries. */
async function intendApproved(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  when: { readonly at: Date; readonly undoUntil: Date | null },
): Promise<readonly Parameters<typeof appendAudit>[1][]> {
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
  if (intended.length !== actions.length) throw new Lapsed({ why: "under_way" });
  await amendTurn(transaction, approval.turnId, { approval_granted: true });
  return actions.map(({ key, action }) => ({
    kind: "intended",
    data: { approval: approval.id, key, operation: action.operation, by: "person" },
  }));
}

/** Nothing can start before the undo time is over, in milliseconds. */
function undoDelay(context: JobContext, { card }: Approval): number {
  const channel = ChannelName.safeParse(card.channel);
  return channel.success && CHANNEL_TRAITS[channel.data].hasUndo ? context.policy.undoMs : 0;
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
    if (!(await voidApproval(transaction, current, line, now))) return false;
    await updateConversation(transaction, approval.conversationId, { wakeAt: now }, now);
    return true;
  });
  if (!lapsed) return RACED;
  await notifyWorker(context, approval.conversationId);
  return refusedAnswer(`Nothing was done: ${why}. A fresh card follows.`);
}

/** Approves a card: checks the approver, the seal and the facts, counts the vote, and intends the actions. */
import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { applyClick, type ApprovalVote } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { lockLimits } from "#store/db/advisory-locks.ts";
import { intend } from "#store/effects/intend.ts";
import { reserve } from "#store/effects/policy-limits.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import {
  exceededApproverLimit,
  groupsNow,
  VOTERS_UNCHECKED,
  addVote,
} from "#jobs/approval/approver-limits.ts";
import { namesOf, undoLine } from "#jobs/approval/sync-cards.ts";
import {
  acceptedAnswer,
  maybeSamePerson,
  refuseClick,
  refusedAnswer,
  approvalStandingOf,
  voteEntry,
  voterOf,
} from "#jobs/approval/votes.ts";
import { type ActionRules, rulesOfActions, UNFITTING } from "#jobs/approval/rules-of-actions.ts";
import { barredByFourEyes } from "#jobs/approval/four-eyes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { changedFact } from "#jobs/effects/preconditions.ts";
import { undoTime } from "#jobs/approval/undo-time.ts";
import { RACED, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";
import { changedByPolicy } from "#jobs/policy/recheck-cards.ts";
import { sealFor, voidApproval } from "#jobs/approval/save-card.ts";

export async function approve(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const { proposal } = approval;
  if (proposal === null) return refusedAnswer("There is nothing to approve on this card.");
  const at = context.clock.now();
  const click = {
    button: "approve",
    version: decision.version,
    at,
    ...voterOf(context, decision.teammate),
  } as const;
  const groups =
    approval.state === "pending" ? await groupsNow(context, approval.votes) : new Map();
  if (groups === null) return refusedAnswer(VOTERS_UNCHECKED);
  const standing = approvalStandingOf(context, approval, groups);
  const result = applyClick(standing, click);
  if (result.kind === "refused") return refuseClick(context, decision, result);
  const barred = await whyNotAllowed(context, decision, approval, standing.votes);
  if (barred !== null) return refuseClick(context, decision, barred);
  const bound = rulesOfActions(proposal, approval.rules);
  if (bound === null) return expireCard(context, approval, UNFITTING);
  const older = await changedByPolicy(context, approval);
  if (older !== null) return expireCard(context, approval, older);
  const changed = await changedSince(context, approval);
  if (typeof changed !== "string") return changed.answer;
  if (changed !== "") return expireCard(context, approval, changed);

  const outcome = await decideUnlessDuplicate(context, async (transaction) => {
    const isRoom = !result.complete || (await bookLimits(transaction, bound, at));
    if (!isRoom) throw new LimitUsedUp();
    const state = await loadConversation(transaction, approval.conversationId);
    if (state === null || sealFor(proposal, state.revision, approval.rules) !== approval.seal)
      return "changed";
    const undoUntil = undoTime(context, state.conversation.channel, at);
    const set = await changeApproval(
      transaction,
      approval,
      {
        votes: addVote(result.standing.votes, click.voter, decision.teammate),
        state: result.standing.state,
        ...(result.complete
          ? {
              undoUntil,
              closing:
                undoUntil === null
                  ? "Being carried out."
                  : undoLine(namesOf(result.standing), undoUntil, context.policy.digest.zone),
            }
          : {}),
      },
      at,
    );
    if (!set) return RACED;
    const intended = result.complete
      ? await intendApproved(context, transaction, approval, { at, undoUntil })
      : [];
    // The audit comes last in the order of locks, so everything else of this transaction is written before it.
    const vote = await voteEntry(context, transaction, approval, click.voter, decision.button);
    await appendAudit(transaction, vote, at);
    for (const entry of intended) await appendAudit(transaction, entry, at);
    return result.complete ? "intended" : "counted";
  });
  return afterApproval(context, approval, outcome);
}

/**
 * Why this click does not count although its role may approve: the amount is too large, or the voter may not be another
 * person.
 */
async function whyNotAllowed(
  context: JobContext,
  { teammate }: DeskDecision,
  approval: Approval,
  votes: readonly ApprovalVote[],
): Promise<{ readonly code: string; readonly message: string } | null> {
  const { role, voter } = voterOf(context, teammate);
  const limit =
    role === null ? null : exceededApproverLimit(context.policy, role, approval.proposal);
  if (limit !== null) return { code: "limit", message: limit };
  const unclear = maybeSamePerson(votes, voter);
  if (unclear !== null) return { code: "unclear", message: unclear };
  return barredByFourEyes(context, approval, teammate);
}

/** Another request has one of the same actions under way. */
class DuplicateAction extends Error {}

/** What was approved elsewhere meanwhile leaves no room for this. */
class LimitUsedUp extends Error {}

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

/**
 * An approval whose effects cannot be intended is not written either: a crash would leave it approved and forgotten.
 */
async function decideUnlessDuplicate<Outcome>(
  context: JobContext,
  work: (transaction: Transaction) => Promise<Outcome>,
): Promise<Outcome | "taken" | "used up"> {
  try {
    return await context.store.run(work);
  } catch (error) {
    if (error instanceof DuplicateAction) return "taken";
    if (error instanceof LimitUsedUp) return "used up";
    throw error;
  }
}

async function afterApproval(
  context: JobContext,
  approval: Approval,
  outcome: "changed" | typeof RACED | "counted" | "taken" | "used up" | "intended",
): Promise<RacedAnswer> {
  switch (outcome) {
    case "changed":
      return expireCard(context, approval, "more was said in the conversation");
    case "taken":
      return expireCard(context, approval, "the same action is under way already");
    case "used up":
      return expireCard(context, approval, "a limit was used up meanwhile");
    case RACED:
      return RACED;
    case "counted":
      return acceptedAnswer("");
    case "intended":
      await context
        .wake(approval.conversationId, undoDelay(context, approval))
        .catch(() => undefined);
      return acceptedAnswer("");
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
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
  if (intended.length !== actions.length) throw new DuplicateAction();
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

/** "" when the order facts are unchanged, a description of the change, or the answer when they cannot be read. */
async function changedSince(
  context: JobContext,
  approval: Approval,
): Promise<string | { readonly answer: DeskAnswer }> {
  const facts = (approval.proposal?.actions ?? []).flatMap((planned) => planned.facts);
  try {
    return (await changedFact(context, facts)) ?? "";
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
async function expireCard(
  context: JobContext,
  approval: Approval,
  why: string,
): Promise<RacedAnswer> {
  const now = context.clock.now();
  const lapsed = await context.store.run(async (transaction) => {
    const current = await loadApproval(transaction, approval.id);
    if (current?.state !== "pending" || current.version !== approval.version) return false;
    const reason = `Void: ${why}. It is looked at again, and a person decides.`;
    if (!(await voidApproval(transaction, current, reason, now))) return false;
    await updateConversation(transaction, approval.conversationId, { wakeAt: now }, now);
    return true;
  });
  if (!lapsed) return RACED;
  await context.wake(approval.conversationId).catch(() => undefined);
  return refusedAnswer(`Nothing was done: ${why}. A fresh card follows.`);
}

/** Rechecks open cards, and what an older policy allowed and has not begun, when the policy changes. */

import { handedToPeople, toldReason } from "#core/cases/ownership.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Approval, readableApprovals } from "#store/approvals/approvals.ts";
import {
  loadConversation,
  lockConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { reopenHandedOver } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { eq } from "#store/db/drizzle.ts";
import { approval as approvals } from "#store/db/schema.ts";
import {
  effectsOfApproval,
  withdrawAll,
  bundleEffects,
  type Effect,
} from "#store/effects/ledger.ts";
import {
  approvalsDecidedBefore,
  isDecidedBefore,
  type DecidedBefore,
  bundlesAllowedBefore,
  ruledBundle,
} from "#store/policy/policy-changes.ts";
import { hasEnough } from "#gate/kernel/ballot.ts";
import { countedVotes } from "#jobs/approval/ballot.ts";
import { recheckDecision, type RecheckedDecision } from "./recheck.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { answeredBy } from "#jobs/conversation/snapshot.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { amendTurn, findTurns } from "#store/conversations/traces.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

type Deciding = Pick<JobContext, "store" | "clock" | "policy" | "wake">;

/** Cards whose decision is the same under a policy, so that they are not rechecked every time. */
export type UnchangedCards = Set<string>;

/** Whether this version of a card was rechecked under this policy, with the same result. */
export function isUnchanged(
  unchanged: UnchangedCards,
  card: DecidedBefore,
  inForceId: string,
): boolean {
  return unchanged.has(recheckMark(card, inForceId));
}

function recheckMark({ id, version }: DecidedBefore, inForceId: string): string {
  return `${id}:${version}:${inForceId}`;
}

/**
 * Decides again on every card whose turn began before this policy came into force: pending ones, and approved ones that
 * have not begun. A card that is decided the same or more leniently stays with the people who have it; a stricter
 * decision ends it, and its conversation is planned again, for people too. What policy alone had allowed and has not
 * begun is planned again in any case. Safe to repeat; it also finds cards that a turn under way wrote meanwhile.
 */
export async function recheckCards(
  context: Deciding,
  inForce: { readonly id: string; readonly since: Date },
  unchanged: UnchangedCards,
): Promise<void> {
  const older = await context.store.run(approvalsDecidedBefore, inForce.since);
  for (const card of older) {
    if (isUnchanged(unchanged, card, inForce.id)) continue;
    const [approval] = await context.store.run(readableApprovals, eq(approvals.id, card.id));
    if (approval === undefined) continue;
    const again = await recheckDecision(context, approval);
    const lapsed = again !== null && (await lapseWhere(context, approval, again));
    // An approved card is rechecked until it has begun, because its voters may lose their roles at any time.
    if (!lapsed && approval.state === "pending") unchanged.add(recheckMark(card, inForce.id));
  }
  await takeBackAllowed(context, inForce.since);
}

/**
 * In what the policy is stricter by now about a card decided under an older one; empty when it is not. Checked at the click, because a turn
 * that was under way when the policy changed may have just written its card.
 */
export async function changedByPolicy(
  context: Pick<JobContext, "store" | "policy" | "clock">,
  approval: Approval,
): Promise<readonly string[]> {
  const isOlder = await context.store.run(isDecidedBefore, approval.id, context.policy.version);
  const again = isOlder ? await recheckDecision(context, approval) : null;
  return again?.changes ?? [];
}

/** Voids the card when it may not go on as it is. */
async function lapseWhere(
  context: Deciding,
  approval: Approval,
  again: RecheckedDecision,
): Promise<boolean> {
  if (approval.state === "pending")
    return again.changes.length > 0 && (await voidCard(context, approval, again.changes));
  const votes = countedVotes(context, approval.votes, approval);
  if (again.allowed && hasEnough(votes, again.needs)) return false;
  return voidCard(
    context,
    approval,
    again.changes.length > 0 ? again.changes : ["a teammate who approved no longer has a role"],
  );
}

async function voidCard(
  context: Deciding,
  approval: Approval,
  changes: readonly string[],
): Promise<boolean> {
  const now = context.clock.now();
  const line =
    `The policy changed: ${changes.join("; ")}. It is looked at again, and a person decides.`.slice(
      0,
      490,
    );
  return planAgain(context, approval.conversationId, now, async (transaction) => {
    const allowed = await effectsOfApproval(transaction, approval.id);
    if (!(await withdrawAll(transaction, allowed, WITHDRAWN, now))) throw staleCardError();
    if (!(await voidApproval(context, transaction, approval, line, now))) throw staleCardError();
  });
}

/** Ends what was decided and wakes its conversation; false where something has begun or changed meanwhile. */
async function planAgain(
  { store, wake }: Pick<Deciding, "store" | "wake">,
  conversationId: string,
  now: Date,
  end: (transaction: Transaction) => Promise<void>,
): Promise<boolean> {
  try {
    await store.run(async (transaction) => {
      await end(transaction);
      await updateConversation(transaction, conversationId, { wakeAt: now }, now);
    });
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "approval.stale") return false;
    throw error;
  }
  await wake(conversationId).catch(() => undefined);
  return true;
}

/** Why an effect is withdrawn here. */
const WITHDRAWN = "the policy changed";

/** Another change was faster: it stands, and the next check finds what is left to do. */
function staleCardError(): DeskhandError {
  return new DeskhandError("approval.stale", "the card changed at the same moment");
}

// Takes back what an older policy allowed without approval and has not begun.

/**
 * Plans again what an older policy allowed and that has not begun, such as during a pause: the team may have paused
 * everything to make the policy stricter, and what it forbids may be a word of a text as well as an amount.
 */
async function takeBackAllowed(context: Deciding, since: Date): Promise<void> {
  const now = context.clock.now();
  for (const { bundle, turnId } of await context.store.run(bundlesAllowedBefore, since)) {
    const [turn] = await context.store.run(findTurns, turnId);
    if (turn === undefined) continue;
    const conversation = turn.conversation_id;
    await planAgain(context, conversation, now, async (transaction) => {
      const all = await bundleEffects(transaction, bundle);
      const isGivenBack =
        bundle !== ruledBundle(turnId) || (await takeHandOverBack(transaction, turn, all, now));
      // What people have by now stays theirs; what the bot would have said with it is not sent.
      const effects = isGivenBack ? all : all.filter(({ operation }) => operation === "reply");
      if (!(await withdrawAll(transaction, effects, WITHDRAWN, now))) throw staleCardError();
      for (const { key } of effects)
        await appendAudit(transaction, { kind: "withdrawn", data: { conversation, key } }, now);
      if (!isGivenBack) return;
      await amendTurn(transaction, turnId, {
        outcome: "pending",
        outcome_reason: "withdrawn before it began: the policy changed",
        escalated_to_human: false,
      });
    });
  }
}

/** The bot has the conversation of this turn again, with its messages open; false where a teammate has it by now. */
async function takeHandOverBack(
  transaction: Transaction,
  turn: TurnTrace,
  effects: readonly Effect[],
  now: Date,
): Promise<boolean> {
  const id = turn.conversation_id;
  await lockConversation(transaction, id);
  const reason = (await loadConversation(transaction, id))?.reason;
  if (reason?.holder !== null || reason.words !== handedToPeople(turn.outcome_reason)) return false;
  await reopenHandedOver(transaction, effects.flatMap(answeredBy), turn.request_id);
  const ownerReason = toldReason("the policy changed before it was handed over");
  const change = { owner: "bot", ownerReason, closedNoticeUntil: null } as const;
  await updateConversation(transaction, id, change, now);
  await refreshRevision(transaction, id);
  return true;
}

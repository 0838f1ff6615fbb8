/** Rechecks open cards, and what an older policy allowed and has not begun, when the policy changes. */

import { DeskhandError } from "#core/values/errors.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { updateConversation, loadConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsOfApproval, withdraw, bundleEffects, type Effect } from "#store/effects/ledger.ts";
import {
  approvalsDecidedBefore,
  isDecidedBefore,
  type DecidedBefore,
  bundlesAllowedBefore,
} from "#store/policy/policy-changes.ts";
import { hasEnough } from "#gate/kernel/ballot.ts";
import { countedVotes } from "#jobs/approval/ballot.ts";
import {
  recheckDecision,
  type RecheckedDecision,
  withoutBookings,
  decideAction,
} from "./recheck.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { TurnTrace } from "#core/values/trace.ts";
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
 * have not begun; then on what policy alone had allowed and has not begun. A card that is decided the same or more
 * leniently stays with the people who have it; a stricter decision ends it, and its conversation is planned again, for
 * people too. Safe to repeat; it also finds cards that a turn under way wrote meanwhile.
 */
export async function recheckCards(
  context: Deciding,
  inForce: { readonly id: string; readonly since: Date },
  unchanged: UnchangedCards,
): Promise<void> {
  const older = await context.store.run(approvalsDecidedBefore, inForce.since);
  for (const card of older) {
    if (isUnchanged(unchanged, card, inForce.id)) continue;
    const approval = await context.store.run(loadApproval, card.id);
    if (approval === null) continue;
    const again = await recheckDecision(context, approval);
    const lapsed = again !== null && (await lapseWhere(context, approval, again));
    // An approved card is rechecked until it has begun, because its voters may lose their roles at any time.
    if (!lapsed && approval.state === "pending") unchanged.add(recheckMark(card, inForce.id));
  }
  await recheckAllowed(context, inForce.since);
}

/**
 * In what the policy is stricter by now about a card decided under an older one; empty when it is not. Checked at the click, because a turn
 * that was under way when the policy changed may have just written its card.
 */
export async function changedByPolicy(
  context: Pick<JobContext, "store" | "policy">,
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
    if (approval.state === "approved") await takeBack(transaction, approval, now);
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

/** Another change was faster: it stands, and the next check finds what is left to do. */
function staleCardError(): DeskhandError {
  return new DeskhandError("approval.stale", "the card changed at the same moment");
}

/** Withdraws all that was approved, or nothing when an effect has begun. */
async function takeBack(transaction: Transaction, approval: Approval, now: Date): Promise<void> {
  const effects = await effectsOfApproval(transaction, approval.id);
  for (const { key, state, attempts } of effects) {
    if (state === "withdrawn") continue;
    if (state !== "intended" || attempts > 0) throw staleCardError();
    const taken = await withdraw(transaction, { key }, "the policy changed", now);
    if (taken.length === 0) throw staleCardError();
  }
}

// Rechecks what an older policy allowed without approval and has not begun.

/** A bundle with the circumstances under which it was allowed. */
interface Allowed {
  readonly effects: readonly Effect[];
  readonly turn: TurnTrace;
  readonly brand: string;
}

/**
 * Decides again on bundles that an older policy allowed and that have not begun, such as during a pause: the team may
 * have paused everything to make the policy stricter. What is no longer allowed is withdrawn, and its conversation is
 * planned again.
 */
async function recheckAllowed(context: Deciding, since: Date): Promise<void> {
  const older = await context.store.run(bundlesAllowedBefore, since);
  for (const { bundle, turnId } of older) {
    const allowed = await context.store.run(readAllowed, bundle, turnId);
    if (allowed === null || (await isStillAllowed(context, allowed))) continue;
    await withdrawAllowed(context, allowed);
  }
}

async function readAllowed(
  transaction: Transaction,
  bundle: string,
  turnId: string,
): Promise<Allowed | null> {
  const effects = await bundleEffects(transaction, bundle);
  const [turn] = await findTurns(transaction, turnId);
  const state =
    turn === undefined ? null : await loadConversation(transaction, turn.conversation_id);
  const hasBegun = effects.some(({ state: is, attempts }) => is !== "intended" || attempts > 0);
  return hasBegun || turn === undefined || state === null
    ? null
    : { effects, turn, brand: state.conversation.brand };
}

async function isStillAllowed(context: Deciding, allowed: Allowed): Promise<boolean> {
  const { effects, turn } = allowed;
  const actions = effects.filter(({ operation }) => operation !== "reply");
  for (const effect of actions)
    if (!(await isActionAllowed(context, allowed, effect))) return false;
  const autonomy = context.policy.replyAutonomy(turn.channel, turn.topic);
  // A reply that only says what its actions did shares their verdict, except on a shadow channel.
  return actions.length > 0 ? autonomy !== "shadow" : autonomy === "auto";
}

async function isActionAllowed(
  context: Deciding,
  { turn, brand }: Allowed,
  { key, action, facts }: Effect,
): Promise<boolean> {
  const policy = await withoutBookings(context, [key]);
  const { verdict } = await decideAction(
    { ...context, policy, clock: { now: () => new Date(turn.started_at) } },
    { key, action, facts, label: action.operation },
    {
      conversation: { channel: turn.channel, brand },
      level: turn.identity_level,
      actingLevel: turn.identity_acting_level,
      customerId: facts[0]?.customerId ?? null,
      topic: turn.topic,
      // It was allowed, so the customer asked for it and every value came from a record.
      origin: null,
      earlier: [],
    },
  );
  return verdict === "allow";
}

async function withdrawAllowed(context: Deciding, { effects, turn }: Allowed): Promise<void> {
  const now = context.clock.now();
  const conversationId = turn.conversation_id;
  await planAgain(context, conversationId, now, async (transaction) => {
    for (const { key } of effects) {
      const taken = await withdraw(transaction, { key }, "the policy changed", now);
      if (taken.length === 0) throw staleCardError();
      await appendAudit(
        transaction,
        { kind: "withdrawn", data: { conversation: conversationId, key } },
        now,
      );
    }
    await amendTurn(transaction, turn.request_id, {
      outcome: "pending",
      outcome_reason: "withdrawn before it began: the policy changed",
    });
  });
}

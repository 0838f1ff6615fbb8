/** Rechecks what an older policy allowed without approval and has not begun. */

import { DeskhandError } from "#core/values/errors.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { bundleOf, withdraw, type Effect } from "#store/effects/ledger.ts";
import { bookingsOf, bundlesAllowedBefore } from "#store/policy/policy-changes.ts";
import { amendTurn, findTurns } from "#store/conversations/traces.ts";
import { decideAction } from "#jobs/plan/ask-policy.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

type Deciding = Pick<JobContext, "store" | "clock" | "policy" | "wake">;

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
export async function recheckAllowed(context: Deciding, since: Date): Promise<void> {
  const older = await context.store.run((transaction) => bundlesAllowedBefore(transaction, since));
  for (const { bundle, turnId } of older) {
    const allowed = await context.store.run((transaction) =>
      readAllowed(transaction, bundle, turnId),
    );
    if (allowed === null || (await isStillAllowed(context, allowed))) continue;
    await takeBack(context, allowed);
  }
}

async function readAllowed(
  transaction: Transaction,
  bundle: string,
  turnId: string,
): Promise<Allowed | null> {
  const effects = await bundleOf(transaction, bundle);
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
  { store, policy }: Deciding,
  { turn, brand }: Allowed,
  { key, action, facts }: Effect,
): Promise<boolean> {
  const own = await store.run((transaction) => bookingsOf(transaction, key));
  const { verdict } = await decideAction(
    {
      store,
      policy: withoutBookings(policy, own),
      clock: { now: () => new Date(turn.started_at) },
    },
    { key, action, facts, label: action.operation },
    {
      conversation: { channel: turn.channel, brand },
      level: turn.identity_level,
      customerId: facts[0]?.customerId ?? null,
      topic: turn.topic,
      // It was allowed, so the customer asked for it and every value came from a record.
      origin: null,
      earlier: [],
    },
  );
  return verdict === "allow";
}

/** The policy without this effect's own bookings, which would count twice. */
function withoutBookings(policy: Policy, own: Awaited<ReturnType<typeof bookingsOf>>): Policy {
  return {
    ...policy,
    decide(question) {
      const usage = { ...question.usage };
      for (const { limit, minor } of own) {
        const used = usage[limit];
        if (used !== undefined) usage[limit] = { count: used.count - 1, minor: used.minor - minor };
      }
      return policy.decide({ ...question, usage });
    },
  };
}

async function takeBack(context: Deciding, { effects, turn }: Allowed): Promise<void> {
  const now = context.clock.now();
  const conversationId = turn.conversation_id;
  try {
    await context.store.run(async (transaction) => {
      for (const { key } of effects) {
        const taken = await withdraw(transaction, { key }, "the policy changed", now);
        if (taken.length === 0) throw new DeskhandError("approval.stale", "it has begun by now");
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
      await updateConversation(transaction, conversationId, { wakeAt: now }, now);
    });
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "approval.stale") return;
    throw error;
  }
  await context.wake(conversationId).catch(() => undefined);
}

import type { Signal } from "#core/message.ts";
import { appendAudit } from "#store/audit.ts";
import {
  addMessages,
  addSignals,
  refreshRevision,
  setOutcome,
  updateConversation,
} from "#store/conversations.ts";
import type { Transaction } from "#store/driver.ts";
import { requireLease, type Lease } from "#store/lease.ts";
import { intend, withdraw } from "#store/ledger.ts";
import { releaseReservations, reserve } from "#store/limits.ts";
import { markRead } from "#store/mailbox.ts";
import { saveTurn } from "#store/traces.ts";
import { Overtaken } from "./overtaken.ts";
import type { Parts } from "./parts.ts";
import type { Plan, PlannedBundle } from "./plan.ts";
import type { Situation } from "./situation.ts";
import type { View } from "./view.ts";
import { writeCard } from "./write-card.ts";

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease by now.
 */
export async function writeTurn(
  parts: Parts,
  transaction: Transaction,
  turn: {
    readonly lease: Lease;
    readonly view: View;
    readonly read: readonly number[];
    readonly situation: Situation;
    readonly plan: Plan;
  },
): Promise<void> {
  const { lease, view, situation, plan } = turn;
  const { conversationId } = lease;
  const now = parts.clock.now();
  await requireLease(transaction, lease);
  await markRead(transaction, turn.read);
  await addMessages(transaction, conversationId, situation.newMessages, now);
  const signals = await addSignals(transaction, conversationId, situation.newSignals);
  await updateConversation(
    transaction,
    conversationId,
    changesOf(view, situation, signals, plan),
    now,
  );
  for (const { message, reason } of situation.ignored)
    await setOutcome(transaction, [message.key], { outcome: "ignored", reason, turnId: null }, now);
  const revision = await refreshRevision(transaction, conversationId);
  for (const bundle of situation.overtaken) await takeBack(transaction, bundle, now);
  for (const { keys, outcome, reason } of plan.outcomes)
    await setOutcome(
      transaction,
      keys,
      { outcome, reason, turnId: plan.trace?.request_id ?? null },
      now,
    );
  if (plan.trace !== null) await saveTurn(transaction, plan.trace);
  await writeCard(parts, transaction, {
    view,
    plan,
    revision,
    now,
    overtaken: situation.overtaken.length > 0,
  });
  for (const bundle of plan.bundles)
    await intendBundle(parts, transaction, conversationId, bundle, {
      revision,
      turnId: plan.trace?.request_id ?? null,
      now,
    });
  for (const { conversationId: other, bundle } of plan.elsewhere)
    await intendBundle(parts, transaction, other, bundle, { revision, turnId: null, now });
  if (plan.trace !== null) await appendAudit(transaction, auditOf(conversationId, plan.trace), now);
}

function auditOf(conversationId: string, trace: NonNullable<Plan["trace"]>) {
  return {
    kind: "turn",
    data: {
      conversation: conversationId,
      turn: trace.request_id,
      outcome: trace.outcome,
      guard: trace.guard.verdict,
      level: trace.identity_level,
      policy: trace.policy_version,
      rules: trace.decisions.map((decision) => decision.rule),
    },
  };
}

/** Fields nobody else may have moved meanwhile are written only when this turn moves them: a click needs no lease. */
function changesOf(view: View, situation: Situation, signals: readonly Signal[], plan: Plan) {
  const solved = signals.findLast((signal) => signal.kind === "solved");
  const rated = signals.findLast((signal) => signal.kind === "rated");
  const owner = plan.owner ?? situation.ownership;
  const moved = owner.owner !== view.state.owner || owner.reason !== view.state.reason;
  return {
    subject: situation.subject,
    brand: situation.brand,
    ...(situation.externalId === null ? {} : { externalId: situation.externalId }),
    ...(moved ? { owner: owner.owner, ownerReason: owner.reason } : {}),
    ...clarifiedAfter(plan),
    ...(solved === undefined ? {} : { solvedAt: new Date(solved.at) }),
    ...(rated === undefined ? {} : { rating: rated.score }),
    wakeAt: plan.retry?.at ?? null,
    retrySince: plan.retry?.since ?? null,
  };
}

/** An answer closes the matter, so that the next unclear request may be asked about again. */
function clarifiedAfter({ trace, retry, clarified }: Plan) {
  return trace === null || retry !== null ? {} : { clarified };
}

/** What was approved but had not begun is withdrawn, and its limits are free again. */
async function takeBack(transaction: Transaction, bundle: string, now: Date): Promise<void> {
  const keys = await withdraw(transaction, { bundle }, "the customer wrote again", now);
  await releaseReservations(transaction, keys);
}

/** Intends a bundle. Its keys must be new: one that exists belongs to a request that got there first. */
async function intendBundle(
  parts: Parts,
  transaction: Transaction,
  conversationId: string,
  bundle: PlannedBundle,
  standing: { readonly revision: string; readonly turnId: string | null; readonly now: Date },
): Promise<void> {
  for (const { key, reservations } of bundle.reservations)
    if (!(await reserve(transaction, key, reservations, standing.now)))
      throw new Overtaken("a limit is used up");
  const intended = await intend(transaction, bundle.actions, {
    conversationId,
    approvalId: null,
    turnId: standing.turnId,
    bundle: parts.ids.next("b"),
    revision: bundle.forThisRevision ? standing.revision : null,
    approvedBy: bundle.approvedBy,
    notBefore: standing.now,
    now: standing.now,
  });
  if (bundle.forThisRevision && intended.length !== bundle.actions.length)
    throw new Overtaken("the same action is under way already");
  for (const { key, action } of bundle.actions)
    await appendAudit(
      transaction,
      {
        kind: "intended",
        data: {
          conversation: conversationId,
          key,
          operation: action.operation,
          by: bundle.approvedBy,
        },
      },
      standing.now,
    );
}

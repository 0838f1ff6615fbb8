/** Writes a decided turn within its transaction. */

import type { Signal } from "#core/values/message.ts";
import type { Ownership } from "#core/values/ownership.ts";
import { recordAudit, type AuditEntry } from "#store/audit/pending-entries.ts";
import { refreshCandidate } from "#store/reports/eval-candidates.ts";
import {
  addMessages,
  refreshRevision,
  reopenMessages,
  rereadMessages,
  setOutcome,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { addSignals } from "#store/conversations/signals.ts";
import type { Transaction } from "#store/db/database.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import { intendEffects, withdraw, type Effect } from "#store/effects/ledger.ts";
import { releaseReservations, reserve } from "#store/effects/policy-limits.ts";
import { holdPause, lockLimits } from "#store/db/advisory-locks.ts";
import { markRead } from "#store/inbox/unread-hints.ts";
import { saveTrace } from "#store/conversations/traces.ts";
import { ownershipEntries } from "#jobs/conversation/ownership-entries.ts";
import { resolutionBy } from "#jobs/conversation/resolution.ts";
import { StaleTurnError } from "#jobs/context/stale-turn-error.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { startWithinTurn } from "#jobs/effects/preconditions.ts";
import { keysOf, type Plan, type PlannedBundle } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import { participantColumns, CONVERSATION_PASSED_ON } from "#jobs/conversation/participants.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { saveCard } from "#jobs/approval/save-card.ts";

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease. Limits are booked first and the audit is written last, as `lock-order.ts` requires.
 *
 * Returns the effect that began in this commit, if one did: its preconditions were checked in the same transaction.
 */
export async function saveTurn(
  context: JobContext,
  transaction: Transaction,
  turn: {
    readonly lease: Lease;
    readonly snapshot: ConversationSnapshot;
    readonly read: readonly number[];
    readonly changes: ConversationChanges;
    readonly plan: Plan;
    /** The bundle of the plan whose first effect may begin with this commit; null when none may. */
    readonly atOnce: PlannedBundle | null;
  },
): Promise<StartedEffects | null> {
  const { lease, snapshot, changes, plan } = turn;
  const { conversationId } = lease;
  const now = context.clock.now();
  const { owner } = await requireLease(transaction, lease);
  // A click hands over without a lease. A turn that assumed the bot still owned the conversation is planned again.
  if (owner !== snapshot.state.owner)
    throw new StaleTurnError("the conversation changed hands meanwhile");
  await bookLimits(transaction, plan, now);
  await markRead(transaction, turn.read);
  const messages = [...changes.newMessages, ...changes.edited];
  await addMessages(transaction, conversationId, messages, now);
  await rereadMessages(transaction, conversationId, changes.reread);
  await reopenMessages(transaction, keysOf(changes.reopened));
  const signals = await addSignals(transaction, conversationId, changes.newSignals);
  await updateConversation(
    transaction,
    conversationId,
    changesOf(context, { snapshot, changes, signals, plan, now }),
    now,
  );
  for (const { message, reason } of changes.ignored)
    await setOutcome(transaction, [message.key], { outcome: "ignored", reason, turnId: null }, now);
  const revision = await refreshRevision(transaction, conversationId);
  if (signals.length > 0 || mayEndAsCase(snapshot, changes))
    await refreshCandidate(transaction, conversationId, now);
  for (const bundle of changes.overtaken)
    await takeBack(transaction, bundle, overtakenBy(changes), now);
  for (const { keys, outcome, reason } of plan.outcomes)
    await setOutcome(
      transaction,
      keys,
      { outcome, reason, turnId: plan.trace?.request_id ?? null },
      now,
    );
  if (plan.trace !== null) await saveTrace(transaction, plan.trace);
  // The pause comes before cards and effects in the order of locks.
  if (turn.atOnce !== null) await holdPause(transaction);
  const entries = [
    ...(await saveCard(context, transaction, {
      snapshot,
      plan,
      revision,
      now,
      overtaken: changes.overtaken.length > 0,
      toPeople: ownerAfter(changes, plan).owner === "human",
    })),
  ];
  const intended = await intendAll(context, transaction, conversationId, { plan, revision, now });
  const begun = await beginAtOnce(transaction, turn, intended.bundles, now);
  const handed = ownershipEntries(conversationId, signals);
  await recordAudit(transaction, [...handed, ...entries, ...intended.entries], now);
  return begun;
}

/** What a turn's commit began, with the whole bundle it belongs to. */
export interface StartedEffects {
  readonly begun: Effect;
  readonly bundle: readonly Effect[];
}

/** The effect stays intended when anything is in its way now, and is run later like every other. */
async function beginAtOnce(
  transaction: Transaction,
  turn: { readonly lease: Lease; readonly atOnce: PlannedBundle | null },
  bundles: ReadonlyMap<PlannedBundle, readonly Effect[]>,
  now: Date,
): Promise<StartedEffects | null> {
  const bundle = turn.atOnce === null ? undefined : bundles.get(turn.atOnce);
  const first = bundle?.[0];
  if (bundle === undefined || first === undefined || first.position !== 0) return null;
  const beginning = await startWithinTurn(transaction, first, {
    fence: turn.lease.fence,
    now,
    holdsPause: true,
  });
  return beginning.kind === "begun" ? { begun: beginning.effect, bundle } : null;
}

/** The intended effects by planned bundle, and their audit entries. */
interface IntendedBundles {
  readonly bundles: ReadonlyMap<PlannedBundle, readonly Effect[]>;
  readonly entries: readonly AuditEntry[];
}

/** Intends all bundles of the plan, in this conversation and in others. */
async function intendAll(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
  written: { readonly plan: Plan; readonly revision: string; readonly now: Date },
): Promise<IntendedBundles> {
  const { plan, revision, now } = written;
  const turnId = plan.trace?.request_id ?? null;
  const planned = [
    ...plan.bundles.map((bundle) => ({ conversationId, bundle, turnId })),
    ...plan.elsewhere.map((other) => ({ ...other, turnId: null })),
  ];
  const bundles = new Map<PlannedBundle, readonly Effect[]>();
  const entries: AuditEntry[] = [];
  for (const { conversationId: id, bundle, turnId: from } of planned) {
    const origin = { revision, turnId: from, now };
    const intended = await intendBundle(context, transaction, id, bundle, origin);
    bundles.set(bundle, intended);
    const made = new Set(intended.map(({ key }) => key));
    const actions = bundle.actions.filter(({ key }) => made.has(key));
    entries.push(...actions.map((action) => intendedEntry(id, bundle, action)));
  }
  if (plan.trace !== null) entries.push(auditOf(conversationId, plan.trace));
  return { bundles, entries };
}

function intendedEntry(
  conversationId: string,
  { approvedBy }: PlannedBundle,
  { key, action }: PlannedBundle["actions"][number],
): AuditEntry {
  return {
    kind: "intended",
    data: { conversation: conversationId, key, operation: action.operation, by: approvedBy },
  };
}

/** Books what the plan uses of its limits; all locks are taken at once. */
async function bookLimits(transaction: Transaction, { bundles }: Plan, now: Date): Promise<void> {
  const bookings = bundles.flatMap((bundle) => bundle.reservations);
  await lockLimits(
    transaction,
    bookings.flatMap(({ reservations }) => reservations),
  );
  for (const { key, reservations } of bookings)
    if (!(await reserve(transaction, key, reservations, now)))
      throw new StaleTurnError("a limit is used up");
}

function auditOf(conversationId: string, trace: NonNullable<Plan["trace"]>): AuditEntry {
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

/**
 * Fields that a click may have changed meanwhile are written only when this turn changes them: a click needs no lease.
 */
function changesOf(
  context: JobContext,
  turn: {
    readonly snapshot: ConversationSnapshot;
    readonly changes: ConversationChanges;
    readonly signals: readonly Signal[];
    readonly plan: Plan;
    readonly now: Date;
  },
) {
  const { snapshot, changes, signals, plan, now } = turn;
  return {
    subject: changes.subject,
    brand: changes.brand,
    ...participantColumns(snapshot.state.participants, changes.participants),
    ...(changes.externalId === null ? {} : { externalId: changes.externalId }),
    ...ownerMoved(snapshot, ownerAfter(changes, plan)),
    // Only our own hand-overs get reminders: a teammate who took the conversation already has it.
    ...(plan.owner?.owner === "human"
      ? { handedOverAt: now, handoverRemindAt: context.policy.handoverRemindAt(now) }
      : {}),
    ...(plan.closedNoticeUntil === null ? {} : { closedNoticeUntil: plan.closedNoticeUntil }),
    ...clarifiedAfter(plan),
    ...resolutionBy(signals),
    wakeAt: plan.retry?.at ?? null,
    retrySince: plan.retry?.since ?? null,
  };
}

function ownerMoved({ state }: ConversationSnapshot, { owner, reason }: Ownership) {
  return owner === state.owner && reason === state.reason ? {} : { owner, ownerReason: reason };
}

/** The owner once this turn is written. */
function ownerAfter(changes: ConversationChanges, plan: Plan): Ownership {
  return plan.owner ?? changes.ownership;
}

/** An answer closes the topic, so the next unclear request may get a clarifying question again. */
function clarifiedAfter({ trace, retry, clarified }: Plan) {
  return trace === null || retry !== null ? {} : { clarified };
}

/** Barring a conversation or lifting the bar also decides whether it may become an eval case. */
function mayEndAsCase(
  { state }: ConversationSnapshot,
  { participants }: ConversationChanges,
): boolean {
  return state.solvedAt !== null || participants.barred !== null || participants.isUnbarred;
}

function overtakenBy({ participants, ownership }: ConversationChanges): string {
  if (participants.barred !== null) return participants.barred.reason;
  if (ownership.owner === "human") return ownership.reason;
  return participants.hasChanged ? CONVERSATION_PASSED_ON : "more was said in the conversation";
}

/** Withdraws what was approved but has not begun, and frees its limits. */
async function takeBack(
  transaction: Transaction,
  bundle: string,
  reason: string,
  now: Date,
): Promise<void> {
  const keys = await withdraw(transaction, { bundle }, reason, now);
  await releaseReservations(transaction, keys);
}

/** Intends a bundle. Its keys must be new: an existing key belongs to a request that got there first. */
async function intendBundle(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
  bundle: PlannedBundle,
  origin: { readonly revision: string; readonly turnId: string | null; readonly now: Date },
): Promise<readonly Effect[]> {
  const intended = await intendEffects(transaction, bundle.actions, {
    conversationId,
    approvalId: null,
    turnId: origin.turnId,
    bundle: context.ids.next("b"),
    revision: bundle.forThisRevision ? origin.revision : null,
    approvedBy: bundle.approvedBy,
    notBefore: origin.now,
    now: origin.now,
  });
  if (bundle.forThisRevision && intended.length !== bundle.actions.length)
    throw new StaleTurnError("the same action is under way already");
  return intended;
}

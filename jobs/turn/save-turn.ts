/** Writes a decided turn within its transaction. */

import type { PlannedAction } from "#core/values/action.ts";
import type { Signal } from "#core/values/message.ts";
import type { Ownership } from "#core/values/ownership.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { refreshCandidate } from "#store/reports/eval-candidates.ts";
import {
  type ConversationChange,
  reopenMessages,
  rereadMessages,
  setOutcome,
  takeEdits,
} from "#store/conversations/conversations.ts";
import type { MessageOutcome } from "#store/conversations/message-rows.ts";
import {
  type IntendedBundle,
  intendTurn,
  recordTurn,
  type WrittenLine,
} from "#store/conversations/record-turn.ts";
import { addSignals } from "#store/conversations/signals.ts";
import type { Transaction } from "#store/db/database.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import { withdraw, type Effect } from "#store/effects/ledger.ts";
import { releaseReservations, reserve } from "#store/effects/policy-limits.ts";
import { conditionsAtNewRevision, type StartConditions } from "#store/effects/start-conditions.ts";
import { lockLimits } from "#store/db/advisory-locks.ts";
import { ownershipEntries } from "#jobs/conversation/ownership-entries.ts";
import { resolutionBy } from "#jobs/conversation/resolution.ts";
import { StaleTurnError } from "#jobs/context/stale-turn-error.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { answeredOutcomes, consequencesOf } from "#jobs/effects/consequences.ts";
import { mayBeginAtOnce } from "#jobs/effects/preconditions.ts";
import type { BundleAtOnce } from "#jobs/effects/start-with-turn.ts";
import { keysOf, type Plan, type PlannedBundle } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import { participantColumns, CONVERSATION_PASSED_ON } from "#jobs/conversation/participants.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { saveCard } from "#jobs/approval/save-card.ts";

/** What a turn writes. */
interface TurnToSave {
  readonly lease: Lease;
  readonly snapshot: ConversationSnapshot;
  readonly read: readonly number[];
  readonly changes: ConversationChanges;
  readonly plan: Plan;
  /** The bundle of the plan whose first effect may begin with this commit; null when none may. */
  readonly atOnce: BundleAtOnce | null;
}

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease. Limits are booked first and the audit is written last, as `advisory-locks.ts` requires.
 *
 * Returns the effect that began in this commit, if one did: its preconditions were checked in the same transaction.
 */
export async function saveTurn(
  context: JobContext,
  transaction: Transaction,
  turn: TurnToSave,
): Promise<StartedEffects | null> {
  const { lease, snapshot, changes, plan } = turn;
  const { conversationId } = lease;
  const now = context.clock.now();
  const signals = await writeBefore(transaction, turn, now);
  await record(context, transaction, turn, { signals, now });
  if (signals.length > 0 || mayEndAsCase(snapshot, changes))
    await refreshCandidate(transaction, conversationId, now);
  const conditions = await conditionsAtNewRevision(transaction, conversationId);
  const { revision } = conditions.state;
  for (const bundle of changes.overtaken)
    await takeBack(transaction, bundle, overtakenBy(changes), now);
  const cards = await saveCard(context, transaction, {
    snapshot,
    plan,
    revision,
    now,
    overtaken: changes.overtaken.length > 0,
    toPeople: ownerAfter(changes, plan).owner === "human",
  });
  const entries = [...ownershipEntries(conversationId, signals), ...cards];
  return intendAll(context, transaction, turn, { conditions, entries, now });
}

/** What must be there before the messages are written: booked limits, signals, and messages that are open again. */
async function writeBefore(
  transaction: Transaction,
  { lease, changes, plan }: TurnToSave,
  now: Date,
): Promise<readonly Signal[]> {
  const bookings = plan.bundles.flatMap((bundle) => bundle.reservations);
  if (bookings.length + changes.newSignals.length + changes.reopened.length === 0) return [];
  await requireLease(transaction, lease);
  await bookLimits(transaction, bookings, now);
  await reopenMessages(transaction, keysOf(changes.reopened));
  return addSignals(transaction, lease.conversationId, changes.newSignals);
}

/** Writes what the turn read and how it ended for the messages it considered. */
async function record(
  context: JobContext,
  transaction: Transaction,
  turn: TurnToSave,
  { signals, now }: { readonly signals: readonly Signal[]; readonly now: Date },
): Promise<void> {
  const { lease, snapshot, read, changes, plan } = turn;
  const { conversationId } = lease;
  const outcomes = outcomesOf(changes, plan);
  const known = await recordTurn(
    transaction,
    lease,
    {
      owner: snapshot.state.owner,
      hints: read,
      messages: changes.newMessages,
      change: changesOf(context, { snapshot, changes, signals, plan, now }),
      outcomes,
      holdsPause: turn.atOnce !== null,
      chat: turn.atOnce?.line?.chat ?? null,
    },
    now,
  );
  // A click hands over without a lease. A turn that assumed the bot still owned the conversation is planned again.
  if (known === null) throw new StaleTurnError("the conversation changed hands meanwhile");
  await takeEdits(transaction, conversationId, [...known, ...changes.edited]);
  for (const { key } of known) {
    const ended = outcomes.get(key);
    if (ended !== undefined) await setOutcome(transaction, [key], ended, now);
  }
  await rereadMessages(transaction, conversationId, changes.reread);
}

/** How messages ended with this turn, by key. The first outcome of a message counts. */
function outcomesOf(
  { ignored }: ConversationChanges,
  { outcomes, trace }: Plan,
): ReadonlyMap<string, MessageOutcome> {
  const ended = new Map<string, MessageOutcome>();
  for (const { message, reason } of ignored)
    ended.set(message.key, { outcome: "ignored", reason, turnId: null });
  const turnId = trace?.request_id ?? null;
  for (const { keys, outcome, reason } of outcomes)
    for (const key of keys) if (!ended.has(key)) ended.set(key, { outcome, reason, turnId });
  return ended;
}

/** What a turn's commit began, with the whole bundle it belongs to. */
export interface StartedEffects {
  readonly begun: Effect;
  readonly bundle: readonly Effect[];
}

/**
 * Intends all bundles of the plan, in this conversation and in others, and begins the first effect where it may. It
 * stays intended when anything is in its way now, and is run later like every other.
 */
async function intendAll(
  context: JobContext,
  transaction: Transaction,
  { lease, plan, atOnce }: TurnToSave,
  {
    conditions,
    entries,
    now,
  }: {
    readonly conditions: StartConditions;
    readonly entries: readonly AuditEntry[];
    readonly now: Date;
  },
): Promise<StartedEffects | null> {
  const { conversationId } = lease;
  const { revision } = conditions.state;
  const turnId = plan.trace?.request_id ?? null;
  const planned = [
    ...plan.bundles.map((bundle) => ({ conversationId, bundle, turnId })),
    ...plan.elsewhere.map((other) => ({ ...other, turnId: null })),
  ].map(({ conversationId: id, bundle, turnId: from }) => ({
    planned: bundle,
    conversationId: id,
    approvalId: null,
    turnId: from,
    bundle: context.ids.next("b"),
    revision: bundle.forThisRevision ? revision : null,
    approvedBy: bundle.approvedBy,
    notBefore: now,
    actions: bundle.actions,
  }));
  const first = planned.find((bundle) => bundle.planned === atOnce?.bundle);
  const begins = first !== undefined && (await mayBegin(transaction, first, conditions));
  const written =
    begins && atOnce !== null ? lineWith(context, conditions.state, first, atOnce, now) : null;
  const effects = await intendTurn(
    transaction,
    lease,
    {
      revision,
      trace: plan.trace,
      bundles: planned.map((bundle) => ({
        ...bundle,
        first: !begins || bundle !== first ? "intended" : written === null ? "executing" : "done",
      })),
      line: written?.line ?? null,
      entries: [
        ...entries.map((entry) => ({ ...entry, about: null })),
        ...planned.flatMap((bundle) =>
          bundle.actions.map((action) => ({
            ...intendedEntry(bundle.conversationId, bundle.planned, action),
            about: action.key,
          })),
        ),
        ...(plan.trace === null
          ? []
          : [{ ...auditOf(conversationId, plan.trace), about: null }]),
        ...(written === null ? [] : [{ ...written.entry, about: null }]),
      ],
    },
    now,
  );
  // Its keys must be new: an existing one belongs to a request that got there first.
  for (const { planned: bundle, bundle: id } of planned) {
    const intended = effects.filter((effect) => effect.bundle === id);
    if (bundle.forThisRevision && intended.length !== bundle.actions.length)
      throw new StaleTurnError("the same action is under way already");
  }
  const bundle = effects
    .filter((effect) => effect.bundle === first?.bundle)
    .toSorted((one, other) => one.position - other.position);
  const [begun] = bundle;
  return begun?.state === "executing" ? { begun, bundle } : null;
}

/** A bundle of the plan as it is about to be intended. */
type BundleToIntend = Omit<IntendedBundle, "first">;

/** Whether the first action of this bundle may begin with the commit that intends it. */
async function mayBegin(
  transaction: Transaction,
  bundle: BundleToIntend,
  conditions: StartConditions,
): Promise<boolean> {
  const [first] = bundle.actions;
  return first !== undefined && mayBeginAtOnce(transaction, effectOf(bundle, first), conditions);
}

function effectOf(bundle: BundleToIntend, planned: PlannedAction) {
  const { target, operation } = planned.action;
  return { ...bundle, ...planned, target, operation, position: 0 };
}

/** The line that is all there is to this bundle, with what follows from it; null where a call has to be made. */
function lineWith(
  context: JobContext,
  { conversation }: StartConditions["state"],
  bundle: BundleToIntend,
  { line }: BundleAtOnce,
  now: Date,
): { readonly line: WrittenLine; readonly entry: AuditEntry } | null {
  const [first] = bundle.actions;
  // An older request may have the same key: only what was decided for this revision is refused then.
  if (line === null || first === undefined || bundle.revision === null) return null;
  const effect = effectOf(bundle, first);
  const happened = { effect, bundle: [effect], committed: line.committed };
  const { message, answered, entry } = consequencesOf(context, conversation, happened, now);
  const { key, chat, text, committed } = line;
  return {
    line: { key, chat, text, ref: committed.ref, message, outcomes: answeredOutcomes(answered) },
    entry,
  };
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
async function bookLimits(
  transaction: Transaction,
  bookings: PlannedBundle["reservations"],
  now: Date,
): Promise<void> {
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
): ConversationChange {
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

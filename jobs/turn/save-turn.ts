import type { Signal } from "#core/values/message.ts";
import type { Ownership } from "#core/values/ownership.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { refreshCandidate } from "#store/reports/eval-candidates.ts";
import {
  addMessages,
  loadConversation,
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
import { saveTurn } from "#store/conversations/traces.ts";
import { handedEntries } from "#jobs/conversation/ownership-entries.ts";
import { endedBy } from "#jobs/conversation/resolution.ts";
import { Overtaken } from "#jobs/context/stale-turn-error.ts";
import type { Parts } from "#jobs/context/job-context.ts";
import { beginHere } from "#jobs/effects/preconditions.ts";
import { keysOf, type Plan, type PlannedBundle } from "#jobs/plan/plan.ts";
import type { Situation } from "#jobs/conversation/changes.ts";
import { changesIn, PASSED_ON } from "#jobs/conversation/participants.ts";
import type { View } from "#jobs/conversation/snapshot.ts";
import { writeCard, type AuditEntry } from "#jobs/approval/save-card.ts";

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease by now. Limits are booked first and the audit is written last, as `lock-order.ts` has it.
 *
 * Gives the effect that began with it, if one did: whatever a begin looks at was looked at in this very transaction.
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
    /** The bundle of the plan whose first effect may begin with this commit; null when none may. */
    readonly atOnce: PlannedBundle | null;
  },
): Promise<Begun | null> {
  const { lease, view, situation, plan } = turn;
  const { conversationId } = lease;
  const now = parts.clock.now();
  await requireLease(transaction, lease);
  await requireOwner(transaction, view);
  await bookLimits(transaction, plan, now);
  await markRead(transaction, turn.read);
  const messages = [...situation.newMessages, ...situation.edited];
  await addMessages(transaction, conversationId, messages, now);
  await rereadMessages(transaction, conversationId, situation.reread);
  await reopenMessages(transaction, keysOf(situation.reopened));
  const signals = await addSignals(transaction, conversationId, situation.newSignals);
  await updateConversation(
    transaction,
    conversationId,
    changesOf(parts, { view, situation, signals, plan, now }),
    now,
  );
  for (const { message, reason } of situation.ignored)
    await setOutcome(transaction, [message.key], { outcome: "ignored", reason, turnId: null }, now);
  const revision = await refreshRevision(transaction, conversationId);
  if (signals.length > 0 || mayEndAsCase(view, situation))
    await refreshCandidate(transaction, conversationId, now);
  for (const bundle of situation.overtaken)
    await takeBack(transaction, bundle, overtakenBy(situation), now);
  for (const { keys, outcome, reason } of plan.outcomes)
    await setOutcome(
      transaction,
      keys,
      { outcome, reason, turnId: plan.trace?.request_id ?? null },
      now,
    );
  if (plan.trace !== null) await saveTurn(transaction, plan.trace);
  // The pause stands before cards and effects in the order of locks.
  if (turn.atOnce !== null) await holdPause(transaction);
  const entries = [
    ...(await writeCard(parts, transaction, {
      view,
      plan,
      revision,
      now,
      overtaken: situation.overtaken.length > 0,
      toPeople: ownerAfter(situation, plan).owner === "human",
    })),
  ];
  const intended = await intendAll(parts, transaction, conversationId, { plan, revision, now });
  const begun = await beginAtOnce(transaction, turn, intended.bundles, now);
  const handed = handedEntries(conversationId, signals);
  for (const entry of [...handed, ...entries, ...intended.entries])
    await appendAudit(transaction, entry, now);
  return begun;
}

/** What a turn's commit began, with the whole bundle it belongs to. */
export interface Begun {
  readonly begun: Effect;
  readonly bundle: readonly Effect[];
}

/** The effect stays intended when anything stands in its way now, and is looked at like every other. */
async function beginAtOnce(
  transaction: Transaction,
  turn: { readonly lease: Lease; readonly atOnce: PlannedBundle | null },
  bundles: ReadonlyMap<PlannedBundle, readonly Effect[]>,
  now: Date,
): Promise<Begun | null> {
  const bundle = turn.atOnce === null ? undefined : bundles.get(turn.atOnce);
  const first = bundle?.[0];
  if (bundle === undefined || first === undefined || first.position !== 0) return null;
  const beginning = await beginHere(transaction, first, { fence: turn.lease.fence, now });
  return beginning.kind === "begun" ? { begun: beginning.effect, bundle } : null;
}

/** What was intended, by the bundle it was planned as, and what the audit is to say of it. */
interface Intended {
  readonly bundles: ReadonlyMap<PlannedBundle, readonly Effect[]>;
  readonly entries: readonly AuditEntry[];
}

/** Intends all bundles of the plan, here and elsewhere. */
async function intendAll(
  parts: Parts,
  transaction: Transaction,
  conversationId: string,
  written: { readonly plan: Plan; readonly revision: string; readonly now: Date },
): Promise<Intended> {
  const { plan, revision, now } = written;
  const turnId = plan.trace?.request_id ?? null;
  const planned = [
    ...plan.bundles.map((bundle) => ({ conversationId, bundle, turnId })),
    ...plan.elsewhere.map((other) => ({ ...other, turnId: null })),
  ];
  const bundles = new Map<PlannedBundle, readonly Effect[]>();
  const entries: AuditEntry[] = [];
  for (const { conversationId: id, bundle, turnId: from } of planned) {
    const standing = { revision, turnId: from, now };
    const intended = await intendBundle(parts, transaction, id, bundle, standing);
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

/** A click hands over without a lease. A turn that thought the bot still had the conversation is thought again. */
async function requireOwner(transaction: Transaction, view: View): Promise<void> {
  const { conversation, owner } = view.state;
  const state = await loadConversation(transaction, conversation.id);
  if (state?.owner !== owner) throw new Overtaken("the conversation changed hands meanwhile");
}

/** Books what the plan uses of its limits, all of them queued for at once. */
async function bookLimits(transaction: Transaction, { bundles }: Plan, now: Date): Promise<void> {
  const bookings = bundles.flatMap((bundle) => bundle.reservations);
  await lockLimits(
    transaction,
    bookings.flatMap(({ reservations }) => reservations),
  );
  for (const { key, reservations } of bookings)
    if (!(await reserve(transaction, key, reservations, now)))
      throw new Overtaken("a limit is used up");
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

/** Fields nobody else may have moved meanwhile are written only when this turn moves them: a click needs no lease. */
function changesOf(
  parts: Parts,
  turn: {
    readonly view: View;
    readonly situation: Situation;
    readonly signals: readonly Signal[];
    readonly plan: Plan;
    readonly now: Date;
  },
) {
  const { view, situation, signals, plan, now } = turn;
  return {
    subject: situation.subject,
    brand: situation.brand,
    ...changesIn(view.state, situation.standing),
    ...(situation.externalId === null ? {} : { externalId: situation.externalId }),
    ...ownerMoved(view, ownerAfter(situation, plan)),
    // Only a hand-over of ours is reminded of: whoever took it by themselves has it.
    ...(plan.owner?.owner === "human"
      ? { handedOverAt: now, handoverRemindAt: parts.policy.handoverRemindAt(now) }
      : {}),
    ...(plan.toldClosed === null ? {} : { toldClosed: plan.toldClosed }),
    ...clarifiedAfter(plan),
    ...endedBy(signals),
    wakeAt: plan.retry?.at ?? null,
    retrySince: plan.retry?.since ?? null,
  };
}

function ownerMoved({ state }: View, { owner, reason }: Ownership) {
  return owner === state.owner && reason === state.reason ? {} : { owner, ownerReason: reason };
}

/** Whose it is when this turn is written. */
function ownerAfter(situation: Situation, plan: Plan): Ownership {
  return plan.owner ?? situation.ownership;
}

/** An answer closes the matter, so that the next unclear request may be asked about again. */
function clarifiedAfter({ trace, retry, clarified }: Plan) {
  return trace === null || retry !== null ? {} : { clarified };
}

/** What bars a conversation, and what lifts the bar, decides as well whether it may become a case. */
function mayEndAsCase({ state }: View, { standing }: Situation): boolean {
  return state.solvedAt !== null || standing.barred !== null || standing.lifted;
}

function overtakenBy({ standing, ownership }: Situation): string {
  if (standing.barred !== null) return standing.barred.reason;
  if (ownership.owner === "human") return ownership.reason;
  return standing.moved ? PASSED_ON : "more was said in the conversation";
}

/** What was approved but had not begun is withdrawn, and its limits are free again. */
async function takeBack(
  transaction: Transaction,
  bundle: string,
  reason: string,
  now: Date,
): Promise<void> {
  const keys = await withdraw(transaction, { bundle }, reason, now);
  await releaseReservations(transaction, keys);
}

/** Intends a bundle. Its keys must be new: one that exists belongs to a request that got there first. */
async function intendBundle(
  parts: Parts,
  transaction: Transaction,
  conversationId: string,
  bundle: PlannedBundle,
  standing: { readonly revision: string; readonly turnId: string | null; readonly now: Date },
): Promise<readonly Effect[]> {
  const intended = await intendEffects(transaction, bundle.actions, {
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
  return intended;
}

/** Intends what a turn decided, in the transaction that saves the turn, and begins its first effect where it may. */

import type { PlannedAction } from "#core/values/action.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { Lease } from "#store/conversations/lease.ts";
import {
  type IntendedBundle,
  intendTurn,
  type TurnIntentions,
  type WrittenLine,
} from "#store/conversations/record-turn.ts";
import type { Transaction } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { ruledBundle } from "#store/policy/policy-changes.ts";
import type { StartConditions } from "#store/effects/start-conditions.ts";
import { type JobContext, StaleTurnError } from "#jobs/context/job-context.ts";
import { answeredOutcomes, effectConsequences } from "#jobs/effects/record-done.ts";
import {
  mayBeginAtOnce,
  type OutsideState,
  readOutsideState,
} from "#jobs/effects/preconditions.ts";
import type { Plan, PlannedBundle } from "#jobs/plan/plan.ts";
import { tellEffect } from "#jobs/webhooks/events.ts";
import type { ChatLine, Target } from "#core/contracts/tool.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { type ConversationSnapshot, participantsAfter } from "#jobs/conversation/snapshot.ts";

/** What a turn's commit began, with all that it intended in this conversation, in order. */
export interface StartedEffects {
  readonly begun: Effect;
  readonly effects: readonly Effect[];
}

/** A bundle of the plan as it is about to be intended. */
type BundleToIntend = Omit<IntendedBundle, "first"> & { readonly planned: PlannedBundle };

/** What becomes of the first effect with the turn's own commit. */
interface Beginning {
  readonly state: IntendedBundle["first"];
  /** Where it is done: the line that is all there is to it, with its audit entry. */
  readonly written: {
    readonly line: WrittenLine;
    readonly entry: AuditEntry;
    readonly effect: Parameters<typeof tellEffect>[2];
  } | null;
}

/** What a turn intends. */
export interface PlanToIntend {
  readonly lease: Lease;
  readonly plan: Plan;
  /** The bundle of the plan whose first effect may begin with this commit; null when none may. */
  readonly atOnce: BundleAtOnce | null;
  /** When each first effect that waits for its target's limits has its turn, by key, as `bookedTurns` gave them. */
  readonly turns: ReadonlyMap<string, Date>;
}

const LATER: Beginning = { state: "intended", written: null };

/**
 * Intends all bundles of the plan, in this conversation and in others, and begins the first effect where it may. It
 * stays intended when anything is in its way now, and is run later like every other.
 */
export async function intendPlan(
  context: JobContext,
  transaction: Transaction,
  turn: PlanToIntend,
  given: {
    readonly conditions: StartConditions;
    /** Entries of the audit that come before those of the plan. */
    readonly entries: readonly AuditEntry[];
    readonly now: Date;
  },
): Promise<StartedEffects | null> {
  const { lease, plan, atOnce } = turn;
  const { conditions, now } = given;
  const { revision } = conditions.state;
  const bundles = bundlesToIntend(context, turn, revision, now);
  const first = bundles.find(({ planned }) => planned === atOnce?.bundle) ?? null;
  const beginning =
    first === null || atOnce === null
      ? LATER
      : await bundleBeginning(context, transaction, first, { atOnce, conditions, now });
  const intended = {
    revision,
    trace: plan.trace,
    recording: plan.recording,
    bundles: bundles.map((bundle) => ({
      ...bundle,
      first: bundle === first ? beginning.state : "intended",
    })),
    line: beginning.written?.line ?? null,
    entries: turnAuditEntries(lease.conversationId, {
      plan,
      bundles,
      beginning,
      before: given.entries,
    }),
  };
  const effects = await intendTurn(transaction, lease, intended, now);
  if (beginning.written !== null)
    await tellEffect(context, transaction, beginning.written.effect, { state: "done", now });
  for (const bundle of bundles) refuseKnownKeys(bundle, effects);
  const here = bundles.filter(({ conversationId }) => conversationId === lease.conversationId);
  const ordered = here.flatMap(({ bundle }) =>
    effects
      .filter((effect) => effect.bundle === bundle)
      .toSorted((one, other) => one.position - other.position),
  );
  const [begun] = ordered;
  return begun?.state === "executing" ? { begun, effects: ordered } : null;
}

function bundlesToIntend(
  context: JobContext,
  {
    lease,
    plan,
    turns,
  }: {
    readonly lease: Lease;
    readonly plan: Plan;
    readonly turns: ReadonlyMap<string, Date>;
  },
  revision: string,
  now: Date,
): readonly BundleToIntend[] {
  const { conversationId } = lease;
  const turnId = plan.trace?.request_id ?? null;
  return [
    ...plan.bundles.map((bundle) => ({ conversationId, bundle, turnId })),
    ...plan.elsewhere.map((other) => ({ ...other, turnId: null })),
  ].map(({ conversationId: id, bundle, turnId: from }) => ({
    planned: bundle,
    conversationId: id,
    approvalId: null,
    turnId: from,
    bundle: bundle.byRules === true && from !== null ? ruledBundle(from) : context.ids.next("b"),
    revision: bundle.forThisRevision ? revision : null,
    approvedBy: bundle.approvedBy,
    notBefore: turns.get(bundle.actions[0]?.key ?? "") ?? now,
    actions: bundle.actions,
  }));
}

/** Whether the first action of this bundle begins with the commit that intends it, or is done with it. */
async function bundleBeginning(
  context: JobContext,
  transaction: Transaction,
  bundle: BundleToIntend,
  {
    atOnce: { line },
    conditions,
    now,
  }: {
    readonly atOnce: BundleAtOnce;
    readonly conditions: StartConditions;
    readonly now: Date;
  },
): Promise<Beginning> {
  const [first] = bundle.actions;
  if (first === undefined) return LATER;
  const { target, operation } = first.action;
  const effect = { ...bundle, ...first, target, operation, position: 0 };
  if (!(await mayBeginAtOnce(transaction, effect, conditions))) return LATER;
  // An older request may have the same key: only what was decided for this revision is refused then.
  if (line === null || bundle.revision === null) return { state: "executing", written: null };
  const happened = { effect, bundle: [effect], committed: line.committed };
  const { message, answered, entry } = effectConsequences(
    context,
    conditions.state.conversation,
    happened,
    now,
  );
  const { key, chat, text, committed } = line;
  const outcomes = answeredOutcomes(answered);
  return {
    state: "done",
    written: { line: { key, chat, text, ref: committed.ref, message, outcomes }, entry, effect },
  };
}

function turnAuditEntries(
  conversationId: string,
  given: {
    readonly plan: Plan;
    readonly bundles: readonly BundleToIntend[];
    readonly beginning: Beginning;
    readonly before: readonly AuditEntry[];
  },
): TurnIntentions["entries"] {
  const { plan, bundles, beginning, before } = given;
  const { trace } = plan;
  const after = [
    ...(trace === null ? [] : [turnAuditEntry(conversationId, trace)]),
    ...(beginning.written === null ? [] : [beginning.written.entry]),
  ];
  return [
    ...before.map((entry) => ({ ...entry, about: null })),
    ...bundles.flatMap((bundle) =>
      bundle.actions.map((action) => ({
        ...intendedEntry(bundle.conversationId, bundle.planned, action),
        about: action.key,
      })),
    ),
    ...after.map((entry) => ({ ...entry, about: null })),
  ];
}

/** What was decided for this revision has new keys: an existing one belongs to a request that got there first. */
function refuseKnownKeys(
  { planned, bundle, actions }: BundleToIntend,
  effects: readonly Effect[],
): void {
  const intended = effects.filter((effect) => effect.bundle === bundle);
  if (planned.forThisRevision && intended.length !== actions.length)
    throw new StaleTurnError("the same action is under way already");
}

function intendedEntry(
  conversationId: string,
  { approvedBy }: PlannedBundle,
  { key, action }: PlannedAction,
): AuditEntry {
  return {
    kind: "intended",
    data: { conversation: conversationId, key, operation: action.operation, by: approvedBy },
  };
}

function turnAuditEntry(conversationId: string, trace: NonNullable<Plan["trace"]>): AuditEntry {
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

// The bundle whose first effect may begin in the turn's own commit.

/** A bundle whose first effect may begin with the commit that intends it. */
export interface BundleAtOnce {
  readonly bundle: PlannedBundle;
  /** The line in our own database which is all there is to it; null where a call has to be made. */
  readonly line: (ChatLine & { readonly key: string }) | null;
}

/**
 * The bundle whose first effect may begin with the commit that intends it, after a last look outside; null when every
 * effect waits for a commit of its own.
 *
 * After a crash between that commit and the call its target is asked, as after one that follows a commit of its own.
 * Only the bundle that is called first: a later one would count as begun while the first call runs, and a pause could no
 * longer stop it. Where something changed outside, the bundle goes the usual way, which reports what changed; and so it
 * does where its turn under its target's limits comes later.
 */
export async function bundleToStart(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { plan, turns }: { readonly plan: Plan; readonly turns: ReadonlyMap<string, Date> },
): Promise<BundleAtOnce | null> {
  const [bundle] = plan.bundles;
  const first = bundle?.actions[0];
  if (bundle === undefined || first === undefined || bundle.approvedBy !== "policy") return null;
  const target = context.targets.get(first.action.target);
  if (target?.supports.includes(first.action.operation) !== true || turns.has(first.key))
    return null;
  const outside = await readOutsideState(context, {
    // Any revision will do: the commit creates the one this is bound to.
    revision: bundle.forThisRevision ? snapshot.state.revision : null,
    position: 0,
    facts: first.facts,
    conversation: conversationAfter(snapshot, changes),
    snapshot,
  });
  return isAsRead(outside, snapshot, changes) ? { bundle, line: bundleLine(target, bundle) } : null;
}

/** The line of a chat that is all there is to this bundle; null where a call has to be made. */
function bundleLine(target: Target, { actions }: PlannedBundle): BundleAtOnce["line"] {
  const [only] = actions;
  if (only === undefined || actions.length > 1 || target.lineOf === undefined) return null;
  return { ...target.lineOf(only.action, only.key), key: only.key };
}

/** True when the source shows only what this turn considered, and the facts are unchanged. */
function isAsRead(
  outside: OutsideState,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): boolean {
  if (outside.kind !== "same") return false;
  if (outside.news === null) return true;
  const { messages, signals, participants, brand } = outside.news;
  if (
    !isSame(
      changes,
      participantsAfter(snapshot.state, { brand, ...(participants && { participants }) }),
    )
  )
    return false;
  const words = new Map(
    [
      ...snapshot.stored.map(({ message }) => message),
      ...changes.newMessages,
      ...changes.edited,
    ].map(({ key, text }) => [key, storable(text)] as const),
  );
  const heard = new Set([...snapshot.signalKeys, ...changes.newSignals.map(({ key }) => key)]);
  return (
    messages.every(({ key, text }) => words.get(key) === storable(text)) &&
    signals.every(({ key }) => heard.has(key))
  );
}

/** True when the participants are the same as in this turn, and just as free to be written to. */
function isSame(
  { participants }: ConversationChanges,
  now: ConversationChanges["participants"],
): boolean {
  return now.digest === participants.digest && now.barred?.reason === participants.barred?.reason;
}

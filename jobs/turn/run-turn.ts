/**
 * Room: takes one turn of a conversation, from its snapshot to the calls it begins. `runTurn` reads top to bottom.
 * In: the snapshot of a leased conversation, and a signal for a lost lease.
 * Out: one commit with messages, outcomes, cards, effects and trace; what began in it is called right after.
 * May touch: the database, channels and shop for reading, the typing indicator, the model, and, for a draft read after
 * posting, the desk; all else through effects.
 */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { CaseFound, joinFound } from "#jobs/cases/place-turn.ts";
import { type JobContext, notifyWorker, StaleTurnError } from "#jobs/context/job-context.ts";
import { openAttachments } from "#jobs/conversation/attachments.ts";
import {
  bringsNothing,
  changesSince,
  conversationAfter,
  type ConversationChanges,
} from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { PastEffects, PlanStep } from "#jobs/conversation/turn-context.ts";
import { findPastEffects } from "#jobs/effects/find-past-effects.ts";
import { bookedTurns } from "#jobs/effects/retry.ts";
import { finishStarted } from "#jobs/effects/run-effects.ts";
import { addLinkedTicket } from "#jobs/handoff/linked-ticket.ts";
import { type DraftOnCard, EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { type Lease, type Released, releaseWhenDone } from "#store/conversations/lease.ts";
import type { Used } from "#core/contracts/agent.ts";
import { unverified, type Verification } from "#core/contracts/guard.ts";
import { cardAfterReading } from "#jobs/approval/card-flags.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { changeApproval, pendingApproval } from "#store/approvals/approvals.ts";
import { addToTurn } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { addUsage } from "#store/effects/usage.ts";
import { bundleToStart } from "./intend-plan.ts";
import {
  clearRedraft,
  findWork,
  hasToWait,
  isNews,
  mergedIn,
  readSource,
  setUnreadableAside,
  waitFor,
  waitForSource,
} from "./news.ts";
import { planAnswer, planHandOverWithoutModel } from "./plan-answer.ts";
import {
  addSignalAlerts,
  planBarred,
  planHumanOwned,
  planSolved,
  planUnserved,
  setUnprovenAside,
} from "./plan-unanswered.ts";
import { saveTurn } from "./save-turn.ts";
import { usedUpCap } from "./limits.ts";
import { catchMistakes, orThrown, planFailedCheck, recordingResults } from "./failed-check.ts";

/** For a target that must be searched for past effects and is down. */
const TARGET_WAIT_MS = 10_000;

/** An answer under way ends by itself or goes to people; each try of it wakes the conversation as well. */
const ANSWERING_WAIT_MS = 2_000;

/** How a turn left the conversation: written, nothing to do, or to be tried later. */
export type TurnEnd =
  /**
   * `cards` where a card was made, or one that waited may look different now; `released` where the last commit released
   * the lease, since nothing is left to do.
   */
  | { readonly kind: "written"; readonly cards: boolean; readonly released: Released | null }
  | { readonly kind: "idle" }
  | { readonly kind: "wait"; readonly delayMs: number };

/**
 * Takes one turn. `snapshot` is what the first commit read; `lost` aborts once another process has the conversation.
 */
export async function runTurn(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  lost: AbortSignal,
): Promise<TurnEnd> {
  const work = findWork(context, snapshot);
  if (work.kind !== "work") return work;

  const source = await readSource(context, snapshot, work.hints, lost);
  // People have the conversation now, so the next turn needs a fresh snapshot.
  if (await setUnreadableAside(context, lease, source))
    return { kind: "written", cards: true, released: null };
  // The end of a wait for the source brings no news by itself.
  const retriesPlan = work.retryDue && snapshot.state.retrySince !== null;
  if (source.read.length === 0 && source.failed.length > 0 && !retriesPlan)
    return { kind: "wait", delayMs: await waitForSource(context, lease, source) };

  const changes = await catchMistakes(lost, () =>
    changesSince(snapshot, source, context.policy.cards),
  );
  if (hasToWait(changes)) return { kind: "wait", delayMs: ANSWERING_WAIT_MS };
  if (bringsNothing(snapshot, changes)) {
    const released = await releaseWhenDone(context.store, lease, context.clock.now(), source.read);
    if (released !== null) return { kind: "written", cards: false, released };
  }
  const pastEffects = await findPastEffectsOrNull(context, lease, snapshot, changes);
  if (pastEffects === null)
    return { kind: "wait", delayMs: await waitFor(context, lease, TARGET_WAIT_MS) };

  const start = { lease, snapshot, read: source.read };
  const saved = await decideAndSave(context, start, { changes, pastEffects, retriesPlan, lost });
  const released = await callBegun(context, saved, lost);
  const cards = snapshot.pending !== null || saved.plan.card !== null;
  return { kind: "written", cards, released };
}

/** What was done before a restore; null when a target that must be searched is down. */
async function findPastEffectsOrNull(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Promise<PastEffects | null> {
  try {
    return await findPastEffects(context, lease, snapshot, changes);
  } catch (error) {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    context.log.warn("the search for past effects waits", { reason: reasonOf(error) });
    return null;
  }
}

// Decides: makes the plan, adds the fixed steps, and hands over to people when a check throws.

/** What a decision rests on besides the snapshot. */
interface DecisionInput {
  readonly changes: ConversationChanges;
  readonly pastEffects: PastEffects;
  /** True when a wait for the model or the shop is over: the plan is made again without news. */
  readonly retriesPlan: boolean;
  readonly lost: AbortSignal;
}

/** The changes without answered messages, which become history. */
function withoutAnswered(
  changes: ConversationChanges,
  { answered }: PastEffects,
): ConversationChanges {
  const covered = new Set(answered.flatMap(({ keys }) => keys));
  if (covered.size === 0) return changes;
  return {
    ...changes,
    open: changes.open.filter(({ key }) => !covered.has(key)),
    history: [...changes.history, ...changes.open.filter(({ key }) => covered.has(key))],
  };
}

/** Adds the outcomes of the answered messages to the plan. */
const adoptPastEffects: PlanStep = (plan, { pastEffects }) => {
  const outcomes = pastEffects.answered.map(({ keys, ref }) => ({
    keys,
    outcome: "answered" as const,
    reason: `answered before the database was restored: ${ref}`,
  }));
  return { ...plan, outcomes: [...outcomes, ...plan.outcomes] };
};

/** The steps added to every plan, in this order. */
const STEPS: readonly PlanStep[] = [
  adoptPastEffects,
  addSignalAlerts,
  setUnprovenAside,
  addLinkedTicket,
  clearRedraft,
];

/**
 * Decides the turn and saves it. If a check throws on the way, even while cards are rendered within the commit, people
 * take over instead: an unfinished commit leaves nothing behind.
 */
function decideAndSave(
  given: JobContext,
  start: Pick<DecidedTurn, "lease" | "snapshot" | "read">,
  input: DecisionInput,
): Promise<SavedTurn> {
  const { lost, pastEffects } = input;
  const { snapshot } = start;
  const { context, spent } = recordingResults(given);
  const answerable = withoutAnswered(input.changes, pastEffects);
  const policyVersion = given.policy.version;
  const save = (changes: ConversationChanges, plan: Plan): Promise<SavedTurn> => {
    const turn = { context, snapshot, changes, pastEffects };
    const whole = STEPS.reduce((planned, step) => step(planned, turn), plan);
    return commitTurn(context, { ...start, changes, plan: whole }, policyVersion);
  };
  return orThrown(
    () =>
      catchMistakes(lost, async () => {
        const conversation = conversationAfter(snapshot, answerable);
        const changes = await openAttachments(context, conversation, answerable, lost);
        return save(changes, await planFor(context, snapshot, changes, input));
      }),
    (thrown) =>
      catchMistakes(lost, () =>
        save(answerable, planFailedCheck(context, snapshot, answerable, { thrown, spent })),
      ),
  );
}

/** The first that applies: barred, not served, with people, solved by them, merged in, nothing open, handed over before a restore, news. */
async function planFor(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { retriesPlan, lost, pastEffects: { toPeople, answered } }: DecisionInput,
): Promise<Plan> {
  const { participants } = changes;
  if (participants.barred !== null)
    return planBarred(context, snapshot, changes, participants.barred);
  if (participants.unserved !== null)
    return planUnserved(conversationAfter(snapshot, changes), changes, participants.unserved);
  if (changes.ownership.owner === "human") return planHumanOwned(context, snapshot, changes);
  const solved = planSolved(snapshot, changes);
  if (solved !== null) return solved;
  const merged = mergedIn(changes);
  if (merged !== null) return planHandOverWithoutModel(context, snapshot, changes, merged);
  if (changes.open.length === 0)
    return answered.length === 0
      ? EMPTY_PLAN
      : { ...EMPTY_PLAN, voids: "It was answered already." };
  if (toPeople !== null) return planHandOverWithoutModel(context, snapshot, changes, toPeople);
  return retriesPlan || isNews(snapshot, changes)
    ? planAnswer(context, snapshot, changes, lost)
    : keepRetry(snapshot);
}

/** A signal that changes nothing leaves a running retry as it is. */
function keepRetry(snapshot: ConversationSnapshot): Plan {
  const { retrySince, wakeAt } = snapshot.state;
  return retrySince === null || wakeAt === null
    ? EMPTY_PLAN
    : { ...EMPTY_PLAN, retry: { since: retrySince, at: wakeAt } };
}

// Commits the turn, then at once makes the call that began in that commit.

type DecidedTurn = Omit<Parameters<typeof saveTurn>[2], "atOnce" | "turns">;

/** A saved turn, with the effect that began in its commit, and whether that commit was the last of its work. */
interface SavedTurn extends DecidedTurn {
  readonly begun: Awaited<ReturnType<typeof saveTurn>>;
  /** When that commit was asked for, on the monotonic clock. */
  readonly asked: number;
  readonly released: Released | null;
}

/** Writes the turn in one commit, together with the start of its first call, if the policy is still that of its start. */
async function commitTurn(
  context: JobContext,
  turn: DecidedTurn,
  policyVersion: string,
): Promise<SavedTurn> {
  const { snapshot, changes, plan } = turn;
  const turns = await bookedTurns(context, plan.bundles);
  const atOnce = await bundleToStart(context, snapshot, changes, { plan, turns });
  context.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.bundle.actions.slice(0, 1) ?? [])
    context.crashPoint(`effect:intended:${action.operation}`);
  const asked = performance.now();
  try {
    const written = await context.store.run(async (transaction) => {
      const begun = await saveTurn(context, transaction, { ...turn, atOnce, turns });
      const released =
        begun === null ? await releaseWhenDone(transaction, turn.lease, context.clock.now()) : null;
      if (context.policy.version !== policyVersion)
        throw new StaleTurnError("the policy changed meanwhile");
      return { begun, released };
    });
    return { ...turn, ...written, asked };
  } catch (error) {
    if (error instanceof CaseFound) await joinFound(context, error, snapshot);
    throw error;
  }
}

/**
 * Makes the call that began with the commit right after it, with nothing in between. Returns whether the lease was
 * released with the last commit.
 */
async function callBegun(
  context: JobContext,
  { lease, snapshot, changes, plan, begun, released, asked }: SavedTurn,
  lost: AbortSignal,
): Promise<Released | null> {
  context.crashPoint("turn:after-commit");
  const finished =
    begun === null
      ? released
      : await finishStarted(context, lease, {
          ...begun,
          asked,
          lost,
          conversation: conversationAfter(snapshot, changes),
        });
  if (plan.trace !== null) context.spans.export(plan.trace);
  const unread = plan.card?.unread ?? null;
  if (unread !== null) context.beside((signal) => readAfterPosting(context, unread, signal));
  for (const { conversationId } of plan.elsewhere) await notifyWorker(context, conversationId);
  return finished;
}

/**
 * Reads it, and says on the card what came of it. Nothing waits for this: a card that was decided, edited or replaced
 * meanwhile stays as it is, and one whose process ended first keeps no line about it. Never touches a draft, a seal or a
 * customer. Never throws.
 */
async function readAfterPosting(
  context: JobContext,
  draft: DraftOnCard,
  signal: AbortSignal,
): Promise<void> {
  try {
    const startedAt = context.clock.now();
    const { used, verification } = await readWithinCaps(context, draft, signal);
    await context.store.run(async (transaction) => {
      if (used !== null)
        await count(transaction, draft, { used, startedAt, now: context.clock.now() });
      await amend(transaction, draft, verification, context.clock.now());
    });
    await showCardsSoon(context);
  } catch (error) {
    if (!signal.aborted) context.log.warn("a draft was not read", { reason: reasonOf(error) });
  }
}

async function readWithinCaps(context: JobContext, draft: DraftOnCard, signal: AbortSignal) {
  const most = await usedUpCap(context, draft.conversationId);
  if (most !== null)
    return { used: null, verification: unverified(`${most} are used, the most that may be`) };
  return context.agent.verify({ ...draft, signal }, draft.turn);
}

/** Counts the calls in the trace of the turn, by which the cap of a conversation goes, and in the sums of the day. */
async function count(
  transaction: Transaction,
  { turnId }: DraftOnCard,
  { used, startedAt, now }: { used: Used; startedAt: Date; now: Date },
): Promise<void> {
  const spent = { ...used, outputTokens: used.outputTokens - used.reasoningTokens };
  await addToTurn(transaction, turnId, spent);
  const ms = Math.max(0, now.getTime() - startedAt.getTime());
  await addUsage(transaction, { startedAt, ms, ...spent });
}

/** Only the card of this very turn is amended, and only while its draft is still the one that was read. */
async function amend(
  transaction: Transaction,
  { conversationId, turnId }: DraftOnCard,
  verification: Verification,
  now: Date,
): Promise<void> {
  const pending = await pendingApproval(transaction, conversationId);
  if (pending === null || pending.turnId !== turnId || pending.card.edits.length > 0) return;
  const card = cardAfterReading(pending.card, verification);
  // A click at the same moment was faster: then the line is not needed any more, or the next version's turn brings it.
  await changeApproval(transaction, pending, { card }, now);
}

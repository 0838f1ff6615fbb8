/**
 * Room: runs the ledger: intended effects begin, are called, and end as done, failed, unknown or withdrawn.
 * In: a leased conversation with intended effects, from turns and from approvals.
 * Out: calls to targets, their results in the ledger, dead letters, alerts to the team.
 * May touch: the database, and every target (channels, shop, desk, identity); never the model.
 */

import { workingOn } from "#core/contracts/ports.ts";
import { unlessAborted, withinMs } from "#core/values/deadline.ts";
import { DeskhandError, type ErrorCode, reasonOf } from "#core/values/errors.ts";
import type { Conversation } from "#core/values/message.ts";
import type { CommitResult, EffectLookup } from "#core/contracts/tool.ts";
import type { Lease, Released } from "#store/conversations/lease.ts";
import { bundleEffects, type Effect } from "#store/effects/ledger.ts";
import { withCase } from "#jobs/handoff/alerted-case.ts";
import { markLookedUp, toLookUpFirst } from "#store/effects/recovery.ts";
import { type JobContext, LIMITS, supportingTarget } from "#jobs/context/job-context.ts";
import { conditionsAndBundles } from "#store/effects/start-conditions.ts";
import {
  advance,
  isLater,
  type BegunEffect as Begun,
  type EffectPorts,
  type Failure,
} from "#gate/kernel/carry-out.ts";
import { awaitsTurn, retryAfterRefusal, retryEffect, waitForTarget } from "./retry.ts";
import { recordDone } from "./record-done.ts";
import { type CancelReason, cancelText, giveUp } from "./give-up.ts";
import { isHeld, isSuperseded, readOutsideState, startEffect, staysHeld } from "./preconditions.ts";

/**
 * A change in a shop or a system that is missing after its answer was lost is looked for once more, in case the request was still under way.
 */
const SETTLE_MS = 3_000;

/** The conditions under which effects run: the lease, and the state when they were read. */
interface EffectContext {
  readonly context: JobContext;
  readonly lease: Lease;
  /** Aborts when the lease is lost: the process that has it next asks what became of the call. */
  readonly lost?: AbortSignal | undefined;
  readonly conversation: Conversation;
  /** Effects that a pause held, by key. */
  readonly held: ReadonlySet<string>;
  /** Effects that may have happened before a restore of the database, by key. */
  readonly lookFirst: ReadonlySet<string>;
}

type BegunEffect = Begun<Effect>;

/** What an effect that is done leads to: the next one begun in the same commit where possible. */
interface EffectDone {
  readonly next: BegunEffect | null;
  readonly released: Released | null;
}

interface EffectStep {
  readonly effect: Effect;
  readonly bundle: readonly Effect[];
  readonly next: Effect | null;
}

/** What carrying out an effect of a leased conversation reads, writes and calls. */
function portsFor(
  at: EffectContext,
  step: EffectStep,
): EffectPorts<Effect, CommitResult, EffectDone, DeskhandError> {
  const { context } = at;
  return {
    now: () => context.clock.now(),
    looksFirst: at.lookFirst.has(step.effect.key),
    aloneMs: context.leaseMs / 2,
    // A system that takes no key has no way to know a second call from the first.
    underWayMs: ({ target }) => (target === "system" ? LIMITS.effectMs : 0),
    async endIfOvertaken(effect) {
      const isOver = await isSuperseded(context, effect);
      if (isOver) await withdrawn(context, effect, { why: "news" });
      return isOver;
    },
    lookedUp: ({ key }) => context.store.run(markLookedUp, key, context.clock.now()),
    begin: (effect) => begin(at, effect),
    async commit(effect, isFirst) {
      const action = await withCase(context, effect);
      const target = supportingTarget(context, effect);
      return withinMs(
        target.commitMs ?? LIMITS.effectMs,
        (signal) => target.commit(action, effect.key, signal, isFirst),
        at.lost,
      );
    },
    find: (effect) => findResult(context, effect),
    failureFor(effect, error) {
      context.log.warn("effect not done", { effect: effect.key, reason: reasonOf(error) });
      return failureFor(effect, error);
    },
    done: (effect, committed, by) =>
      by === "call"
        ? finishCalled(at, { ...step, effect }, committed)
        : finish(at, { ...step, effect }, committed),
    awaits: (effect, error) => waitForTarget(context, effect, error),
    afterRefusal: (effect, error) => retryAfterRefusal(context, effect, error),
    again: (effect, reason, delayMs) => retryEffect(context, effect, reason, delayMs),
    end: (effect, state, reason) => giveUp(context, effect, state, reason),
  };
}

function withdrawn(context: JobContext, effect: Effect, why: CancelReason): Promise<void> {
  return giveUp(context, effect, "withdrawn", cancelText(why));
}

/** Begins an effect that is due, after a last look outside; null when it stays or is withdrawn. */
async function begin(at: EffectContext, effect: Effect): Promise<BegunEffect | null> {
  const { context, lease, conversation } = at;
  const leaves = async (work: Promise<void>): Promise<null> => {
    await work;
    return null;
  };
  // A held effect asks no source either.
  if (at.held.has(effect.key)) return leaves(staysHeld(context, conversation, effect));
  if (await awaitsTurn(context, effect)) return null;
  const outside = await readOutsideState(context, { ...effect, conversation });
  if (outside.kind === "away") return leaves(waitForTarget(context, effect, outside.error));
  if (outside.kind === "changed") return leaves(withdrawn(context, effect, outside.reason));
  context.crashPoint(`effect:intended:${effect.operation}`);
  const asked = performance.now();
  const beginning = await startEffect(context, lease, effect, outside.news);
  if (beginning.kind === "later") return null;
  if (beginning.kind === "no") return leaves(withdrawn(context, effect, beginning.reason));
  context.crashPoint(`effect:executing:${effect.operation}`);
  // The time its target has been down keeps counting until the effect is done.
  const { awayCount, awaySince } = effect;
  return { effect: { ...beginning.effect, awayCount, awaySince }, asked };
}

/** The target answered: what may wait until it is recorded is done then. */
async function finishCalled(
  at: EffectContext,
  step: EffectStep,
  committed: CommitResult,
): Promise<EffectDone> {
  at.context.crashPoint(`effect:committed:${step.effect.operation}`);
  const finished = finish(at, step, committed);
  const { afterwards } = committed;
  if (afterwards === undefined) return finished;
  const isRecorded = await finished.then(Boolean, () => false);
  await withinMs(LIMITS.effectMs, (signal) =>
    unlessAborted(afterwards(isRecorded), signal).catch(() => undefined),
  );
  return finished;
}

/** Final: nothing happened, and nothing will. */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  "channel.refused",
  "channel.unsupported",
  "shop.refused",
  "system.refused",
]);

/** The answer is about something else than was asked. */
const CONTRADICTED: ReadonlySet<ErrorCode> = new Set(["shop.contradicted", "system.contradicted"]);

function settleMs({ target }: Effect): number {
  return target === "shop" || target === "system" ? SETTLE_MS : 0;
}

/** Only the target's own error says more than doubt. */
function failureFor(effect: Effect, error: unknown): Failure<DeskhandError> {
  const doubt = { kind: "doubt", reason: reasonOf(error), settleMs: settleMs(effect) } as const;
  if (!(error instanceof DeskhandError)) return doubt;
  if (error.retry) return { kind: "passing", error };
  if (error.code === "channel.conflict")
    return {
      kind: "overtaken",
      reason: `the conversation moved on at its source: ${error.message}`,
    };
  if (REFUSED.has(error.code)) return { kind: "refused", reason: reasonOf(error) };
  return CONTRADICTED.has(error.code) ? { kind: "contradicted", reason: reasonOf(error) } : doubt;
}

async function finish(
  at: EffectContext,
  { effect, bundle, next }: EffectStep,
  committed: CommitResult,
): Promise<EffectDone> {
  const { context, lease, conversation } = at;
  // Nothing stands begun while a copy is written.
  const isAlone = next === null || committed.afterwards !== undefined || !followsAtOnce(at, next);
  const follower = isAlone ? null : next;
  if (follower !== null) context.crashPoint(`effect:intended:${follower.operation}`);
  const asked = performance.now();
  const { begun, released, passedOn } = await recordDone(context, lease, {
    conversation,
    effect,
    bundle,
    committed,
    next: follower,
  });
  context.crashPoint(`effect:done:${effect.operation}`);
  // A lost wake is found again by what is intended.
  if (passedOn) await context.wake(effect.conversationId).catch(() => undefined);
  if (begun !== null) context.crashPoint(`effect:executing:${begun.operation}`);
  const following = begun === null ? null : { effect: begun, asked };
  return { next: following, released };
}

/**
 * Whether the commit that records one effect may begin the next. Not when its facts or its source must be read again
 * first, and not when it may have to wait for its turn under its target's limits: the first of a bundle has its turn.
 */
function followsAtOnce({ context, held }: EffectContext, next: Effect): boolean {
  const now = context.clock.now();
  if (next.state !== "intended" || isLater(next, now) || next.facts.length > 0) return false;
  if (held.has(next.key)) return false;
  if (next.position === 0) return next.revision === null;
  return context.targets.get(next.target)?.reserve === undefined;
}

// Asks a target what became of an effect whose answer was lost.

/** Asks an effect's target whether it happened; `away` when it cannot be asked right now. */
export async function findResult(
  context: JobContext,
  effect: Pick<Effect, "target" | "operation" | "action" | "key">,
): Promise<EffectLookup | { readonly state: "away"; readonly error: DeskhandError }> {
  try {
    return await withinMs(LIMITS.effectMs, (signal) =>
      supportingTarget(context, effect).find(effect.action, effect.key, signal),
    );
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) return { state: "away", error };
    return { state: "unknowable", reason: reasonOf(error) };
  }
}

/**
 * Runs what is intended for a conversation, bundle by bundle and in order within each. Runs under the lease and at the
 * start of every wake, so a reply that a crash left behind goes out without a new message. Returns whether the lease was
 * released with the last of them, because nothing is left to do.
 *
 * Each effect goes from `intended` to `executing` and ends as `done`, `failed`, `unknown` or `withdrawn`. One found
 * `executing` was interrupted: its target is asked whether it happened, and an effect that moves money is never simply
 * retried. A target that stays down is tried less and less often, and the other bundles go on meanwhile.
 */
export async function runEffects(
  context: JobContext,
  lease: Lease,
  lost?: AbortSignal,
): Promise<Released | null> {
  const { conversationId } = lease;
  const found = await conditionsAndBundles(context.store, conversationId);
  if (found === null || found.effects.length === 0) return null;
  const { conversation } = found.state;
  const { held, lookFirst } = await heldAndDoubtful(context, found);
  const at: EffectContext = { context, lease, lost, conversation, held, lookFirst };
  const bundles = [...new Set(found.effects.map(({ bundle }) => bundle))];
  for (const [index, bundle] of bundles.entries()) {
    // The earlier bundles took time, in which a click may have undone this one.
    const effects =
      index === 0
        ? found.effects.filter((effect) => effect.bundle === bundle)
        : await bundleEffects(context.store, bundle);
    const released = await drain(at, effects, null);
    if (released !== null) return released;
  }
  return null;
}

/** Read once for all of them; the commit that begins an effect checks the pause again. */
async function heldAndDoubtful(
  { store }: JobContext,
  { state, pause, back, effects }: NonNullable<Awaited<ReturnType<typeof conditionsAndBundles>>>,
): Promise<Pick<EffectContext, "held" | "lookFirst">> {
  const held = new Set<string>();
  if (pause.holds.length === 0 && back === null) return { held, lookFirst: held };
  const { channel } = state.conversation;
  return store.run(async (transaction) => {
    for (const effect of effects)
      if (await isHeld(transaction, pause, channel, effect)) held.add(effect.key);
    const keys = effects.map(({ key }) => key);
    return { held, lookFirst: await toLookUpFirst(transaction, back, keys) };
  });
}

/**
 * Runs what the commit of a turn has already begun, with all else that it intended here. Nothing is read again in
 * between: that commit checked everything.
 */
export async function finishStarted(
  context: JobContext,
  lease: Lease,
  given: {
    readonly conversation: Conversation;
    readonly effects: readonly Effect[];
    readonly begun: Effect;
    /** When the commit that began it was asked for, on the monotonic clock. */
    readonly asked: number;
    readonly lost: AbortSignal;
  },
): Promise<Released | null> {
  const { conversation, effects, begun, asked, lost } = given;
  context.crashPoint(`effect:executing:${begun.operation}`);
  const none: ReadonlySet<string> = new Set();
  const at: EffectContext = { context, lease, lost, conversation, held: none, lookFirst: none };
  return drain(at, effects, { effect: begun, asked });
}

/** Returns whether the lease was released with the last of them. */
async function drain(
  at: EffectContext,
  effects: readonly Effect[],
  first: BegunEffect | null,
): Promise<Released | null> {
  let begun = first;
  for (const [index, effect] of effects.entries()) {
    if (effect.state === "done") continue;
    if (effect.state !== "intended" && effect.state !== "executing") return null;
    const next = effects[index + 1] ?? null;
    const bundle = effects.filter((one) => one.bundle === effect.bundle);
    const settled = await workingOn(effect.turnId === null ? {} : { turn: effect.turnId }, () =>
      advance(portsFor(at, { effect, bundle, next }), effect, begun),
    );
    if (settled === null) return null;
    if (settled.released !== null) return settled.released;
    begun = settled.next;
  }
  return null;
}

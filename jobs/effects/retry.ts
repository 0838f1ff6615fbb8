/** Retries: how long an effect waits for its target, and when it is given up on. */

import { inWords } from "#core/values/words.ts";
import type { PlannedAction } from "#core/values/action.ts";
import { CHANNEL_TRAITS, ChannelName, type TargetName } from "#core/values/vocabulary.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Transaction } from "#store/db/database.ts";
import { moveEffect, scheduleEffect, type Effect } from "#store/effects/ledger.ts";
import {
  awayMs,
  growingMs,
  resetAfterGap,
  WAIT_ASKED_MAX_MS,
  untilNextTryMs,
  type RetryLimits,
} from "#gate/kernel/carry-out.ts";
import { giveUp, concernsTeamOnly } from "./give-up.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** A turn that comes this soon is waited for where the call is made: longer than Slack's pause between two messages. */
const TURN_NEAR_MS = 1_500;

/** How long an effect waits before the team is alerted, once. */
const TOLD_MS = 300_000;

function waitsLong(target: TargetName): boolean {
  const channel = ChannelName.safeParse(target);
  return channel.success && CHANNEL_TRAITS[channel.data].waitsLong;
}

/**
 * An effect for the team itself cannot be handed to people: it waits a day for its target. So does a reply on a channel
 * that delays senders, with longer and longer pauses.
 */
function retryLimitsFor(context: JobContext, effect: Effect): RetryLimits {
  if (concernsTeamOnly(effect)) return { allowedMs: DAY_MS, waitMaxMs: 60_000, attemptsMax: 20 };
  return waitsLong(effect.target)
    ? { allowedMs: DAY_MS, waitMaxMs: 15 * 60_000, attemptsMax: 200 }
    : { allowedMs: context.policy.caps.shopRetryMs, waitMaxMs: 60_000, attemptsMax: 20 };
}

/**
 * True when the effect's turn under its target's rate limits comes later: its place is booked, and it is woken once, at
 * that time. Asked before anything is read for it, so that a queue costs no reads.
 */
export async function awaitsTurn(context: JobContext, effect: Effect): Promise<boolean> {
  const waitMs = await turnInMs(context, effect);
  if (waitMs <= TURN_NEAR_MS) return false;
  const turnAt = new Date(context.clock.now().getTime() + Math.min(waitMs, WAIT_ASKED_MAX_MS));
  await context.store.run(scheduleEffect, effect.key, turnAt);
  return true;
}

/** Turns this near to each other are taken in one wake, at the later one. */
const TOGETHER_MS = 2_500;

/**
 * Books the turns of what a plan begins with, before it is committed, so that nothing wakes for an effect before its
 * turn: by key, only those that come later. Turns near to each other are one.
 */
export async function bookedTurns(
  context: JobContext,
  bundles: readonly { readonly actions: readonly PlannedAction[] }[],
): Promise<ReadonlyMap<string, Date>> {
  const now = context.clock.now().getTime();
  const waits: { key: string; waitMs: number }[] = [];
  for (const { actions } of bundles) {
    const [first] = actions;
    if (first === undefined) continue;
    const { key, action } = first;
    const waitMs = Math.min(
      await turnInMs(context, { target: action.target, action, key }),
      WAIT_ASKED_MAX_MS,
    );
    if (waitMs > TURN_NEAR_MS) waits.push({ key, waitMs });
  }
  const together = (waitMs: number): number =>
    Math.max(...waits.map((one) => one.waitMs).filter((other) => other - waitMs <= TOGETHER_MS));
  return new Map(waits.map(({ key, waitMs }) => [key, new Date(now + together(waitMs))] as const));
}

async function turnInMs(
  context: JobContext,
  { target, action, key }: Pick<Effect, "target" | "action" | "key">,
): Promise<number> {
  const signal = AbortSignal.timeout(LIMITS.lookupMs);
  try {
    return (await context.targets.get(target)?.reserve?.(action, key, signal)) ?? 0;
  } catch (error) {
    // What is wrong with the target or the action, the call itself says.
    if (error instanceof DeskhandError) return 0;
    throw error;
  }
}

/**
 * The effect cannot be checked right now: its target or something it rests on is down. It keeps its state and is looked
 * at again after longer and longer pauses. After a while the team is alerted once, and when the policy's waiting time
 * is over, people take over.
 */
export async function waitForTarget(
  context: JobContext,
  found: Effect,
  error: DeskhandError,
): Promise<void> {
  const reason = reasonOf(error);
  context.log.warn("effect waits, it cannot be checked", { effect: found.key, reason });
  const now = context.clock.now();
  const effect = resetAfterGap(found, now);
  if (await endsHere(context, effect, { reason, now })) return;
  const until = new Date(now.getTime() + waitFor(context, effect, error));
  await context.store.run(async (transaction) => {
    const { key, state } = effect;
    const to = { state, error: reason, notBefore: until, ...awayLonger(effect, now), now };
    await moveEffect(transaction, key, { ...to, from: [state] });
    await tellOnce(context, transaction, effect, { what: "could not be checked", reason, now });
  });
}

/**
 * The target accepted nothing, so the begun effect is intended again. A call that was never sent, because its provider
 * asked for a pause, uses up none of the tries.
 */
export async function retryAfterRefusal(
  context: JobContext,
  begun: Effect,
  error: DeskhandError,
): Promise<void> {
  const reason = reasonOf(error);
  const now = context.clock.now();
  const effect = resetAfterGap(begun, now);
  const attempts = error.notTried ? Math.max(0, effect.attempts - 1) : effect.attempts;
  const { attemptsMax } = retryLimitsFor(context, effect);
  if (attempts >= attemptsMax && !concernsTeamOnly(effect)) {
    await giveUp(context, effect, "failed", `gave up after ${attemptsMax} tries: ${reason}`);
    return;
  }
  if (await endsHere(context, { ...effect, state: "intended" }, { reason, now })) return;
  await context.store.run(async (transaction) => {
    await moveEffect(transaction, effect.key, {
      ...RETURNED,
      attempts,
      ...awayLonger(effect, now),
      notBefore: new Date(now.getTime() + waitFor(context, effect, error)),
      error: reason,
      now,
    });
    await tellOnce(context, transaction, effect, { what: "could not be carried out", reason, now });
  });
}

/** The effect began but did not happen: it is tried again after this delay, then after longer and longer pauses. */
export async function retryEffect(
  context: JobContext,
  effect: Effect,
  reason: string,
  delayMs: number,
): Promise<void> {
  const limits = retryLimitsFor(context, effect);
  const { attemptsMax } = limits;
  if (effect.attempts >= attemptsMax) {
    await giveUp(context, effect, "failed", `gave up after ${attemptsMax} tries: ${reason}`);
    return;
  }
  const growing = growingMs(effect.attempts, limits);
  const now = context.clock.now();
  const notBefore = new Date(now.getTime() + Math.max(delayMs, growing));
  const { attempts } = effect;
  await context.store.run(moveEffect, effect.key, {
    ...RETURNED,
    attempts,
    notBefore,
    error: reason,
    now,
  });
}

/** An effect that began did not happen: it is intended again. */
const RETURNED = { state: "intended", from: ["executing"] } as const;

/** Its target was away once more. */
function awayLonger({ awayCount, awaySince }: Effect, now: Date) {
  return { awayCount: awayCount + 1, awaySince: awaySince ?? now };
}

/**
 * How long to wait for a target that answered like this. A call that only waits for its turn under a rate limit waits
 * just that long: its target is not down, and longer waits would leave turns unused.
 */
function waitFor(context: JobContext, effect: Effect, error: DeskhandError): number {
  const { code, notTried, retryAfterMs = 0 } = error;
  if (code === "channel.rate_limited" && notTried && retryAfterMs > 0)
    return Math.min(retryAfterMs, WAIT_ASKED_MAX_MS);
  return untilNextTryMs(effect, retryLimitsFor(context, effect), retryAfterMs);
}

/** When the waiting time is over, people take over. A begun effect may have happened all the same. */
async function endsHere(
  context: JobContext,
  effect: Effect,
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<boolean> {
  const away = awayMs(effect, now);
  if (away < retryLimitsFor(context, effect).allowedMs) return false;
  const minutes = Math.round(away / 60_000);
  const state = effect.state === "executing" ? "unknown" : "failed";
  await giveUp(
    context,
    effect,
    state,
    `${effect.target} was away for ${minutes} minutes: ${reason}`,
  );
  return true;
}

async function tellOnce(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  { what, reason, now }: { readonly what: string; readonly reason: string; readonly now: Date },
): Promise<void> {
  const away = awayMs(effect, now);
  if (effect.awaySince === null || away < TOLD_MS || effect.operation === "alert") return;
  await alertTeam(context, transaction, {
    conversationId: effect.conversationId,
    turnId: effect.turnId,
    text: `A ${inWords(effect.operation)} waits: for ${Math.round(away / 60_000)} minutes it ${what} (${effect.target}: ${reason}). It goes on by itself as soon as that works. ${context.cardLink(effect.approvalId ?? effect.turnId ?? effect.conversationId)}`,
    about: `away:${effect.key}:${effect.awaySince.toISOString()}`,
    kind: `away:${effect.target}`,
    now,
  });
}

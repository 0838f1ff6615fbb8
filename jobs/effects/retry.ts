import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import { ChannelName, type TargetName } from "#core/values/vocabulary.ts";
import { type DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Transaction } from "#store/db/database.ts";
import { postponeEffect, returnEffect, type Effect } from "#store/effects/ledger.ts";
import { giveUp, concernsTeamOnly } from "./give-up.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

/** A target that cannot be asked is asked again after one second, then twice as long each time up to the longest wait. */
const WAIT_FIRST_MS = 1_000;

/** However long the other side says it wants to be left alone, it is looked at again after this. */
const WAIT_ASKED_MAX_MS = 15 * 60_000;

/** The team hears of it, once, when it has been so for this long. */
const TOLD_MS = 300_000;

/** An effect that is due is looked at every second; after this long nobody can have been looking. */
const UNSEEN_MS = 600_000;

const DAY_MS = 24 * 3_600_000;

/** How long a target is waited for, and how it is asked meanwhile. */
interface Patience {
  readonly allowedMs: number;
  readonly waitMaxMs: number;
  /** More tries than this are no bad luck any more. */
  readonly attemptsMax: number;
}

function waitsLong(target: TargetName): boolean {
  const channel = ChannelName.safeParse(target);
  return channel.success && CHANNEL_TRAITS[channel.data].waitsLong;
}

/**
 * What is for the team itself has nobody to be handed to: it waits a day for its target. So does a reply on a channel
 * that puts senders off, and it is asked for less and less often.
 */
function patienceFor(context: JobContext, effect: Effect): Patience {
  if (concernsTeamOnly(effect)) return { allowedMs: DAY_MS, waitMaxMs: 60_000, attemptsMax: 20 };
  return waitsLong(effect.target)
    ? { allowedMs: DAY_MS, waitMaxMs: 15 * 60_000, attemptsMax: 200 }
    : { allowedMs: context.policy.caps.shopRetryMs, waitMaxMs: 60_000, attemptsMax: 20 };
}

/**
 * Nothing can be done about this effect right now: its target is away, or what it rests on. It keeps its state until it
 * is looked at again, less and less often. After a while the team hears of it once, and when the policy's time for a
 * part that is away is over, people have it.
 */
export async function waitForTarget(
  context: JobContext,
  found: Effect,
  error: DeskhandError,
): Promise<void> {
  const reason = reasonOf(error);
  context.log.warn("effect waits, it cannot be checked", { effect: found.key, reason });
  const now = context.clock.now();
  const effect = inARow(found, now);
  if (await endsHere(context, effect, { reason, now })) return;
  const until = new Date(now.getTime() + waitMs(context, effect, error));
  await context.store.run(async (transaction) => {
    const afresh = effect.awaySince === null;
    await postponeEffect(transaction, effect.key, { until, error: reason, now, afresh });
    await tellOnce(context, transaction, effect, { what: "could not be checked", reason, now });
  });
}

/**
 * The target took nothing on, so what had begun is intended again. A call that never left, because its provider is being
 * left alone, uses up none of the tries.
 */
export async function retryAfterRefusal(
  context: JobContext,
  begun: Effect,
  error: DeskhandError,
): Promise<void> {
  const reason = reasonOf(error);
  const now = context.clock.now();
  const effect = inARow(begun, now);
  const attempts = error.notTried ? Math.max(0, effect.attempts - 1) : effect.attempts;
  const { attemptsMax } = patienceFor(context, effect);
  if (attempts >= attemptsMax && !concernsTeamOnly(effect)) {
    await giveUp(context, effect, "failed", `gave up after ${attemptsMax} tries: ${reason}`);
    return;
  }
  if (await endsHere(context, { ...effect, state: "intended" }, { reason, now })) return;
  await context.store.run(async (transaction) => {
    await returnEffect(transaction, effect.key, {
      attempts,
      awayCount: effect.awayCount + 1,
      awaySince: effect.awaySince ?? now,
      until: new Date(now.getTime() + waitMs(context, effect, error)),
      error: reason,
    });
    await tellOnce(context, transaction, effect, { what: "could not be carried out", reason, now });
  });
}

/** It has not happened, although it was begun: it is tried again after this long, and then less and less often. */
export async function retryEffect(
  context: JobContext,
  effect: Effect,
  reason: string,
  delayMs: number,
): Promise<void> {
  const { attemptsMax, waitMaxMs } = patienceFor(context, effect);
  if (effect.attempts >= attemptsMax) {
    await giveUp(context, effect, "failed", `gave up after ${attemptsMax} tries: ${reason}`);
    return;
  }
  const growing =
    effect.attempts <= 1 ? 0 : Math.min(WAIT_FIRST_MS * 2 ** (effect.attempts - 1), waitMaxMs);
  const until = new Date(context.clock.now().getTime() + Math.max(delayMs, growing));
  const { attempts } = effect;
  await context.store.run((transaction) =>
    returnEffect(transaction, effect.key, {
      attempts,
      awayCount: 0,
      awaySince: null,
      until,
      error: reason,
    }),
  );
}

/**
 * What was not looked at for long, such as during a pause or while no process ran, was not away for all that time: then
 * the row begins with this look.
 */
function inARow(effect: Effect, now: Date): Effect {
  const unseenMs = now.getTime() - effect.notBefore.getTime();
  return unseenMs > UNSEEN_MS ? { ...effect, awayCount: 0, awaySince: null } : effect;
}

/** Never before the other side wants to be asked again, and twice as long each time otherwise. */
function waitMs(context: JobContext, effect: Effect, error: DeskhandError): number {
  const { waitMaxMs } = patienceFor(context, effect);
  const asked = Math.min(error.retryAfterMs ?? 0, WAIT_ASKED_MAX_MS);
  return Math.max(asked, Math.min(WAIT_FIRST_MS * 2 ** effect.awayCount, waitMaxMs));
}

/** When the time for waiting is over, people have it. What has begun may have happened all the same. */
async function endsHere(
  context: JobContext,
  effect: Effect,
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<boolean> {
  const awayMs = awayFor(effect, now);
  if (awayMs < patienceFor(context, effect).allowedMs) return false;
  const minutes = Math.round(awayMs / 60_000);
  const state = effect.state === "executing" ? "unknown" : "failed";
  await giveUp(
    context,
    effect,
    state,
    `${effect.target} was away for ${minutes} minutes: ${reason}`,
  );
  return true;
}

function awayFor({ awaySince }: Effect, now: Date): number {
  return now.getTime() - (awaySince ?? now).getTime();
}

async function tellOnce(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  { what, reason, now }: { readonly what: string; readonly reason: string; readonly now: Date },
): Promise<void> {
  const awayMs = awayFor(effect, now);
  if (effect.awaySince === null || awayMs < TOLD_MS || effect.operation === "alert") return;
  await alertTeam(context, transaction, {
    conversationId: effect.conversationId,
    turnId: effect.turnId,
    text: `A ${effect.operation.replaceAll("_", " ")} waits: for ${Math.round(awayMs / 60_000)} minutes it ${what} (${effect.target}: ${reason}). It goes on by itself as soon as that works. ${context.cardLink(effect.approvalId ?? effect.turnId ?? effect.conversationId)}`,
    people: [],
    about: `away:${effect.key}:${effect.awaySince.toISOString()}`,
    kind: `away:${effect.target}`,
    now,
  });
}

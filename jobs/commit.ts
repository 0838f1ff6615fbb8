import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Committed, Found } from "#core/target.ts";
import { appendAudit } from "#store/audit.ts";
import type { Lease } from "#store/lease.ts";
import { requireLease } from "#store/lease.ts";
import {
  beginEffect,
  bundleOf,
  effectByKey,
  openEffects,
  postponeEffect,
  settleEffect,
  type Effect,
} from "#store/ledger.ts";
import { markLookedUp } from "#store/return.ts";
import { bookDone } from "./done.ts";
import { giveUp } from "./give-up.ts";
import { LIMITS, targetOf, type Parts } from "./parts.ts";
import { mayHappen } from "./permit.ts";
import { tellTeam } from "./tell.ts";

const ATTEMPTS_MAX = 20;

/** A target that cannot be asked is asked again after one second, then twice as long each time up to a minute. */
const AWAY_FIRST_MS = 1_000;
const AWAY_MAX_MS = 60_000;

/** The team hears of it, once, when it has been so for this long. */
const AWAY_TOLD_MS = 300_000;

/**
 * Carries out what is intended for a conversation, bundle by bundle and in order within each. Runs under the lease and
 * at the start of every wake, so a reply that a crash left behind goes out without a new message.
 *
 * Each effect goes `intended → executing → done | unknown | failed`. One found `executing` was interrupted: its target
 * is asked whether it happened, and what moves money is never simply tried again. A target that stays away is asked less
 * and less often, and the other bundles go on meanwhile.
 */
export async function drain(parts: Parts, lease: Lease): Promise<void> {
  const open = await parts.store.run((transaction) =>
    openEffects(transaction, lease.conversationId),
  );
  for (const bundle of new Set(open.map((effect) => effect.bundle)))
    await drainBundle(parts, lease, bundle);
}

async function drainBundle(parts: Parts, lease: Lease, bundle: string): Promise<void> {
  const effects = await parts.store.run((transaction) => bundleOf(transaction, bundle));
  for (const effect of effects) {
    if (effect.state === "done") continue;
    if (effect.state !== "intended" && effect.state !== "executing") return;
    const settled =
      effect.state === "executing"
        ? await recover(parts, lease, effect)
        : await carryOut(parts, lease, effect);
    if (settled !== "done") return;
  }
}

type Settled = "done" | "later" | "stopped";

/** A begun effect of a process that is gone, or whose answer was lost. */
async function recover(parts: Parts, lease: Lease, effect: Effect): Promise<Settled> {
  if (isLater(parts, effect)) return "later";
  const found = await lookUp(parts, effect);
  switch (found.state) {
    case "away":
      return waitForTarget(parts, effect, found.reason);
    case "done":
      return done(parts, lease, effect, found.committed);
    case "absent":
      return tryAgain(parts, effect, "it did not happen the first time", 0);
    case "unknowable":
      await giveUp(parts, effect, "unknown", found.reason);
      return "stopped";
    default:
      throw new Error(`unknown answer ${String(found satisfies never)}`);
  }
}

/** After a return: it may have happened before the database it is intended in was put back. */
async function lookFirst(parts: Parts, lease: Lease, effect: Effect): Promise<Settled> {
  const found = await lookUp(parts, effect);
  switch (found.state) {
    case "away":
      return waitForTarget(parts, effect, found.reason);
    case "done":
      return done(parts, lease, effect, found.committed);
    case "absent":
      await parts.store.run((transaction) =>
        markLookedUp(transaction, effect.key, parts.clock.now()),
      );
      return carryOut(parts, lease, effect);
    case "unknowable":
      await giveUp(parts, effect, "unknown", found.reason);
      return "stopped";
    default:
      throw new Error(`unknown answer ${String(found satisfies never)}`);
  }
}

export async function lookUp(
  parts: Parts,
  effect: Effect,
): Promise<Found | { readonly state: "away"; readonly reason: string }> {
  try {
    return await targetOf(parts, effect).find(
      effect.action,
      effect.key,
      AbortSignal.timeout(LIMITS.effectMs),
    );
  } catch (error) {
    if (error instanceof DeskhandError && error.retry)
      return { state: "away", reason: reasonOf(error) };
    return { state: "unknowable", reason: reasonOf(error) };
  }
}

function isLater(parts: Parts, effect: Effect): boolean {
  return effect.notBefore.getTime() > parts.clock.now().getTime();
}

/** Nothing can be said or done about this effect right now. It keeps its state, and after a while the team hears of it. */
async function waitForTarget(parts: Parts, effect: Effect, reason: string): Promise<Settled> {
  const now = parts.clock.now();
  const waitMs = Math.min(AWAY_FIRST_MS * 2 ** effect.awayCount, AWAY_MAX_MS);
  const awayMs = now.getTime() - (effect.awaySince ?? now).getTime();
  parts.log.warn("effect waits, it cannot be checked", { effect: effect.key, reason });
  await parts.store.run(async (transaction) => {
    const until = new Date(now.getTime() + waitMs);
    await postponeEffect(transaction, effect.key, { until, error: reason, now });
    if (effect.awaySince === null || awayMs < AWAY_TOLD_MS || effect.operation === "alert") return;
    await tellTeam(parts, transaction, {
      conversationId: effect.conversationId,
      turnId: effect.turnId,
      text: `A ${effect.operation.replaceAll("_", " ")} waits: for ${Math.round(awayMs / 60_000)} minutes it could not be checked (${effect.target}: ${reason}). It goes on by itself as soon as that works. ${parts.cardLink(effect.approvalId ?? effect.turnId ?? effect.conversationId)}`,
      people: [],
      about: `away:${effect.key}:${effect.awaySince.toISOString()}`,
      now,
    });
  });
  return "later";
}

async function carryOut(parts: Parts, lease: Lease, effect: Effect): Promise<Settled> {
  if (isLater(parts, effect)) return "later";
  const permit = await mayHappen(parts, lease, effect);
  if (permit.kind === "later") return "later";
  if (permit.kind === "look") return lookFirst(parts, lease, effect);
  if (permit.kind === "away") return waitForTarget(parts, effect, permit.reason);
  if (permit.kind === "no") {
    await giveUp(parts, effect, "withdrawn", permit.reason);
    return "stopped";
  }
  parts.crashPoint(`effect:intended:${effect.operation}`);
  const begun = await parts.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    if (!(await permit.stillHolds(transaction))) return false;
    return beginEffect(transaction, effect.key, { fence: lease.fence, now: parts.clock.now() });
  });
  if (!begun) return "later";
  parts.crashPoint(`effect:executing:${effect.operation}`);
  return call(parts, lease, effect);
}

async function call(parts: Parts, lease: Lease, effect: Effect): Promise<Settled> {
  let committed: Committed;
  try {
    committed = await targetOf(parts, effect).commit(
      effect.action,
      effect.key,
      AbortSignal.timeout(LIMITS.effectMs),
    );
  } catch (error) {
    return afterFailure(parts, lease, effect, error);
  }
  parts.crashPoint(`effect:committed:${effect.operation}`);
  return done(parts, lease, effect, committed);
}

/** The target's own error says what may be done next; nothing else decides that. */
async function afterFailure(
  parts: Parts,
  lease: Lease,
  effect: Effect,
  error: unknown,
): Promise<Settled> {
  const code = error instanceof DeskhandError ? error.code : null;
  parts.log.warn("effect not done", { effect: effect.key, reason: reasonOf(error) });
  if (error instanceof DeskhandError && error.retry)
    return tryAgain(parts, effect, reasonOf(error), error.retryAfterMs);
  if (code === "channel.conflict") {
    await giveUp(parts, effect, "withdrawn", "the conversation moved on at its source");
    return "stopped";
  }
  if (code === "channel.refused" || code === "shop.refused" || code === "channel.unsupported") {
    await giveUp(parts, effect, "failed", reasonOf(error));
    return "stopped";
  }
  // Whatever else went wrong, the call may have reached the other side: only asking there tells.
  return recover(parts, lease, { ...effect, awayCount: 0, awaySince: null });
}

async function tryAgain(
  parts: Parts,
  effect: Effect,
  reason: string,
  retryAfterMs: number | undefined,
): Promise<Settled> {
  if (effect.attempts + 1 >= ATTEMPTS_MAX) {
    await giveUp(parts, effect, "failed", `gave up after ${ATTEMPTS_MAX} tries: ${reason}`);
    return "stopped";
  }
  const now = parts.clock.now();
  const delayMs = retryAfterMs ?? Math.min(1_000 * 2 ** effect.attempts, 120_000);
  await parts.store.run((transaction) =>
    settleEffect(transaction, effect.key, {
      state: "intended",
      error: reason,
      notBefore: new Date(now.getTime() + delayMs),
      now,
    }),
  );
  return "later";
}

async function done(
  parts: Parts,
  lease: Lease,
  effect: Effect,
  committed: Committed,
): Promise<Settled> {
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    const current = await effectByKey(transaction, effect.key);
    if (current?.state === "done") return;
    await settleEffect(transaction, effect.key, { state: "done", ref: committed.ref, now });
    await bookDone(parts, transaction, effect, committed, now);
    await appendAudit(
      transaction,
      {
        kind: "done",
        data: {
          key: effect.key,
          operation: effect.operation,
          ref: committed.ref,
          by: effect.approvedBy,
        },
      },
      now,
    );
  });
  parts.crashPoint(`effect:done:${effect.operation}`);
  return "done";
}

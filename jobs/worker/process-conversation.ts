/**
 * Room: works through one conversation at a time, and wakes what is due (`reconciler.ts`).
 * In: wakes from the queue and from the reconciler, each a conversation id.
 * Out: turns, effects and cards of that conversation; a dead letter where its work never ends.
 * May touch: the database (lease, due work, leader lock) and the queue; vendors only through turns, effects and cards.
 */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { endUnreadable } from "#jobs/approval/end-card.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import {
  LIMITS,
  type JobContext,
  StaleTurnError,
  notifyWorker,
} from "#jobs/context/job-context.ts";
import {
  loadSnapshot,
  type ConversationSnapshot,
  SentAgain,
  startingSnapshot,
} from "#jobs/conversation/snapshot.ts";
import { deadLetterWake } from "#jobs/effects/dead-letters.ts";
import { runEffects } from "#jobs/effects/run-effects.ts";
import { runTurn, type TurnEnd } from "#jobs/turn/run-turn.ts";
import { recordRefusedWake, type Refusal } from "#store/conversations/due-work.ts";
import {
  releaseLease,
  type ClaimedLease,
  type Lease,
  type Released,
  type WakeEnd,
  extendLease,
} from "#store/conversations/lease.ts";
import { claimAndRead } from "#store/conversations/read-snapshot.ts";
import { CheckThrew } from "#core/values/thrown.ts";

const STALE_TURN_WAIT_MS = 1_000;

/** A quarantined conversation comes back after this long when another one is running in this process. */
const QUARANTINE_WAIT_MS = 1_000;

/** After an unexpected error: one second, then twice as long each time. */
const HOLD_FIRST_MS = 1_000;
const HOLD_MAX_MS = 300_000;

/**
 * Works on one conversation: takes its lease, finishes pending effects, takes a turn over all unread messages, runs the
 * resulting effects and releases the lease. The number of turns is capped, so a chatty conversation goes to the end of
 * the queue. If another process holds the lease, the wake is recorded and the holder looks again when it is done.
 *
 * Work that never ends is bounded: the commit that takes the lease counts wakes whose process died, the commit that
 * releases it counts failed ones, and after a few of either the wake becomes a dead letter.
 */
export async function processConversation(
  context: JobContext,
  conversationId: string,
  workerState: WorkerState = createWorkerState(),
): Promise<WakeKind> {
  const first = await claimConversation(context, conversationId, true);
  if (first !== "quarantined")
    return typeof first === "string" ? "refused" : processClaimed(context, first);
  const leave = workerState.isolate();
  if (leave === null) {
    await notifyWorker(context, conversationId, QUARANTINE_WAIT_MS);
    return "refused";
  }
  try {
    const alone = await claimConversation(context, conversationId, false);
    return typeof alone === "string" ? "refused" : await processClaimed(context, alone);
  } finally {
    leave();
  }
}

async function processClaimed(
  context: JobContext,
  { lease, snapshot }: Claimed,
): Promise<WakeKind> {
  const kept = renewLease(context, lease);
  let done: WakeResult;
  try {
    if ("unreadable" in snapshot) throw snapshot.unreadable;
    done =
      lease.unfinished < LIMITS.unfinishedWakesMax
        ? await processTurns(context, lease, snapshot.read, kept.signal)
        : await giveUp(
            context,
            lease,
            `its process ended ${lease.unfinished} times in the middle of it`,
          );
  } catch (error) {
    done = await afterError(context, lease, error);
  } finally {
    kept.stop();
  }
  const { end, wakeAgainMs } = done;
  const wokenMeanwhile =
    done.released?.wokenMeanwhile ?? (await releaseLease(context.store, lease, end));
  if (wokenMeanwhile) await notifyWorker(context, lease.conversationId, 0);
  else if (wakeAgainMs !== null) await notifyWorker(context, lease.conversationId, wakeAgainMs);
  return done.found;
}

/** How a wake ended, what it leaves on the conversation, and after how long it wants to be woken again. */
interface WakeResult {
  readonly found: WakeKind;
  readonly end: WakeEnd;
  readonly wakeAgainMs: number | null;
  /** Set when the work's last commit released the lease already. */
  readonly released?: Released;
}

/**
 * Handles an error of a wake. A passing error is waited out; any other is a bug and is given up on after a few tries.
 * The pauses grow either way, so no loop keeps the process busy.
 */
async function afterError(
  context: JobContext,
  lease: ClaimedLease,
  error: unknown,
): Promise<WakeResult> {
  const passes = error instanceof DeskhandError && error.retry;
  // Another process has the conversation now and decides what to do about it.
  if (error instanceof DeskhandError && error.code === "store.fenced") {
    context.log.info("wake given up, another has the conversation", { reason: reasonOf(error) });
    return endAfter(context, "worked", null);
  }
  if (!passes && (await endUnreadable(context, lease.conversationId)))
    return endAfter(context, "worked", 0);
  const failed = failuresAfter(lease, passes);
  context.log[passes ? "warn" : "error"]("wake failed", {
    conversation: lease.conversationId,
    failures: Math.abs(failed),
    reason: reasonOf(error),
  });
  // The same text would fail the same way on every retry.
  if (error instanceof CheckThrew) return giveUp(context, lease, reasonOf(error));
  if (!passes && failed >= LIMITS.failedWakesMax)
    return giveUp(context, lease, `it failed ${failed} times: ${reasonOf(error)}`);
  const holdMs = Math.min(HOLD_FIRST_MS * 2 ** (Math.abs(failed) - 1), HOLD_MAX_MS);
  const holdUntil = new Date(context.clock.now().getTime() + holdMs);
  return { found: "worked", end: { nextWakeAt: null, holdUntil, failed }, wakeAgainMs: null };
}

/** The record of failures with one more. An error that passes uses up no try of a bug's. */
function failuresAfter({ failed }: ClaimedLease, passes: boolean): number {
  if (!passes) return Math.max(failed, 0) + 1;
  return failed > 0 ? failed : failed - 1;
}

async function giveUp(
  context: JobContext,
  lease: ClaimedLease,
  reason: string,
): Promise<WakeResult> {
  await deadLetterWake(context, lease, reason);
  context.changes.announce(lease.conversationId);
  return endAfter(context, "worked", 0);
}

/** Finishes pending effects and takes turns until nothing is left or the conversation has to wait. */
async function processTurns(
  context: JobContext,
  lease: Lease,
  first: ConversationSnapshot | null,
  signal: AbortSignal,
): Promise<WakeResult> {
  let snapshot = first;
  let found: WakeKind = "idle";
  for (let turns = 0; snapshot !== null; turns += 1) {
    if (snapshot.effects.length > 0) {
      found = "worked";
      const released = await runEffects(context, lease, signal);
      context.changes.announce(lease.conversationId);
      if (released !== null) return { ...endAfter(context, found, null), released };
      snapshot = await loadSnapshotAgain(context, lease);
      if (snapshot === null) break;
    }
    if (turns === LIMITS.turnsPerWakeMax) return endAfter(context, found, 0);
    const turn = await takeTurn(context, lease, snapshot, signal);
    if (turn.kind === "wait") return endAfter(context, found, turn.delayMs);
    if (turn.kind === "idle") return endAfter(context, found, null);
    found = "worked";
    if (turn.released !== null)
      return { ...endAfter(context, found, null), released: turn.released };
    snapshot = await loadSnapshotAgain(context, lease);
  }
  return endAfter(context, found, null);
}

/** The end of a wake that wants to be woken again after this long; null when it does not. */
function endAfter(context: JobContext, found: WakeKind, wakeAgainMs: number | null): WakeResult {
  const now = context.clock.now().getTime();
  const nextWakeAt = wakeAgainMs === null ? null : new Date(now + wakeAgainMs);
  return { found, end: { nextWakeAt, holdUntil: null, failed: 0 }, wakeAgainMs };
}

/**
 * Takes a turn, and tells those who wait for the conversation and the desk. A stale turn is planned again with what is
 * known now; the loop above bounds how often.
 */
async function takeTurn(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  signal: AbortSignal,
): Promise<TurnEnd> {
  try {
    const end = await runTurn(context, lease, snapshot, signal);
    if (end.kind === "written") {
      context.changes.announce(lease.conversationId);
      if (end.cards) await showCardsSoon(context);
    }
    return end;
  } catch (error) {
    // Work aborted because the lease is lost failed for that reason, whatever its own error says.
    if (signal.aborted)
      throw new DeskhandError("store.fenced", "the lease was lost", { cause: error });
    if (!(error instanceof StaleTurnError)) throw error;
    context.log.info("turn overtaken, thinking again", { reason: error.message });
    if (error instanceof SentAgain) return takeTurn(context, lease, snapshot, signal);
    // What such a turn wrote before it was taken back stands on other conversations' cards.
    if (error.atOnce) await showCardsSoon(context);
    // The faster writer needs a moment to finish; an immediate retry would waste a model call.
    return { kind: "wait", delayMs: error.atOnce ? 0 : STALE_TURN_WAIT_MS };
  }
}

function loadSnapshotAgain(
  context: JobContext,
  lease: Lease,
): Promise<ConversationSnapshot | null> {
  return loadSnapshot(context.store, lease.conversationId, context.clock.now());
}

// Keeps a lease alive while its process works on the conversation.

/**
 * Renews the lease while work goes on, so that a slow model does not cost us the conversation. Work continues while the
 * database is briefly away, but not longer than the lease is valid.
 */
function renewLease(context: JobContext, lease: Lease) {
  const lost = new AbortController();
  // Measured on this machine's monotonic clock, from before the database was asked: never too late.
  const state = { goodUntil: performance.now() + context.leaseMs };
  const prolong = async (): Promise<void> => {
    const asked = performance.now();
    try {
      await context.store.run(extendLease, lease, context.leaseMs);
      state.goodUntil = asked + context.leaseMs;
    } catch (error) {
      context.log.warn("lease not prolonged", { reason: reasonOf(error) });
      const isFenced = error instanceof DeskhandError && error.code === "store.fenced";
      if (isFenced || performance.now() > state.goodUntil) lost.abort(error);
    }
  };
  const timer = setInterval(() => void prolong(), context.leaseMs / 3);
  // Aborted once another process has the lease, or may have it: results could no longer be saved.
  return { signal: lost.signal, stop: () => clearInterval(timer) };
}

// The first commit of a wake: takes the lease and reads the conversation.

/** A conversation whose lease we hold, with what the claiming commit read, or why it could not be read. */
interface Claimed {
  readonly lease: ClaimedLease;
  readonly snapshot:
    | { readonly read: ConversationSnapshot | null }
    | { readonly unreadable: unknown };
}

/** Takes the lease and reads. With `cleanOnly`, it takes only a clean conversation. */
async function claimConversation(
  context: JobContext,
  conversationId: string,
  cleanOnly: boolean,
): Promise<Claimed | Refusal> {
  const now = context.clock.now();
  const options = {
    conversationId,
    owner: context.worker,
    leaseMs: context.leaseMs,
    now,
    cleanOnly,
  };
  const claimed =
    (await claimAndRead(context.store, options)) ??
    (await context.store.run(async (transaction) => {
      // When it was released between the two statements, our transaction locks its row until it commits.
      const refusal = await recordRefusedWake(transaction, conversationId, now);
      return refusal ?? claimAndRead(transaction, options);
    }));
  if (claimed === null || typeof claimed === "string") return claimed ?? "quarantined";
  const { lease, snapshot } = claimed;
  try {
    return { lease, snapshot: { read: startingSnapshot(snapshot()) } };
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) {
      // As if it had not been taken: it says nothing of who can read it.
      await releaseLease(context.store, lease, { nextWakeAt: null, holdUntil: null, failed: null });
      throw error;
    }
    // An unreadable conversation must be counted as a failure too, or it would be retried for ever.
    return { lease, snapshot: { unreadable: error } };
  }
}

/**
 * What a wake came to: work, nothing to do, or refused because the conversation is leased, on hold, quarantined or
 * gone.
 */
export type WakeKind = "worked" | "idle" | "refused";

/** What the wakes of one process share. */
export type WorkerState = ReturnType<typeof createWorkerState>;

/**
 * `isolate` takes the one slot for a quarantined conversation, whose last wakes never finished. Only one of them runs in
 * a process at a time, so that a crash is not blamed on other conversations in flight. It returns the function that frees
 * the slot, or null while it is taken.
 */
export function createWorkerState() {
  const room = { taken: false };
  return {
    isolate(): (() => void) | null {
      if (room.taken) return null;
      room.taken = true;
      return () => (room.taken = false);
    },
  };
}

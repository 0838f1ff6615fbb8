import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { CheckThrew } from "#core/values/thrown.ts";
import {
  claimLease,
  releaseLease,
  type Claim,
  type Lease,
  type WakeEnd,
} from "#store/conversations/lease.ts";
import { noteVainRing, type Refusal } from "#store/conversations/due-work.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { drain } from "#jobs/effects/run-effects.ts";
import { buryWake } from "#jobs/effects/dead-letters.ts";
import { keepLease } from "./renew-lease.ts";
import { LIMITS, type Parts } from "#jobs/context/job-context.ts";
import { startShift, type Ringer, type Shift, type WakeFound } from "./worker-state.ts";
import { takeTurn } from "#jobs/turn/run-turn.ts";
import { readView, type View } from "#jobs/conversation/snapshot.ts";
import { Overtaken } from "#jobs/context/stale-turn-error.ts";

const OVERTAKEN_WAIT_MS = 1_000;

/** A suspect that finds another suspect at work in this process comes back after this long. */
const SUSPECT_WAIT_MS = 1_000;

/** After an error nobody expected: one second, then twice as long each time. */
const HOLD_FIRST_MS = 1_000;
const HOLD_MAX_MS = 300_000;

/**
 * Works on one conversation: takes its lease, finishes what is pending, takes a turn over all unread messages, carries
 * out what came of it, and gives the lease back. At most a few turns, so that a chatty conversation goes to the tail.
 * Somebody else holding the lease is no error: the holder is told of the ring and looks again when it is through.
 *
 * Work that never comes to an end is bounded: a wake that took its process with it is counted by the commit that took
 * the lease, one that failed by the commit that gives it back, and after a few of either it becomes a dead letter.
 */
export async function wakeConversation(
  parts: Parts,
  conversationId: string,
  { shift, ringer }: { readonly shift: Shift; readonly ringer: Ringer } = {
    shift: startShift(),
    ringer: "queue",
  },
): Promise<void> {
  shift.count(ringer, await wake(parts, conversationId, shift));
}

async function wake(parts: Parts, conversationId: string, shift: Shift): Promise<WakeFound> {
  const first = await claim(parts, conversationId, true);
  if (first !== "suspect") return typeof first === "string" ? "refused" : workOn(parts, first);
  const leave = shift.isolate();
  if (leave === null) {
    await ringAgain(parts, conversationId, SUSPECT_WAIT_MS);
    return "refused";
  }
  try {
    const alone = await claim(parts, conversationId, false);
    return typeof alone === "string" ? "refused" : await workOn(parts, alone);
  } finally {
    leave();
  }
}

/** A conversation of which we have the lease, and what the commit that took it read; or why it could not be read. */
interface Claimed {
  readonly lease: Claim;
  readonly view: { readonly read: View | null } | { readonly unreadable: unknown };
}

/** The first commit: takes the lease and reads. With `innocent`, only when the last wake came to an end. */
async function claim(
  parts: Parts,
  conversationId: string,
  innocent: boolean,
): Promise<Claimed | Refusal> {
  const options = { conversationId, owner: parts.worker, leaseMs: parts.leaseMs };
  const take = <T>(read: (transaction: Parameters<typeof readView>[0]) => Promise<T>) =>
    parts.store.run(async (transaction) => {
      const now = parts.clock.now();
      let lease = await claimLease(transaction, { ...options, now, innocent });
      if (lease === null) {
        const refusal = await noteVainRing(transaction, conversationId, now);
        if (refusal !== null) return refusal;
        // It was given back between the two statements; its row is ours until this commits.
        lease = await claimLease(transaction, { ...options, now, innocent });
        if (lease === null) return "suspect";
      }
      return { lease, view: await read(transaction) };
    });
  try {
    return await take(async (transaction) => ({
      read: await readView(transaction, conversationId),
    }));
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) throw error;
    // What cannot be read has to be counted as a failure all the same, or it would be tried for ever.
    return take(async () => ({ unreadable: error }));
  }
}

async function workOn(parts: Parts, { lease, view }: Claimed): Promise<WakeFound> {
  const kept = keepLease(parts, lease);
  let done: Done;
  try {
    if ("unreadable" in view) throw view.unreadable;
    done =
      lease.unfinished < LIMITS.unfinishedWakesMax
        ? await work(parts, lease, view.read, kept.signal)
        : await bury(
            parts,
            lease,
            `its process ended ${lease.unfinished} times in the middle of it`,
          );
  } catch (error) {
    done = await afterError(parts, lease, error);
  } finally {
    kept.stop();
  }
  const { end, againMs } = done;
  const rung = await parts.store.run((transaction) => releaseLease(transaction, lease, end));
  if (rung) await ringAgain(parts, lease.conversationId, 0);
  else if (againMs !== null) await ringAgain(parts, lease.conversationId, againMs);
  return done.found;
}

/** How a wake ended, what it leaves on the conversation, and after how long it wants to be rung for again. */
interface Done {
  readonly found: WakeFound;
  readonly end: WakeEnd;
  readonly againMs: number | null;
}

/**
 * An error that came out of a wake. One that passes is waited for; any other is a mistake, which is given up on after a
 * few tries. Either way the pauses grow: nothing here may turn into a loop that keeps the process busy.
 */
async function afterError(parts: Parts, lease: Claim, error: unknown): Promise<Done> {
  const passes = error instanceof DeskhandError && error.retry;
  // Another has the conversation by now, and whatever is to be done about it.
  if (error instanceof DeskhandError && error.code === "store.fenced") {
    parts.log.info("wake given up, another has the conversation", { reason: reasonOf(error) });
    return { found: "worked", end: { ringsAt: null, holdUntil: null }, againMs: null };
  }
  parts.log[passes ? "warn" : "error"]("wake failed", {
    conversation: lease.conversationId,
    failures: lease.failed + 1,
    reason: reasonOf(error),
  });
  // The same words would be read the same way eight times.
  if (error instanceof CheckThrew) return bury(parts, lease, reasonOf(error));
  if (!passes && lease.failed + 1 >= LIMITS.failedWakesMax)
    return bury(parts, lease, `it failed ${lease.failed + 1} times: ${reasonOf(error)}`);
  const holdMs = Math.min(HOLD_FIRST_MS * 2 ** lease.failed, HOLD_MAX_MS);
  const holdUntil = new Date(parts.clock.now().getTime() + holdMs);
  return { found: "worked", end: { ringsAt: null, holdUntil }, againMs: null };
}

async function bury(parts: Parts, lease: Claim, reason: string): Promise<Done> {
  await buryWake(parts, lease, reason);
  return { found: "worked", end: ringsAfter(parts, 0), againMs: 0 };
}

/** Finishes what is pending and takes turns until nothing is left, or it is somebody else's turn. */
async function work(
  parts: Parts,
  lease: Lease,
  first: View | null,
  signal: AbortSignal,
): Promise<Done> {
  let view = first;
  let found: WakeFound = "idle";
  for (let turns = 0; turns < LIMITS.turnsPerWakeMax; turns += 1) {
    if (view === null) break;
    if (view.effects.length > 0) {
      found = "worked";
      await drain(parts, lease);
      view = await read(parts, lease);
      if (view === null) break;
    }
    const end = await turnOf(parts, lease, view, signal);
    if (end.kind === "written") await showCardsSoon(parts);
    if (end.kind === "wait")
      return { found, end: ringsAfter(parts, end.delayMs), againMs: end.delayMs };
    if (end.kind === "idle") return { found, end: ringsAfter(parts, null), againMs: null };
    found = "worked";
    await drain(parts, lease);
    view = await read(parts, lease);
  }
  const againMs = view === null ? null : 0;
  return { found, end: ringsAfter(parts, againMs), againMs };
}

function ringsAfter(parts: Parts, delayMs: number | null): WakeEnd {
  const ringsAt = delayMs === null ? null : new Date(parts.clock.now().getTime() + delayMs);
  return { ringsAt, holdUntil: null };
}

/** A turn that was overtaken is thought again with what is known now; the loop above bounds how often. */
async function turnOf(
  parts: Parts,
  lease: Lease,
  view: View,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof takeTurn>>> {
  try {
    return await takeTurn(parts, lease, view, signal);
  } catch (error) {
    // What was aborted because the lease is gone failed for that reason, whatever it says itself.
    if (signal.aborted)
      throw new DeskhandError("store.fenced", "the lease was lost", { cause: error });
    if (!(error instanceof Overtaken)) throw error;
    parts.log.info("turn overtaken, thinking again", { reason: error.message });
    // Whoever was faster needs a moment to be done; thinking again at once would cost a model call for nothing.
    return { kind: "wait", delayMs: OVERTAKEN_WAIT_MS };
  }
}

function read(parts: Parts, lease: Lease): Promise<View | null> {
  return parts.store.run((transaction) => readView(transaction, lease.conversationId));
}

async function ringAgain(parts: Parts, conversationId: string, delayMs: number): Promise<void> {
  try {
    await parts.wake(conversationId, delayMs);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    parts.log.warn("wake not queued, the reconciler will find it", { reason: reasonOf(error) });
  }
}

import { DeskhandError, reasonOf } from "#core/errors.ts";
import { claimLease, extendLease, releaseLease, type Lease } from "#store/lease.ts";
import { showCards } from "./cards.ts";
import { drain } from "./commit.ts";
import { LIMITS, type Parts } from "./parts.ts";
import { takeTurn } from "./turn.ts";
import { readView, type View } from "./view.ts";
import { Overtaken } from "./overtaken.ts";

const OVERTAKEN_WAIT_MS = 1_000;

/**
 * Works on one conversation: takes its lease, finishes what is pending, takes a turn over all unread messages, carries
 * out what came of it, and gives the lease back. At most a few turns, so that a chatty conversation goes to the tail.
 * Somebody else holding the lease is no error: the holder looks at the mailbox again before letting go.
 */
export async function wakeConversation(parts: Parts, conversationId: string): Promise<void> {
  const first = await parts.store.run(async (transaction) => {
    const lease = await claimLease(transaction, {
      conversationId,
      owner: parts.worker,
      leaseMs: parts.leaseMs,
    });
    return lease === null ? null : { lease, view: await readView(transaction, conversationId) };
  });
  if (first === null) {
    // The holder may have looked at the mailbox just before this ring: ring once more after it is through.
    await ringAgain(parts, conversationId, 1_000);
    return;
  }
  const { lease } = first;
  const heartbeat = keepLease(parts, lease);
  let againMs: number | null = null;
  try {
    againMs = await work(parts, lease, first.view);
  } finally {
    clearInterval(heartbeat);
    await parts.store.run((transaction) => releaseLease(transaction, lease));
  }
  if (againMs !== null) await ringAgain(parts, conversationId, againMs);
}

/** A slow model must not cost us the conversation: the lease is prolonged while the process is at work on it. */
function keepLease(parts: Parts, lease: Lease): NodeJS.Timeout {
  return setInterval(() => {
    parts.store
      .run((transaction) => extendLease(transaction, lease, parts.leaseMs))
      .catch((error: unknown) =>
        parts.log.warn("lease not prolonged", { reason: reasonOf(error) }),
      );
  }, parts.leaseMs / 3);
}

/** Gives how long to wait before looking again, or null when nothing is left. */
async function work(parts: Parts, lease: Lease, first: View | null): Promise<number | null> {
  let view = first;
  for (let turns = 0; turns < LIMITS.turnsPerWakeMax; turns += 1) {
    if (view === null) return null;
    if (view.effects.length > 0) {
      await drain(parts, lease);
      view = await read(parts, lease);
      if (view === null) return null;
    }
    const end = await turnOf(parts, lease, view);
    if (end.kind === "written") await showCards(parts);
    if (end.kind === "wait") return end.delayMs;
    if (end.kind === "idle") return null;
    await drain(parts, lease);
    view = await read(parts, lease);
  }
  return 0;
}

/** A turn that was overtaken is thought again with what is known now; the loop above bounds how often. */
async function turnOf(
  parts: Parts,
  lease: Lease,
  view: View,
): Promise<Awaited<ReturnType<typeof takeTurn>>> {
  try {
    return await takeTurn(parts, lease, view);
  } catch (error) {
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

/**
 * Room: takes one turn of a conversation, from its snapshot to the calls it begins. `runTurn` reads top to bottom.
 * In: the snapshot of a leased conversation, and a signal for a lost lease.
 * Out: one commit with messages, outcomes, cards, effects and trace; what began in it is called right after.
 * May touch: the database, channels and shop for reading, the typing indicator, the model; all else through effects.
 */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { connectedChannel, type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { changesSince, type ConversationChanges } from "#jobs/conversation/changes.ts";
import {
  resolveHints,
  lookAtSource,
  type ResolvedHints,
} from "#jobs/conversation/resolve-hints.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { deadLetterMail } from "#jobs/effects/dead-letters.ts";
import { findPastEffects } from "#jobs/effects/find-past-effects.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { type Lease, type Released, requireLease } from "#store/conversations/lease.ts";
import { hintFailed } from "#store/inbox/unread-hints.ts";
import { afterCommit } from "./commit-turn.ts";
import { decideAndSave } from "./decide.ts";
import { catchMistakes } from "./failed-check.ts";
import { findWork, hasForgotten, hasToWait } from "./news.ts";
import type { PastEffects } from "#jobs/conversation/plan-step.ts";

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

  const resolved = await readSource(context, snapshot, work.hints, lost);
  // People have the conversation now, so the next turn needs a fresh snapshot.
  if (await setUnreadableAside(context, lease, resolved))
    return { kind: "written", cards: true, released: null };
  // The end of a wait for the source brings no news by itself.
  const retriesPlan = work.retryDue && snapshot.state.retrySince !== null;
  if (resolved.read.length === 0 && resolved.failed.length > 0 && !retriesPlan)
    return { kind: "wait", delayMs: await waitForSource(context, lease, resolved) };

  const changes = await catchMistakes(lost, () =>
    changesSince(snapshot, resolved, context.policy.cards),
  );
  if (hasToWait(changes)) return { kind: "wait", delayMs: ANSWERING_WAIT_MS };
  const pastEffects = await findPastEffectsOrNull(context, lease, snapshot, changes);
  if (pastEffects === null)
    return { kind: "wait", delayMs: await waitFor(context, lease, TARGET_WAIT_MS) };

  const start = { lease, snapshot, read: resolved.read };
  const committed = await decideAndSave(context, start, {
    changes,
    pastEffects,
    retriesPlan,
    lost,
  });
  const released = await afterCommit(context, committed);
  const cards = snapshot.pending !== null || committed.plan.card !== null;
  return { kind: "written", cards, released };
}

/**
 * Reads at the source what the hints announce. A decision that was withdrawn is planned again only after another look
 * at a source that keeps its history: the change that made it stale may not have sent a hint yet.
 */
async function readSource(
  context: JobContext,
  snapshot: ConversationSnapshot,
  hints: ConversationSnapshot["hints"],
  lost: AbortSignal,
): Promise<ResolvedHints> {
  const { conversation } = snapshot.state;
  const resolved = await resolveHints(context, snapshot, hints, lost);
  const isRead = resolved.read.length > 0 || resolved.failed.length > 0;
  if (
    isRead ||
    !hasForgotten(snapshot) ||
    !connectedChannel(context, conversation.channel).keepsHistory
  )
    return resolved;
  try {
    return { ...resolved, resolved: [await lookAtSource(context, conversation)] };
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    // A conversation its source no longer shows brings no news.
    return resolved;
  }
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

// How long a turn waits for a source or a target; the time is stored, so no wake comes earlier.

const SOURCE_WAIT_MAX_MS = 60_000;

/** However long a source asks us to wait, it is looked at again after this. */
const SOURCE_ASKED_MAX_MS = 15 * 60_000;

/** Waits longer each time for a source that is down; returns the wait in milliseconds. */
async function waitForSource(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<number> {
  const tries = Math.max(...gathered.failed.map(({ hint }) => hint.attempts));
  const asked = Math.max(...gathered.failed.map(({ retryAfterMs }) => retryAfterMs));
  const growing = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  return waitFor(context, lease, Math.max(growing, Math.min(asked, SOURCE_ASKED_MAX_MS)));
}

/** Stores that the conversation is not woken before `delayMs` is over, and returns it. */
async function waitFor(context: JobContext, lease: Lease, delayMs: number): Promise<number> {
  const now = context.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await context.store.run((transaction) =>
    updateConversation(transaction, lease.conversationId, { wakeAt }, now),
  );
  return delayMs;
}

// Hints whose source could not be read: tried again, or set aside as dead letters.

/**
 * Retries an unreadable hint, then makes it a dead letter; at once when reading it hit a bug, which would happen again.
 * A source that is down is retried until it is back. True when a message was set aside: people own the conversation
 * then.
 */
async function setUnreadableAside(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<boolean> {
  const setAside: boolean[] = [];
  for (const { hint, error, retry, isMistake } of gathered.failed)
    setAside.push(
      await context.store.run(async (transaction) => {
        await requireLease(transaction, lease);
        const { givenUp } = await hintFailed(transaction, {
          id: hint.id,
          error,
          attemptsMax: retry ? null : isMistake ? 1 : LIMITS.hintAttemptsMax,
        });
        if (!givenUp) return false;
        const toPeople = hint.hint.kind === "message";
        await deadLetterMail(context, transaction, {
          conversationId: lease.conversationId,
          kind: "unreadable",
          hints: [hint.id],
          messages: [],
          reason: `${hint.hint.channel}: ${error}`,
          toPeople,
        });
        return toPeople;
      }),
    );
  return setAside.includes(true);
}

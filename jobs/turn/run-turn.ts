/**
 * Room: takes one turn of a conversation, from its snapshot to the calls it begins. `runTurn` reads top to bottom.
 * In: the snapshot of a leased conversation, and a signal for a lost lease.
 * Out: one commit with messages, outcomes, cards, effects and trace; what began in it is called right after.
 * May touch: the database, channels and shop for reading, the typing indicator, the model; all else through effects.
 */
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Lease, Released } from "#store/conversations/lease.ts";
import {
  resolveHints,
  lookAtSource,
  type ResolvedHints,
} from "#jobs/conversation/resolve-hints.ts";
import { findPastEffects, type PastEffects } from "#jobs/recovery/find-past-effects.ts";
import { channelOf, type JobContext } from "#jobs/context/job-context.ts";
import { changesSince, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { catchMistakes } from "./failed-check.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

import { findWork, hasForgotten, hasToWait } from "./news.ts";
import { setUnreadableAside } from "./unreadable-hints.ts";
import { waitFor, waitForSource } from "./wait.ts";
import { decideAndSave } from "./decide.ts";
import { afterCommit } from "./commit-turn.ts";

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
  if (isRead || !hasForgotten(snapshot) || !channelOf(context, conversation.channel).keepsHistory)
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

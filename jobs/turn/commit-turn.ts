/** Commits a turn, then at once makes the call that began in that commit. */
import { CaseFound, joinFound } from "#jobs/cases/place-turn.ts";
import { bundleToStart } from "#jobs/effects/start-with-turn.ts";
import { bookedTurns } from "#jobs/effects/retry.ts";
import { finishStarted } from "#jobs/effects/run-effects.ts";
import { readAfterPosting } from "#jobs/verification/read-after-posting.ts";
import { type JobContext } from "#jobs/context/job-context.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { type Released, releaseWhenDone } from "#store/conversations/lease.ts";
import { saveTurn } from "./save-turn.ts";

export type DecidedTurn = Omit<Parameters<typeof saveTurn>[2], "atOnce" | "turns">;
/** A saved turn, with the effect that began in its commit, and whether that commit was the last of its work. */
export interface SavedTurn extends DecidedTurn {
  readonly begun: Awaited<ReturnType<typeof saveTurn>>;
  readonly released: Released | null;
}
/** Writes the turn in one commit, together with the start of its first call. */
export async function commitTurn(context: JobContext, turn: DecidedTurn): Promise<SavedTurn> {
  const atOnce = await bundleToStart(context, turn.snapshot, turn.changes, turn.plan);
  const turns = await bookedTurns(context, turn.plan.bundles);
  context.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.bundle.actions.slice(0, 1) ?? [])
    context.crashPoint(`effect:intended:${action.operation}`);
  try {
    const written = await context.store.run(async (transaction) => {
      const begun = await saveTurn(context, transaction, { ...turn, atOnce, turns });
      const released =
        begun === null ? await releaseWhenDone(transaction, turn.lease, context.clock.now()) : null;
      return { begun, released };
    });
    return { ...turn, ...written };
  } catch (error) {
    if (error instanceof CaseFound) await joinFound(context.store, error, context.clock.now());
    throw error;
  }
}
/**
 * Makes the call that began with the commit right after it, with nothing in between. Returns whether the lease was
 * released with the last commit.
 */
export async function afterCommit(
  context: JobContext,
  { lease, snapshot, changes, plan, begun, released }: SavedTurn,
): Promise<Released | null> {
  context.crashPoint("turn:after-commit");
  const finished =
    begun === null
      ? released
      : await finishStarted(context, lease, {
          ...begun,
          conversation: conversationAfter(snapshot, changes),
        });
  if (plan.trace !== null) context.spans.export(plan.trace);
  const unread = plan.card?.unread ?? null;
  if (unread !== null) context.beside((signal) => readAfterPosting(context, unread, signal));
  for (const { conversationId } of plan.elsewhere)
    await context.wake(conversationId).catch(logLostWake(context));
  return finished;
}
function logLostWake(context: JobContext): () => void {
  return () => context.log.warn("wake not queued, the reconciler will find it");
}

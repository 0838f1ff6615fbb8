/** Commits a turn, then at once makes the call that began in that commit. */
import { bundleToStart } from "#jobs/effects/start-with-turn.ts";
import { finishStarted } from "#jobs/effects/run-effects.ts";
import { type JobContext } from "#jobs/context/job-context.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { saveTurn } from "./save-turn.ts";

export type DecidedTurn = Omit<Parameters<typeof saveTurn>[2], "atOnce">;
/** A saved turn, with the effect that began in its commit. */
export interface SavedTurn extends DecidedTurn {
  readonly begun: Awaited<ReturnType<typeof saveTurn>>;
}
/** Writes the turn in one commit, together with the start of its first call. */
export async function commitTurn(context: JobContext, turn: DecidedTurn): Promise<SavedTurn> {
  const atOnce = await bundleToStart(context, turn.snapshot, turn.changes, turn.plan);
  context.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.bundle.actions.slice(0, 1) ?? [])
    context.crashPoint(`effect:intended:${action.operation}`);
  const begun = await context.store.run((transaction) =>
    saveTurn(context, transaction, { ...turn, atOnce }),
  );
  return { ...turn, begun };
}
/** Makes the call that began with the commit right after it, with nothing in between. */
export async function afterCommit(
  context: JobContext,
  { lease, snapshot, changes, plan, begun }: SavedTurn,
): Promise<void> {
  context.crashPoint("turn:after-commit");
  if (begun !== null)
    await finishStarted(context, lease, {
      ...begun,
      conversation: conversationAfter(snapshot, changes),
    });
  if (plan.trace !== null) context.spans.export(plan.trace);
  for (const { conversationId } of plan.elsewhere)
    await context.wake(conversationId).catch(logLostWake(context));
}
function logLostWake(context: JobContext): () => void {
  return () => context.log.warn("wake not queued, the reconciler will find it");
}

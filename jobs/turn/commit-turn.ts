/** Commits a turn, then at once makes the call that began in that commit. */
import { inTrace, traceNow } from "#core/contracts/work-context.ts";
import { spanIdOfTurn, type TraceContext } from "#core/contracts/trace-context.ts";
import { CaseFound, joinFound } from "#jobs/cases/place-turn.ts";
import { bundleToStart } from "#jobs/effects/start-with-turn.ts";
import { finishStarted } from "#jobs/effects/run-effects.ts";
import { readAfterPosting } from "#jobs/verification/read-after-posting.ts";
import { type JobContext } from "#jobs/context/job-context.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { type Released, releaseWhenDone } from "#store/conversations/lease.ts";
import { saveTurn } from "./save-turn.ts";

export type DecidedTurn = Omit<Parameters<typeof saveTurn>[2], "atOnce">;
/** A saved turn, with the effect that began in its commit, and whether that commit was the last of its work. */
export interface SavedTurn extends DecidedTurn {
  readonly begun: Awaited<ReturnType<typeof saveTurn>>;
  readonly released: Released | null;
}
/** Writes the turn in one commit, together with the start of its first call. */
export async function commitTurn(context: JobContext, turn: DecidedTurn): Promise<SavedTurn> {
  const atOnce = await bundleToStart(context, turn.snapshot, turn.changes, turn.plan);
  context.crashPoint("turn:before-commit");
  for (const { action } of atOnce?.bundle.actions.slice(0, 1) ?? [])
    context.crashPoint(`effect:intended:${action.operation}`);
  const write = () =>
    context.store.run(async (transaction) => {
      const begun = await saveTurn(context, transaction, { ...turn, atOnce });
      const released = begun === null ? await releaseWhenDone(transaction, turn.lease) : null;
      return { begun, released };
    });
  try {
    const written = await inTrace(traceOfTurn(turn.plan.trace), () =>
      context.spans.step({ name: "commit turn", kind: "internal", attributes: {} }, write),
    );
    return { ...turn, ...written };
  } catch (error) {
    if (error instanceof CaseFound) await joinFound(context.store, error, context.clock.now());
    throw error;
  }
}
/** What a turn leads to is below its own span, which is written after it. */
function traceOfTurn(trace: DecidedTurn["plan"]["trace"]): TraceContext | null {
  const around = traceNow();
  if (around === null || trace === null) return around;
  return { ...around, spanId: spanIdOfTurn(trace.request_id), links: [] };
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
  const woken = [
    ...plan.elsewhere.map(({ conversationId }) => conversationId),
    ...plan.case.releases,
  ];
  for (const conversationId of woken)
    await context.wake(conversationId).catch(logLostWake(context));
  return finished;
}
function logLostWake(context: JobContext): () => void {
  return () => context.log.warn("wake not queued, the reconciler will find it");
}

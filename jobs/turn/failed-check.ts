/** The error boundary of a turn: a bug in a check hands the conversation to people instead of failing for ever. */

import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { newTurnContext } from "#jobs/conversation/turn-context.ts";
import { type JobContext, StaleTurnError } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import {
  checkedOr,
  CheckThrew,
  describeThrown,
  type ErrorDescription,
  isOperating,
  thrownSpan,
} from "#core/values/thrown.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import { commonEnding, mistakeAlert, planHandOver, UNKNOWN_REQUESTER } from "./plan-escalation.ts";
import { planBarred } from "./plan-unanswered.ts";

/**
 * The boundary between reading and acting: an error in here that is not operational is a bug that the text triggers,
 * and is rethrown as `CheckThrew`. Operational errors pass unchanged, and so does everything once the lease is `lost`.
 */
export async function catchMistakes<T>(lost: AbortSignal, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const passes =
      error instanceof CheckThrew || error instanceof StaleTurnError || isOperating(error);
    if (passes || lost.aborted) throw error;
    throw new CheckThrew(describeThrown(error), error);
  }
}

/** Runs `first`; if a check threw, runs `instead`. */
export async function orThrown<T>(
  first: () => Promise<T>,
  instead: (thrown: ErrorDescription) => Promise<T>,
): Promise<T> {
  try {
    return await first();
  } catch (error) {
    if (!(error instanceof CheckThrew)) throw error;
    return instead(error.thrown);
  }
}

/**
 * The context with an agent whose results are recorded, so that the cost of a turn is known when a later check throws.
 */
export function recordingResults(context: JobContext): {
  readonly context: JobContext;
  readonly spent: TurnResult[];
} {
  const spent: TurnResult[] = [];
  const run: JobContext["agent"]["run"] = async (input) => {
    const result = await context.agent.run(input);
    spent.push(result);
    return result;
  };
  return { context: { ...context, agent: { ...context.agent, run } }, spent };
}

function reasonFor({ kind }: ErrorDescription): string {
  return `a check of this program failed on it (${kind})`;
}

const UNCHECKED: GuardVerdict = {
  verdict: "caution",
  reasons: ["not checked to the end: a check failed"],
};

/**
 * The plan of a turn in which a check threw: people take over with what came in, and the customer gets the usual
 * hand-over text. Checks that still work count: delicate topics page people as always, and a blocked message or one
 * that people already own gets no text. The trace keeps what the model has cost so far.
 */
export function planFailedCheck(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { thrown, spent }: { readonly thrown: ErrorDescription; readonly spent: readonly TurnResult[] },
): Plan {
  const { participants, ownership, open } = changes;
  if (participants.barred !== null)
    return planBarred(context, snapshot, changes, participants.barred);
  const known = newTurnContext(context, snapshot, changes, (messages) =>
    checkedOr(() => context.guard.inspect(messages), UNCHECKED),
  );
  const { unread, guard, startedAt } = known;
  const alert = mistakeAlert(context, thrown, known.turnId);
  if (open.length === 0) return { ...EMPTY_PLAN, bundles: [alert] };
  const ending = commonEnding(
    known,
    UNKNOWN_REQUESTER,
    spent.at(-1) ?? null,
    "escalated",
    reasonFor(thrown),
  );
  const { trace } = ending;
  const plan = planHandOver(
    {
      ...ending,
      conversation: conversationAfter(snapshot, changes),
      trace: { ...trace, spans: [...trace.spans, thrownSpan(thrown, context.guard, startedAt)] },
    },
    {
      reason: reasonFor(thrown),
      summary: "No draft was made: a check of this program failed on these words.",
      tried: [],
      delicate: checkedOr(() => context.guard.delicate(unread), null)?.topic ?? null,
      untold: ownership.owner === "human" || guard.verdict === "block",
    },
  );
  return { ...plan, bundles: [...plan.bundles, alert] };
}

import {
  CheckThrew,
  describeThrown,
  isOperating,
  spanOf,
  type Thrown,
} from "#core/values/thrown.ts";
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { planHandOver } from "./plan-escalation.ts";
import { StaleTurnError } from "#jobs/context/stale-turn-error.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { EMPTY_PLAN, unconditional, type Plan, type PlannedBundle } from "#jobs/plan/plan.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { planBarred } from "#jobs/conversation/participants.ts";
import { endingOf, newestAuthors, UNKNOWN_REQUESTER } from "./turn-ending.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/**
 * The boundary between what is read and what is done: whatever is thrown in here and does not tell of the world is a
 * mistake that the text brought out, and comes out as `CheckThrew`. Operating errors pass as they are, and so does
 * everything once the lease is `lost`.
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

/** Does something within the boundary, or what is done in its place when a check threw. */
export async function orThrown<T>(
  first: () => Promise<T>,
  instead: (thrown: Thrown) => Promise<T>,
): Promise<T> {
  try {
    return await first();
  } catch (error) {
    if (!(error instanceof CheckThrew)) throw error;
    return instead(error.thrown);
  }
}

/** The parts with an agent whose results are noted, so that what a turn has cost is known when a later check throws. */
export function noting(context: JobContext): {
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

/** Logs a mistake without anybody's words and makes its alert: one a day for all messages that bring out the same. */
export function mistakeAlert(
  { log, cardLink, clock }: Pick<JobContext, "log" | "cardLink" | "clock">,
  thrown: Thrown,
  turnId: string,
): PlannedBundle {
  log.error("a check threw", { turn: turnId, kind: thrown.kind, frames: thrown.frames });
  const text = `A check of this program failed on a message: ${thrown.kind}. People have the conversation, and every other one this happens with; this is said once a day. ${cardLink(turnId)}`;
  const day = clock.now().toISOString().slice(0, DAY_CHARACTERS);
  return unconditional([alertAction(text, [], `thrown:${thrown.kind}:${day}`)]);
}

const DAY_CHARACTERS = "2026-11-20".length;

/** What people are told as the reason. */
function reasonFor({ kind }: Thrown): string {
  return `a check of this program failed on it (${kind})`;
}

/** A verdict nobody came to. */
const UNCHECKED: GuardVerdict = {
  verdict: "caution",
  reasons: ["not checked to the end: a check failed"],
};

/**
 * What a turn comes to in which a check threw: people take over with what came in, and the customer is told what any
 * hand-over tells. The checks that still work count: delicate words page people as always, and a message that is blocked
 * gets no word, like one that people have already. What the model has cost until then stays in the record.
 */
export function planFailedCheck(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { thrown, spent }: { readonly thrown: Thrown; readonly spent: readonly TurnResult[] },
): Plan {
  const { participants, ownership, open } = changes;
  if (participants.barred !== null) return planBarred(changes, participants.barred);
  const turnId = context.ids.next("t");
  const alert = mistakeAlert(context, thrown, turnId);
  if (open.length === 0) return { ...EMPTY_PLAN, bundles: [alert] };
  const startedAt = context.clock.now();
  const unread = newestAuthors(open);
  const guard = checkedOr(() => context.guard.inspect(unread), UNCHECKED);
  const known = { context, snapshot, changes, unread, startedAt, turnId, guard };
  const ending = endingOf(
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
      trace: { ...trace, spans: [...trace.spans, spanOf(thrown, context.guard, startedAt)] },
    },
    {
      reason: reasonFor(thrown),
      summary: "No draft was made: a check of this program failed on these words.",
      tried: [],
      delicate: delicateIn(context.guard, unread),
      untold: ownership.owner === "human" || guard.verdict === "block",
    },
  );
  return { ...plan, bundles: [...plan.bundles, alert] };
}

function delicateIn(guard: InputGuard, unread: readonly Message[]) {
  return checkedOr(() => guard.delicate(unread), null)?.topic ?? null;
}

/** What a check says, which may be the very one that throws. */
function checkedOr<T>(check: () => T, otherwise: T): T {
  try {
    return check();
  } catch (error) {
    if (isOperating(error)) throw error;
    return otherwise;
  }
}

import { CheckThrew, describeThrown, isOperating, spanOf, type Thrown } from "#core/thrown.ts";
import type { GuardVerdict } from "#core/guard.ts";
import { alertAction } from "./actions.ts";
import { planHandOver } from "./endings.ts";
import { Overtaken } from "./overtaken.ts";
import type { Parts } from "./parts.ts";
import { NOTHING, unconditional, type Plan, type PlannedBundle } from "./plan.ts";
import { conversationIn, type Situation } from "./situation.ts";
import { planBarred } from "./terms.ts";
import { endingOf, newestAuthors, STRANGER } from "./turn-ending.ts";
import type { View } from "./view.ts";

/**
 * The boundary between what is read and what is done: whatever is thrown in here and does not tell of the world is a
 * mistake that the text brought out, and comes out as `CheckThrew`. Operating errors pass as they are, and so does
 * everything once the lease is `lost`.
 */
export async function reading<T>(lost: AbortSignal, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const passes = error instanceof CheckThrew || error instanceof Overtaken || isOperating(error);
    if (passes || lost.aborted) throw error;
    throw new CheckThrew(describeThrown(error), error);
  }
}

/** Logs a mistake without anybody's words and makes its alert: one for all messages that bring out the same. */
export function alertOf(
  { log, cardLink }: Pick<Parts, "log" | "cardLink">,
  thrown: Thrown,
  turnId: string,
): PlannedBundle {
  log.error("a check threw", { turn: turnId, kind: thrown.kind, frames: thrown.frames });
  const text = `A check of this program failed on a message: ${thrown.kind}. People have the conversation, and every other one this happens with; this is said once. ${cardLink(turnId)}`;
  return unconditional([alertAction(text, [], `thrown:${thrown.kind}`)]);
}

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
 * hand-over tells. Where people have the conversation already, the customer is told nothing.
 */
export function planThrown(parts: Parts, view: View, situation: Situation, thrown: Thrown): Plan {
  const { standing, ownership, open } = situation;
  if (standing.barred !== null) return planBarred(situation, standing.barred);
  const turnId = parts.ids.next("t");
  const alert = alertOf(parts, thrown, turnId);
  if (open.length === 0) return { ...NOTHING, bundles: [alert] };
  const startedAt = parts.clock.now();
  const unread = newestAuthors(open);
  const known = { parts, view, situation, unread, startedAt, turnId, guard: UNCHECKED };
  const ending = endingOf(known, STRANGER, null, "escalated", reasonFor(thrown));
  const plan = planHandOver(
    {
      ...ending,
      conversation: conversationIn(view, situation),
      trace: { ...ending.trace, spans: [spanOf(thrown, parts.guard, startedAt)] },
    },
    {
      reason: reasonFor(thrown),
      summary: "No draft was made: a check of this program failed on these words.",
      tried: [],
      delicate: null,
      untold: ownership.owner === "human",
    },
  );
  return { ...plan, bundles: [...plan.bundles, alert] };
}

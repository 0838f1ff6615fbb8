import type { Redo } from "#core/values/approval.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { Message } from "#core/values/message.ts";
import type { Known } from "./plan-approval.ts";
import { NOTHING, type Plan } from "#jobs/plan/plan.ts";
import type { View } from "#jobs/conversation/snapshot.ts";

/** The other draft a teammate asked for on the card that waits; null when nobody did. */
export function redoIn({ pending }: Pick<View, "pending">): Redo | null {
  return pending?.redo ?? null;
}

/** True when a draft is to be made anew and no source is waited for meanwhile. */
export function hasRedo(view: View): boolean {
  return redoIn(view) !== null && view.state.retrySince === null;
}

/** What the agent is told of it: the hint, and the draft it is about as it stands on the card. */
export function instructionIn({ pending }: View): Pick<TurnInput, "instruction"> {
  const redo = redoIn({ pending });
  if (redo === null || pending === null) return {};
  return { instruction: { hint: redo.hint, draft: pending.card.draft?.text ?? "" } };
}

/**
 * A turn that was taken for a hint alone either makes a new draft or leaves the one before: somebody is looking at it, and
 * what they asked for must not take it away from them. A turn with news in it goes wherever any turn goes.
 */
export function orDraftBefore(plan: Plan, known: Known): Plan {
  if (plan.card !== null || !isForHintAlone(known, known.unread)) return plan;
  const why = plan.trace?.outcome_reason ?? plan.owner?.reason ?? "nothing came of it";
  return {
    ...NOTHING,
    notRedone: why,
    clarified: known.view.state.clarified,
    trace:
      plan.trace === null
        ? null
        : {
            ...plan.trace,
            outcome: "ignored",
            outcome_reason: `no new draft: ${why}`,
            escalated_to_human: false,
          },
  };
}

function isForHintAlone({ view, situation }: Known, unread: readonly Message[]): boolean {
  const { pending } = view;
  if (pending === null || !hasRedo(view)) return false;
  const { edited, standing, newSignals, ownership } = situation;
  const isQuiet = edited.length + newSignals.length === 0 && !standing.moved;
  const known = new Set(pending.answers);
  return isQuiet && !ownership.handedBack && unread.every(({ key }) => known.has(key));
}

/** Whatever a turn came to, the wish was heard: it is not thought about again and again. */
export function withRedoHeard(view: View, plan: Plan): Plan {
  const isHeard = plan.card !== null || plan.voids !== null || plan.retry !== null;
  if (!hasRedo(view) || isHeard || plan.notRedone !== null) return plan;
  return { ...plan, notRedone: "there is nothing to answer now" };
}

import type { PlanStep } from "#jobs/plan/plan-step.ts";
import type { Redo } from "#core/values/approval.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnContext } from "./plan-approval.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** The other draft a teammate asked for on the card that waits; null when nobody did. */
export function redraftIn({ pending }: Pick<ConversationSnapshot, "pending">): Redo | null {
  return pending?.redo ?? null;
}

/** True when a draft is to be made anew and no source is waited for meanwhile. */
export function hasRedraft(snapshot: ConversationSnapshot): boolean {
  return redraftIn(snapshot) !== null && snapshot.state.retrySince === null;
}

/** What the agent is told of it: the hint, and the draft it is about as it stands on the card. */
export function redraftInstruction({
  pending,
}: ConversationSnapshot): Pick<TurnInput, "instruction"> {
  const redo = redraftIn({ pending });
  if (redo === null || pending === null) return {};
  return { instruction: { hint: redo.hint, draft: pending.card.draft?.text ?? "" } };
}

/**
 * A turn that was taken for a hint alone either makes a new draft or leaves the one before: somebody is looking at it, and
 * what they asked for must not take it away from them. A turn with news in it goes wherever any turn goes.
 */
export function orDraftBefore(plan: Plan, known: TurnContext): Plan {
  if (plan.card !== null || !isForHintAlone(known, known.unread)) return plan;
  const why = plan.trace?.outcome_reason ?? plan.owner?.reason ?? "nothing came of it";
  return {
    ...EMPTY_PLAN,
    notRedone: why,
    clarified: known.snapshot.state.clarified,
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

function isForHintAlone({ snapshot, changes }: TurnContext, unread: readonly Message[]): boolean {
  const { pending } = snapshot;
  if (pending === null || !hasRedraft(snapshot)) return false;
  const { edited, participants, newSignals, ownership } = changes;
  const isQuiet = edited.length + newSignals.length === 0 && !participants.moved;
  const known = new Set(pending.answers);
  return isQuiet && !ownership.handedBack && unread.every(({ key }) => known.has(key));
}

/** Whatever a turn came to, the wish was heard: it is not thought about again and again. */
export const clearRedraft: PlanStep = (plan, { snapshot }) => {
  const isHeard = plan.card !== null || plan.voids !== null || plan.retry !== null;
  if (!hasRedraft(snapshot) || isHeard || plan.notRedone !== null) return plan;
  return { ...plan, notRedone: "there is nothing to answer now" };
};

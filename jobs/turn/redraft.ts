/** Redrafts that a teammate requests on a waiting card. */

import type { PlanStep, TurnContext } from "#jobs/conversation/turn-context.ts";
import type { RedraftRequest } from "#core/values/approval.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { Message } from "#core/values/message.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { findTurns } from "#store/conversations/traces.ts";

/** The redraft requested on the pending card; null when there is none. */
function redraftIn({ pending }: Pick<ConversationSnapshot, "pending">): RedraftRequest | null {
  return pending?.redraft.request ?? null;
}

/** True when a draft is to be made again and no retry is waiting. */
export function hasRedraft(snapshot: ConversationSnapshot): boolean {
  return redraftIn(snapshot) !== null && snapshot.state.retrySince === null;
}

/** What the agent gets: the teammate's instruction, the draft on the card, and the steps of its turn. */
export async function redraftInstruction(
  { store }: Pick<JobContext, "store">,
  { pending }: ConversationSnapshot,
): Promise<Pick<TurnInput, "instruction">> {
  const redo = redraftIn({ pending });
  if (redo === null || pending === null) return {};
  const [turn] = await store.run((transaction) => findTurns(transaction, pending.turnId));
  const draft = pending.card.draft?.text ?? "";
  return { instruction: { hint: redo.hint, draft, spans: turn?.spans ?? [] } };
}

/**
 * A turn taken only for an instruction either makes a new draft or keeps the old one: a teammate is looking at it, and
 * their request must not take it away. A turn with news is planned like any other.
 */
export function orDraftBefore(plan: Plan, known: TurnContext): Plan {
  if (plan.card !== null || !isOnlyRedraft(known, known.unread)) return plan;
  const why = plan.trace?.outcome_reason ?? plan.owner?.reason.words ?? "nothing came of it";
  return {
    ...EMPTY_PLAN,
    notRedone: why,
    recording: plan.recording,
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

function isOnlyRedraft({ snapshot, changes }: TurnContext, unread: readonly Message[]): boolean {
  const { pending } = snapshot;
  if (pending === null || !hasRedraft(snapshot)) return false;
  const { edited, participants, newSignals, ownership } = changes;
  const isQuiet = edited.length + newSignals.length === 0 && !participants.hasChanged;
  const known = new Set(pending.answers);
  return isQuiet && !ownership.handedBack && unread.every(({ key }) => known.has(key));
}

/** The request ends with this turn whatever the outcome, so it is not planned for again and again. */
export const clearRedraft: PlanStep = (plan, { snapshot }) => {
  const isHeard = plan.card !== null || plan.voids !== null || plan.retry !== null;
  if (!hasRedraft(snapshot) || isHeard || plan.notRedone !== null) return plan;
  return { ...plan, notRedone: "there is nothing to answer now" };
};

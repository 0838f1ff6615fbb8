/** Plans a hand-over that answers what is known: the customer gets one message, and people get the rest. */
import type { TurnEnding, TurnResult } from "#core/contracts/agent.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { type Bundle, bundleOfTurn } from "./compose-proposal.ts";
import { planApproval } from "./plan-approval.ts";
import { type Ending, type HandOverReason, planHandOver } from "./plan-escalation.ts";
import { translateForTeam } from "./translate-for-team.ts";
import type { TurnContext } from "./turn-context.ts";

/** A hand-over with the answer that goes with it. */
interface AnsweredHandOver {
  readonly result: TurnResult;
  readonly ending: Extract<TurnEnding, { kind: "escalate" }>;
  readonly answer: string;
  readonly why: HandOverReason;
  readonly lost: AbortSignal;
}

/**
 * Where policy lets such a reply out alone, people take over at once and the message goes with it. Where it asks, a card
 * shows the message, and people take over when it is sent, or when the card ends in any other way. Where nothing may be
 * sent, the team gets the answer as a draft.
 */
export async function planAnsweredHandOver(
  known: TurnContext,
  requester: BoundRequester,
  base: Ending,
  given: AnsweredHandOver,
): Promise<Plan> {
  const { result, answer, why, lost } = given;
  const { policy, guard } = known.context;
  const { handover } = policy.textsIn(
    guard.languageOf(known.unread),
    known.snapshot.state.conversation,
  );
  const whole = (words: string): Bundle => bundleOfTurn(known, requester, result, words);
  const bundle = whole(`${answer}\n\n${handover}`);
  if (bundle.verdict === "shadow" || bundle.replies.length === 0) {
    const tried = [...why.tried, `drafted and not sent: ${guard.mask(answer)}`];
    return planHandOver(base, { ...why, tried });
  }
  if (bundle.verdict === "allow")
    return planHandOver(base, {
      ...why,
      answered: { text: answer, rules: [...bundle.rules], replies: (text) => whole(text).replies },
    });
  const told = await translateForTeam(known, { result, bundle, lost });
  return withRest(
    planApproval(known, requester, told.result, bundle, { ...told, clarified: false }),
    why,
  );
}

/** The card says what happens when the draft is sent, and keeps what people need then. */
function withRest(plan: Plan, why: HandOverReason): Plan {
  if (plan.card === null) return plan;
  const { content } = plan.card;
  const unanswered = [...(why.unanswered ?? [])];
  return {
    ...plan,
    card: {
      ...plan.card,
      content: {
        ...content,
        passesOn: { reason: why.reason, summary: why.summary, unanswered, tried: [...why.tried] },
        remarks: [
          ...content.remarks,
          `People take over once this is sent: ${why.reason}`,
          ...unanswered.map((open) => `Not answered: ${open}`),
        ],
      },
    },
  };
}

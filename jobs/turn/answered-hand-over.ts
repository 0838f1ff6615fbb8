/** Plans what the agent hands over, and the answer that goes with it to what is known. */

import type { TurnEnding, TurnResult } from "#core/contracts/agent.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { customerText, type TurnContext } from "#jobs/conversation/turn-context.ts";
import { orderLines } from "#jobs/handoff/summary.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { type Bundle, bundleOfTurn } from "./compose-proposal.ts";
import { mistakeAlert } from "./failed-check.ts";
import { planApproval } from "./plan-approval.ts";
import { commonEnding, type Ending, type HandOverReason, planHandOver } from "./plan-escalation.ts";

/** What the agent handed over, as its turn ended. */
interface HandedOver {
  readonly result: TurnResult;
  readonly ending: Extract<TurnEnding, { kind: "escalate" }>;
  readonly lost: AbortSignal;
}

/** The plan for what the agent hands over: people get it, with or without an answer to what is known. */
export async function planEscalation(
  known: TurnContext,
  requester: BoundRequester,
  handed: HandedOver,
): Promise<Plan> {
  const { result, ending } = handed;
  const { reason, thrown, answer } = ending;
  const orders = await orderLines(known.context, requester, {
    result,
    text: customerText(known.unread),
  });
  const base = { ...commonEnding(known, requester, result, "escalated", reason), orders };
  const why = { ...ending, isModelsOwn: !known.context.agent.isRehearsal };
  const plan =
    answer === undefined
      ? planHandOver(base, why)
      : await planAnsweredHandOver(known, requester, base, { ...handed, answer, why });
  if (thrown === undefined) return plan;
  return { ...plan, bundles: [...plan.bundles, mistakeAlert(known.context, thrown, known.turnId)] };
}

/**
 * Where policy lets such a reply out alone, people take over at once and the message goes with it. Where it asks, a card
 * shows the message, and people take over when it is sent, or when the card ends in any other way. Where nothing may be
 * sent, the team gets the answer as a draft.
 */
async function planAnsweredHandOver(
  known: TurnContext,
  requester: BoundRequester,
  base: Ending,
  given: HandedOver & { readonly answer: string; readonly why: HandOverReason },
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
  return withRest(
    await planApproval(known, requester, { result, bundle, clarified: false, lost }),
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
          plainFlag(`People take over once this is sent: ${why.reason}`),
          ...unanswered.map((open) => plainFlag(`Not answered: ${open}`)),
        ],
      },
    },
  };
}

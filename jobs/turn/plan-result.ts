/** Plans what the agent's result leads to. */

import type { TurnResult, TurnEnding } from "#core/contracts/agent.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { orderLines } from "#jobs/handoff/summary.ts";
import { codesLast } from "#jobs/identity/one-time-code.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { type Bundle, bundleOfTurn } from "./compose-proposal.ts";
import type { duplicateAction } from "./duplicate-action.ts";
import { mistakeAlert } from "./failed-check.ts";
import { planApproval } from "./plan-approval.ts";
import { planHandOver, planRetry, type Ending, type HandOverReason } from "./plan-escalation.ts";
import { traceRecord } from "#jobs/conversation/trace-record.ts";
import { translateForTeam } from "./translate-for-team.ts";
import type { TurnContext } from "#jobs/conversation/turn-context.ts";
import { commonEnding } from "./turn-ending.ts";

/** Hands the messages to people, with a reason and what was done before. */
export function planToPeople(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  { reason, summary }: { readonly reason: string; readonly summary: string },
): Plan {
  const ending = commonEnding(known, requester, result, "escalated", reason);
  return planHandOver(ending, { reason, summary, tried: [], delicate: null });
}

/** What the customer wrote, with subjects. */
export function customerText(unread: readonly Message[]): string {
  return unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n");
}

/** Planning again would lead to the same action under the same key. */
export function planDuplicate(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  { kind, reason }: NonNullable<Awaited<ReturnType<typeof duplicateAction>>>,
): Plan {
  if (kind === "wait")
    return planRetry(commonEnding(known, requester, result, "pending", reason), "shop", reason);
  const summary = "Nothing was proposed for it a second time.";
  return planToPeople(known, requester, result, { reason, summary });
}

/** What the agent's result leads to: a bundle that policy allows, a card, a hand-over, or another try. */
export async function planResult(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  lost: AbortSignal,
): Promise<Plan> {
  const { ending } = result;
  switch (ending.kind) {
    case "unavailable":
      return planRetry(
        commonEnding(known, requester, result, "pending", ending.reason),
        ending.part,
        ending.reason,
        ending.isRefused,
      );
    case "escalate":
      return planEscalation(known, requester, { result, ending, lost });
    case "reply":
    case "clarify":
      return planFromModel(known, requester, { result, ending, lost });
    default:
      throw new Error(`unknown ending ${String(ending satisfies never)}`);
  }
}

async function planEscalation(
  known: TurnContext,
  requester: BoundRequester,
  handed: {
    readonly result: TurnResult;
    readonly ending: Extract<TurnResult["ending"], { kind: "escalate" }>;
    readonly lost: AbortSignal;
  },
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

async function planFromModel(
  known: TurnContext,
  requester: BoundRequester,
  answered: {
    readonly result: TurnResult;
    readonly ending: { readonly kind: "reply" | "clarify"; readonly text: string };
    readonly lost: AbortSignal;
  },
): Promise<Plan> {
  const { result, ending, lost } = answered;
  const bundle = bundleOfTurn(known, requester, result, ending.text);
  const clarified = ending.kind === "clarify";
  if (bundle.replies.length === 0) return planUnanswerable(known, requester, result);
  if (bundle.verdict === "allow") return planAllowed(known, requester, result, bundle, clarified);
  const told = await translateForTeam(known, { result, bundle, lost });
  return planApproval(known, requester, told.result, bundle, { ...told, clarified });
}

function planAllowed(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  bundle: Bundle,
  clarified: boolean,
): Plan {
  return {
    ...EMPTY_PLAN,
    bundles: [
      {
        actions: codesLast([...bundle.actions.map(({ planned }) => planned), ...bundle.replies]),
        approvedBy: "policy",
        forThisRevision: true,
        reservations: bundle.actions.map(({ planned, decision }) => ({
          key: planned.key,
          reservations: decision.reservations,
        })),
      },
    ],
    voids: "Answered by policy: what waited is out of date.",
    trace: traceRecord(known.context, {
      ...known,
      requester,
      result,
      outcome: "answered",
      reason: bundle.rules.map((rule) => rule.rule).join(", "),
      approvalRequired: false,
      escalated: false,
      rules: bundle.rules,
    }),
    clarified,
  };
}

/** A message that cannot be answered, such as a note of an author the bot may not reply to, goes to people instead. */
function planUnanswerable(known: TurnContext, requester: BoundRequester, result: TurnResult): Plan {
  const ending = commonEnding(known, requester, result, "escalated", "no answer may be sent here");
  return planHandOver(ending, {
    reason: "there is no address this may be answered to",
    summary: "The message cannot be answered by the channel it came from.",
    tried: [],
    delicate: null,
  });
}

// Plans a hand-over that answers what is known: the customer gets one message, and people get the rest.

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
async function planAnsweredHandOver(
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
          plainFlag(`People take over once this is sent: ${why.reason}`),
          ...unanswered.map((open) => plainFlag(`Not answered: ${open}`)),
        ],
      },
    },
  };
}

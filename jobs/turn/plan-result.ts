/** Plans what the agent's result leads to. */

import type { TurnResult } from "#core/contracts/agent.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { orderLines } from "#jobs/handoff/order-facts.ts";
import { codesLast } from "#jobs/identity/one-time-code.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { type Bundle, bundleOfTurn } from "./compose-proposal.ts";
import type { duplicateOf } from "./duplicate-action.ts";
import { mistakeAlert } from "./failed-check.ts";
import { planApproval } from "./plan-approval.ts";
import { planAnsweredHandOver } from "./plan-answered-hand-over.ts";
import { planHandOver, planRetry } from "./plan-escalation.ts";
import { traceRecord } from "./trace-record.ts";
import { translateForTeam } from "./translate-for-team.ts";
import type { TurnContext } from "./turn-context.ts";
import { endingOf } from "./turn-ending.ts";

/** Hands the messages to people, with a reason and what was done before. */
export function planToPeople(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  { reason, summary }: { readonly reason: string; readonly summary: string },
): Plan {
  const ending = endingOf(known, requester, result, "escalated", reason);
  return planHandOver(ending, { reason, summary, tried: [], delicate: null });
}

/** What the customer wrote, with subjects. */
export function textOf(unread: readonly Message[]): string {
  return unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n");
}

/** Planning again would lead to the same action under the same key. */
export function planDuplicate(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  { kind, reason }: NonNullable<Awaited<ReturnType<typeof duplicateOf>>>,
): Plan {
  if (kind === "wait")
    return planRetry(endingOf(known, requester, result, "pending", reason), "shop", reason);
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
        endingOf(known, requester, result, "pending", ending.reason),
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
  const orders = await orderLines(known.context, requester, { result, text: textOf(known.unread) });
  const base = { ...endingOf(known, requester, result, "escalated", reason), orders };
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
  const ending = endingOf(known, requester, result, "escalated", "no answer may be sent here");
  return planHandOver(ending, {
    reason: "there is no address this may be answered to",
    summary: "The message cannot be answered by the channel it came from.",
    tried: [],
    delicate: null,
  });
}

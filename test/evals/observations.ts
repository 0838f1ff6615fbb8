import type { PlannedAction } from "#core/values/action.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";
import { type EvalCase, WrittenCase } from "#evals/case.ts";
import type { Observed } from "#evals/harness/observation.ts";

/** A case with only what a test says about it. */
export function aCase(written: Record<string, unknown> = {}, id = "test/case"): EvalCase {
  const parsed = WrittenCase.parse({
    input: "Where is my order 456?",
    expected_behavior: "as the test says",
    risk_category: "low",
    ...written,
  });
  return { ...parsed, id };
}

/** A plain reply, with nothing unusual about it. */
export function observed(changes: Partial<Observed> = {}): Observed {
  return {
    outcome: "reply",
    text: "Hello Ann, order 456 is being prepared.",
    sent: [],
    operatorTexts: ["I have passed it on to our team."],
    calls: [],
    actions: [],
    flags: [],
    objections: [],
    replyAllowed: false,
    ledger: [],
    shopEffects: [],
    shown: [],
    asksPeople: true,
    sources: [],
    language: "en",
    traces: [],
    steps: 2,
    inputTokens: 400,
    cachedTokens: 0,
    outputTokens: 50,
    costUsd: 0.001,
    durationMs: 20,
    turns: [],
    approved: { keys: [], texts: [] },
    ...changes,
  };
}

/** A refund the agent proposed, with what policy said to it. */
export function refund(
  orderId: string,
  minor: number,
  verdict: DecidedAction["decision"]["verdict"],
): DecidedAction {
  const planned: PlannedAction = {
    key: `refund:shop:${orderId}:0`,
    action: {
      target: "shop",
      operation: "refund",
      arguments: { orderId, amount: { minor, currency: "USD" }, reason: "broken" },
    },
    label: `Refund of order ${orderId}`,
    facts: [],
  };
  const approvers = { count: verdict === "ask" ? 1 : 0, leads: 0 };
  return {
    planned,
    decision: { verdict, rule: "refund.test", reason: "a test", approvers, reservations: [] },
    origin: { asked: true, unproven: [] },
  };
}

import assert from "node:assert/strict";
import type { ActionQuestion } from "#agent/turn-state.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";
import { type ScriptStep, scriptedModel } from "#test/support/scripted-model.ts";

/** A look at one of Ann's orders. */
export const STATUS = { name: "get_order_status", input: { order_id: "456" } };
/** A refund policy asks a person about. */
export const REFUND = {
  name: "issue_refund",
  input: { order_id: "789", amount: null, reason: "The headphones broke." },
};
/** The same, asked for with these words of the customer's. */
export const quoted = (asked_with: string | null) => ({
  name: REFUND.name,
  input: { ...REFUND.input, asked_with },
});

/** A policy's word that a small refund needs no person. */
export const ALONE: Decision = {
  verdict: "allow",
  rule: "refund.small",
  reason: "Small.",
  approvers: { count: 0, leads: 0 },
  reservations: [],
};

/** A guard that objects to the texts this holds for, and to nothing else. */
export function objecting(
  verdict: "block" | "caution",
  reason: string,
  holds: (...given: Parameters<InputGuard["inspectText"]>) => boolean,
): InputGuard {
  return openGuard({
    inspectText: (...given) =>
      holds(...given) ? { verdict, reasons: [reason] } : { verdict: "allow", reasons: [] },
  });
}

/** Allows whatever was asked for, as the loosest policy does, and has a person decide the rest. */
export function loosest() {
  const asked: ActionQuestion[] = [];
  const decide = async (question: ActionQuestion): Promise<Decision> => {
    asked.push(question);
    return question.origin.asked ? ALONE : { ...ALONE, verdict: "ask", rule: "refund.usual" };
  };
  return { asked, decide };
}

/** What the second reading of a wish says. */
export const wishRead = (asked: boolean, sentence: string | null) => ({
  text: JSON.stringify({ asked, sentence }),
});

/** A call of the ending tool that answers. */
export function reply(text: string, changes: { kind?: string; topic?: string } = {}) {
  return { name: "reply", input: { text, kind: "answer", topic: "other", ...changes } };
}

/** A call of the ending tool that hands over. */
export function handOver(input: object = {}) {
  return { name: "escalate", input: { reason: "r", summary: "s", topic: null, ...input } };
}

/** One step of a script in which the model makes these calls. */
export function calls(...made: readonly { name: string; input: unknown }[]): ScriptStep {
  return { calls: made };
}

/** Runs one turn of the script and makes sure that each step of it was needed. */
export async function play(
  steps: readonly ScriptStep[],
  parts: Partial<Parameters<typeof agentUnderTest>[0]> = {},
  input = turn(["Where is my order 456?"]),
) {
  const model = scriptedModel(steps);
  const { agent, shop } = agentUnderTest({ ...parts, model });
  const result = await agent.run(input);
  model.assertUsedUp();
  return { result, shop, requests: model.requests };
}

/** What the model was told last. */
export function lastTold(
  requests: readonly { messages: readonly { role: string; content: string }[] }[],
) {
  return requests.at(-1)?.messages.at(-1)?.content ?? "";
}

/** What the customer is told by a turn that replied or asked back. */
export function textOf({ ending }: TurnResult): string {
  assert.ok("text" in ending, `ended as ${JSON.stringify(ending)}`);
  return ending.text;
}

/** The ending of a turn that was handed over. */
export function escalated({ ending }: TurnResult) {
  assert.ok(ending.kind === "escalate", `ended as ${JSON.stringify(ending)}`);
  return ending;
}

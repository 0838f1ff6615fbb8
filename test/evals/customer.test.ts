import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Model, ModelRequest } from "#core/contracts/model.ts";
import { customerOf, type TurnSeen } from "#evals/harness/customer.ts";
import { aCase, observed, refund } from "./observations.ts";

const seen = (changes: Partial<TurnSeen> = {}): TurnSeen => ({
  ...observed(),
  topic: null,
  ...changes,
});

/** A model that says these texts in turn. */
function saying(...texts: readonly string[]): Model & { readonly asked: ModelRequest[] } {
  const left = [...texts];
  const asked: ModelRequest[] = [];
  return {
    name: "said before",
    isRehearsal: false,
    asked,
    async complete(request) {
      asked.push(request);
      return { text: left.shift() ?? "", toolCalls: [], inputTokens: 1, outputTokens: 1 };
    },
  };
}

describe("a customer with a script", () => {
  const evalCase = aCase({
    customer: {
      script: [
        { if: { outcome: "clarify" }, says: "The headphones" },
        { if: { denied: "refund" }, says: ["That is a joke.", "Get me a person."] },
        { says: "ok" },
      ],
    },
  });

  test("says the first step whose conditions hold, and each step once", async () => {
    const customer = customerOf(evalCase, null);
    const asked = seen({ outcome: "clarify" });
    assert.deepEqual(await customer.next([asked]), [{ text: "The headphones" }]);
    assert.deepEqual(await customer.next([asked, asked]), [{ text: "ok" }]);
    assert.equal(await customer.next([asked, asked, asked]), null);
  });

  test("a condition is about what was decided, not about its wording", async () => {
    const customer = customerOf(evalCase, null);
    const denied = seen({ actions: [refund("790", 8000, "deny")] });
    const burst = await customer.next([denied]);
    assert.deepEqual(
      burst?.map(({ text }) => text),
      ["That is a joke.", "Get me a person."],
    );
  });
});

describe("a customer played by a model", () => {
  const evalCase = aCase({
    input: "Where is my stuff",
    customer: {
      goal: "Learn when the phone arrives.",
      knows: ["The order is number 2001."],
      temper: "angry",
      script: [{ says: "never said" }],
    },
  });

  test("knows the goal, the facts and what was written, and stops when it is done", async () => {
    const model = saying('{"says":"2001!!","done":false}', '{"says":"","done":true}');
    const customer = customerOf(evalCase, model);
    const question = seen({ text: "Which order is it?" });
    assert.deepEqual(await customer.next([question]), [{ text: "2001!!" }]);
    assert.equal(await customer.next([question, seen({ text: "On Sunday." })]), null);
    const [first, second] = model.asked;
    const told = JSON.stringify(first?.messages);
    for (const words of ["Learn when the phone arrives.", "number 2001", "angry", "Which order"])
      assert.ok(told.includes(words), words);
    assert.doesNotMatch(told, /never said/);
    assert.match(JSON.stringify(second?.messages), /2001!![\s\S]*On Sunday\./);
  });

  test("an answer of another form ends the run with its reason", async () => {
    await assert.rejects(customerOf(evalCase, saying("Sure!")).next([seen()]), {
      code: "model.invalid_answer",
    });
  });
});

/** What a model thinks is counted apart from what it says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";
import { escalated } from "./play.ts";

const called = (name: string, input: unknown, reasoning: number) =>
  completion(
    {
      content: null,
      tool_calls: [{ id: name, function: { name, arguments: JSON.stringify(input) } }],
    },
    {
      usage: {
        prompt_tokens: 100,
        completion_tokens: reasoning + 20,
        completion_tokens_details: { reasoning_tokens: reasoning },
      },
    },
  );

test("thoughts use up no tokens of the answer, stand in the trace, and have a bound of their own", async (context) => {
  const ended = async (each: number) => {
    let asked = 0;
    const { model } = await provider(context, (_body, response) => {
      asked += 1;
      json(
        response,
        200,
        asked < 3
          ? called("search_faq", { query: `shipping ${asked}` }, each)
          : called("reply", { text: "See there.", kind: "answer", topic: "other" }, each),
      );
    });
    const { agent } = agentUnderTest({ model: model() });
    return agent.run(turn(["How long does shipping take?"]));
  };
  const result = await ended(5_000);
  assert.equal(result.ending.kind, "reply", JSON.stringify(result.ending));
  assert.equal(result.outputTokens, 60);
  const chat = result.spans.find(({ name }) => name.startsWith("chat "));
  assert.equal(chat?.attributes["gen_ai.usage.reasoning.output_tokens"], 5_000);
  assert.match(escalated(await ended(20_000)).reason, /thought for more than/);
});

/** What a provider charges for counts, also where its answer cannot be used. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";

const USAGE = { prompt_tokens: 3_000, completion_tokens: 6_000 };
const unusable: Readonly<Record<string, unknown>> = {
  "cut off, twice": { message: { content: "a a a a" }, finish_reason: "length" },
  declined: { message: { content: null, refusal: "No." }, finish_reason: "stop" },
  "stopped by its filter": { message: { content: "half" }, finish_reason: "content_filter" },
};

for (const [name, choice] of Object.entries(unusable))
  test(`an answer that is ${name} costs what it costs`, async (context) => {
    const { model, requests } = await provider(context, (_body, response) => {
      json(
        response,
        200,
        completion(null, { choices: [{ index: 0, ...(choice as object) }], usage: USAGE }),
      );
    });
    const { agent } = agentUnderTest({ model: model("gpt-4.1") });
    const { ending, inputTokens, outputTokens, costUsd } = await agent.run(turn(["Hello?"]));
    assert.equal(ending.kind, "escalate");
    assert.equal(inputTokens, requests() * USAGE.prompt_tokens);
    assert.equal(outputTokens, requests() * USAGE.completion_tokens);
    assert.ok((costUsd ?? 0) > 0);
  });

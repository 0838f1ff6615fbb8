/** What a provider charges for counts, also where its answer cannot be used. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replaying } from "#agent/recording/replay.ts";
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
    const { agent, parts } = agentUnderTest({ model: model("gpt-4.1"), recorded: true });
    const { ending, inputTokens, outputTokens, costUsd, recording } = await agent.run(
      turn(["Hello?"]),
    );
    assert.equal(ending.kind, "escalate");
    assert.equal(inputTokens, requests() * USAGE.prompt_tokens);
    assert.equal(outputTokens, requests() * USAGE.completion_tokens);
    assert.ok((costUsd ?? 0) > 0);
    const again = await replaying(parts)(recording ?? assert.fail("it was recorded"), null);
    assert.ok(again.same, again.lines.join("\n"));
  });

test("what was kept and thought counts for both tries of an answer that was cut off", async (context) => {
  const details = {
    prompt_tokens_details: { cached_tokens: 2_000 },
    completion_tokens_details: { reasoning_tokens: 5_000 },
  };
  const { model, requests } = await provider(context, (_body, response) => {
    const choice =
      requests() === 1
        ? { message: { content: "a a" }, finish_reason: "length" }
        : { message: { content: "Hello." }, finish_reason: "stop" };
    json(
      response,
      200,
      completion(null, { choices: [choice], usage: { ...USAGE, ...details, cost: 0.25 } }),
    );
  });
  const { agent } = agentUnderTest({ model: model("gpt-4.1") });
  const { ending, inputTokens, outputTokens, costUsd, spans } = await agent.run(turn(["Hello?"]));
  assert.equal(ending.kind, "reply");
  assert.deepEqual([requests(), inputTokens, outputTokens, costUsd], [2, 6_000, 2_000, 0.5]);
  const [{ attributes } = assert.fail("it has a span")] = spans;
  assert.equal(attributes["gen_ai.usage.cache_read.input_tokens"], 4_000);
  assert.equal(attributes["gen_ai.usage.reasoning.output_tokens"], 10_000);
});

/** What a provider refuses of one conversation's transcript stops that conversation alone, and people get it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";

const Body = z.object({
  messages: z.array(
    z.looseObject({
      tool_calls: z.array(z.object({ function: z.object({ arguments: z.string() }) })).optional(),
    }),
  ),
});

/** vLLM and llama.cpp parse the arguments of earlier calls, and refuse what is no JSON. */
function isParsed(body: string): boolean {
  const { messages } = Body.parse(JSON.parse(body));
  return messages
    .flatMap(({ tool_calls: made = [] }) => made)
    .every((call) => {
      try {
        JSON.parse(call.function.arguments);
        return true;
      } catch {
        return false;
      }
    });
}

test("a call with wrong JSON is answered, also by a server that reads the calls it is sent back", async (context) => {
  let asked = 0;
  const { model } = await provider(context, (body, response) => {
    asked += 1;
    if (!isParsed(body))
      return json(response, 400, {
        error: { message: "Expecting ',' delimiter: line 1 column 20 (char 19)" },
      });
    const call =
      asked === 1
        ? { name: "get_order_status", arguments: '{"order_id": "456"' }
        : {
            name: "reply",
            arguments: JSON.stringify({
              text: "Which order do you mean?",
              kind: "question",
              topic: "other",
            }),
          };
    return json(
      response,
      200,
      completion(null, {
        choices: [
          {
            finish_reason: "tool_calls",
            message: {
              content: null,
              tool_calls: [{ id: `call-${asked}`, type: "function", function: call }],
            },
          },
        ],
      }),
    );
  });
  const { agent } = agentUnderTest({ model: model("qwen") });
  const { ending } = await agent.run(turn(["Where is my order 456?"]));
  assert.notEqual(ending.kind, "unavailable", JSON.stringify(ending));
});

for (const [name, message, param] of [
  [
    "Anthropic",
    "max_tokens: 1000 > 800, which is the maximum allowed number of output tokens for claude-3-5-haiku-20241022",
    null,
  ],
  [
    "OpenAI",
    "max_tokens is too large: 1000. This model supports at most 800 completion tokens, whereas you provided 1000.",
    "max_completion_tokens",
  ],
] as const)
  test(`an answer that was cut off, of a model that gives no longer ones, is no refusal of all (${name})`, async (context) => {
    const { model } = await provider(context, (body, response) => {
      const limit = Number(/"max_(?:completion_)?tokens":(\d+)/.exec(body)?.[1]);
      if (limit > 800)
        return json(response, 400, { error: { message, type: "invalid_request_error", param } });
      return json(
        response,
        200,
        completion(null, { choices: [{ message: { content: "a a a" }, finish_reason: "length" }] }),
      );
    });
    const one = model("m");
    const request = {
      messages: [{ role: "user" as const, content: "Hello?" }],
      tools: [],
      outputTokensMax: 500,
      signal: AbortSignal.timeout(10_000),
    };
    const error = await one.complete(request).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof DeskhandError);
    assert.deepEqual([error.code, one.learnt()], ["model.invalid_answer", []]);
  });

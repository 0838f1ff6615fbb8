/** The client of a model, and what its tokens cost. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { openaiModel } from "#agent/model.ts";
import { chatMessage } from "#agent/wire/request-body.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { PRICES, pricesWith, tokenCost } from "#agent/prices.ts";

/** A call that ignores its signal would hang: the test then fails instead. */
const LIMIT = { timeout: PATIENCE_MS };

function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    messages: [{ role: "user", content: "Hello" }],
    tools: [{ name: "look", description: "Looks.", parameters: { type: "object" } }],
    outputTokensMax: 500,
    signal: new AbortController().signal,
    ...changes,
  };
}

const answering = (
  context: TestContext,
  ...answer: readonly [status: number, value: unknown, headers?: object]
) => provider(context, (_body, response) => json(response, ...answer));

async function codeOf(promise: Promise<unknown>): Promise<DeskhandError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DeskhandError, String(error));
  return error;
}

test("spaces beside calls, which Anthropic refuses, are sent as no words", () => {
  const toolCalls = [{ id: "call_1", name: "get_order_status", arguments: "{}" }];
  const sent = (content: string) => chatMessage({ role: "assistant", content, toolCalls }).content;
  assert.equal(sent(" \n"), null);
  assert.equal(sent("I look."), "I look.");
});

describe("model over chat completions", () => {
  test("sends the transcript with strict tools, and reads calls and usage", async (context) => {
    const seen: { body: string; authorization: string | undefined }[] = [];
    const { model } = await provider(context, (body, response, { headers }) => {
      seen.push({ body, authorization: headers.authorization });
      const call = { id: "x", type: "function", function: { name: "look", arguments: "{}" } };
      json(response, 200, completion({ role: "assistant", content: null, tool_calls: [call] }));
    });
    const answer = await model().complete(
      request({
        messages: [
          { role: "system", content: "Rules" },
          { role: "user", content: "Hello" },
          {
            role: "assistant",
            content: "",
            toolCalls: [{ id: "a", name: "look", arguments: "{}" }],
          },
          { role: "tool", toolCallId: "a", content: "seen" },
        ],
      }),
    );
    assert.deepEqual(answer, {
      text: "",
      toolCalls: [{ id: "x", name: "look", arguments: "{}" }],
      inputTokens: 7,
      outputTokens: 3,
    });
    assert.equal(seen[0]?.authorization, "Bearer key-1");
    const sent: unknown = JSON.parse(seen[0]?.body ?? "");
    assert.deepEqual(sent, {
      model: "gpt-4.1",
      messages: [
        { role: "system", content: "Rules" },
        { role: "user", content: "Hello" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "look", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "a", content: "seen" },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "look",
            description: "Looks.",
            parameters: { type: "object" },
            strict: true,
          },
        },
      ],
      max_completion_tokens: 500,
      temperature: 0,
    });
  });

  test("what the provider had kept of the input is read, and a figure that cannot be right is not believed", async (context) => {
    const told: unknown[] = [
      { cached_tokens: 5 },
      { cached_tokens: 99 },
      { cached_tokens: -1 },
      {},
    ];
    const { model } = await provider(context, (_body, response) => {
      const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: told.shift() };
      json(response, 200, completion({ role: "assistant", content: "Hi" }, { usage }));
    });
    const seen: unknown[] = [];
    for (const _each of [1, 2, 3, 4, 5])
      seen.push((await model().complete(request())).cachedInputTokens);
    assert.deepEqual(seen, [5, 7, undefined, undefined, undefined]);
  });

  test("a provider that is busy or away is unavailable, after one more try", async (context) => {
    const busy = await answering(
      context,
      429,
      { error: { message: "slow down" } },
      { "retry-after": "0.01" },
    );
    const error = await codeOf(busy.model().complete(request()));
    assert.equal(error.code, "model.unavailable");
    assert.equal(error.retryAfterMs, 10);
    assert.equal(busy.requests(), 2);
    const away = openaiModel({
      apiKey: "k",
      baseUrl: "http://127.0.0.1:1/v1",
      model: "m",
      timeoutMs: 1_000,
    });
    assert.equal((await codeOf(away.complete(request()))).code, "model.unavailable");
  });

  test("a busy minute that names plan and billing passes; an account without credit does not", async (context) => {
    const words = "You exceeded your current quota, please check your plan and billing details.";
    const minute = `${words} Please retry in 36s.`;
    for (const [body, code] of [
      [
        [{ error: { code: 429, message: minute, status: "RESOURCE_EXHAUSTED" } }],
        "model.unavailable",
      ],
      [{ error: { code: "insufficient_quota", message: words } }, "model.refused"],
    ] as const) {
      const { model } = await answering(context, 429, body, { "retry-after": "0.01" });
      assert.equal((await codeOf(model().complete(request()))).code, code);
    }
  });

  test("a refused key is a refusal in the provider's words, without the key", async (context) => {
    const { model } = await answering(context, 401, {
      error: { message: "Incorrect API key provided: sk-key-1", code: "invalid_api_key" },
    });
    const error = await codeOf(model().complete(request()));
    assert.equal(error.code, "model.refused");
    assert.match(error.message, /Incorrect API key provided: \[key\]$/);
    assert.deepEqual(error.cause, { status: 401, code: "invalid_api_key" });
  });

  test("an answer that was cut off is asked for again with more room, and both are paid", async (context) => {
    const limits: unknown[] = [];
    const usage = { prompt_tokens: 10, completion_tokens: 4, cost: 0.25 };
    const { model } = await provider(context, (body, response) => {
      limits.push(/"max_(?:completion_)?tokens":(\d+)/.exec(body)?.[1]);
      const message = { role: "assistant", content: limits.length === 1 ? "He" : "Hello" };
      const finish_reason = limits.length === 1 ? "length" : "stop";
      json(
        response,
        200,
        completion(null, { choices: [{ index: 0, message, finish_reason }], usage }),
      );
    });
    const { text, inputTokens, outputTokens, costUsd } = await model().complete(request());
    assert.deepEqual([text, inputTokens, outputTokens, costUsd], ["Hello", 20, 8, 0.5]);
    assert.ok(Number(limits[1]) > Number(limits[0]), limits.join());
  });

  test("answers that cannot be used are invalid", async (context) => {
    const cut = { index: 0, message: { role: "assistant", content: "half" } };
    const answers: readonly unknown[] = [
      completion(null, { choices: [{ ...cut, finish_reason: "length" }] }),
      completion(null, { choices: [{ ...cut, finish_reason: "paused" }] }),
    ];
    for (const answer of answers) {
      const { model } = await answering(context, 200, answer);
      const error = await codeOf(model().complete(request()));
      assert.equal(error.code, "model.invalid_answer", JSON.stringify(answer));
    }
    const refused = await answering(context, 400, { error: { message: "no such thing" } });
    const error = await codeOf(refused.model().complete(request()));
    assert.equal(error.code, "model.refused");
    assert.equal(refused.requests(), 1);
    const long = await answering(context, 400, {
      error: { message: "long", code: "context_length_exceeded" },
    });
    assert.equal((await codeOf(long.model().complete(request()))).code, "model.too_long");
  });

  test("what a gateway passes on of the provider behind it is read with its own words", async (context) => {
    for (const [status, raw, expected] of [
      [400, '{"error":{"message":"maximum context length is 8192 tokens"}}', "model.too_long"],
      [400, { error: { code: "content_filter" } }, "model.declined"],
      [200, "The prompt was flagged", "model.declined"],
    ] as const) {
      const error = { message: "Provider returned error", code: 400, metadata: { raw } };
      const { model } = await answering(context, status, { error });
      assert.equal((await codeOf(model().complete(request()))).code, expected);
    }
  });

  test("what the provider says went wrong is no answer, half a text or not", async (context) => {
    const cut = { index: 0, message: { role: "assistant", content: "half" } };
    const answers: readonly (readonly [unknown, string, RegExp])[] = [
      [
        completion(null, { choices: [{ ...cut, finish_reason: "error" }] }),
        "model.unavailable",
        /provider failed/,
      ],
      [
        { error: { message: "Upstream is full", code: 502 } },
        "model.unavailable",
        /Upstream is full/,
      ],
      [
        completion(null, { choices: [{ ...cut, finish_reason: "content_filter" }] }),
        "model.declined",
        /content_filter/,
      ],
      [
        completion({ role: "assistant", content: null, refusal: "No." }),
        "model.declined",
        /declined/,
      ],
    ];
    for (const [answer, code, words] of answers) {
      const { model } = await answering(context, 200, answer);
      const error = await codeOf(model().complete(request()));
      assert.equal(error.code, code, JSON.stringify(answer));
      assert.match(error.message, words);
    }
  });

  test("what a provider's policy refuses of one conversation is declined, and no refusal of all", async (context) => {
    const failed = (error: unknown) => [200, { status: "failed", error, output: [] }] as const;
    for (const [status, body] of [
      [
        400,
        {
          error: {
            code: "invalid_prompt",
            message:
              "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
          },
        },
      ],
      [400, { error: { code: null, message: "Output blocked by content filtering policy" } }],
      [403, { error: { code: 403, message: "Your input was flagged for violence" } }],
      [200, { error: { code: 403, message: "Your input was flagged for violence" } }],
      failed({ code: "invalid_prompt", message: "We limited access to this content." }),
      failed({ code: "bio_policy", message: "This request was stopped." }),
    ] as const) {
      const { url } = await answering(context, status, body);
      const api = "output" in body ? "responses" : "chat";
      const model = openaiModel({
        apiKey: "key-1",
        baseUrl: url,
        model: "m",
        timeoutMs: 5_000,
        profile: { api },
      });
      const { code } = await codeOf(model.complete(request()));
      assert.equal(code, "model.declined", JSON.stringify(body));
    }
  });

  test(
    "what no model wrote is an outage: it is waited for, not handed over",
    LIMIT,
    async (context) => {
      for (const [type, body] of [
        ["text/html", "<html>"],
        ["application/json", "<html>"],
        ["application/json", '{"choices": []}'],
        ["application/json", '{"nothing": true}'],
      ] as const) {
        const { model } = await provider(context, (_body, response) => {
          response.writeHead(200, { "content-type": type });
          response.end(body);
        });
        assert.equal((await codeOf(model().complete(request()))).code, "model.unavailable", body);
      }
    },
  );
});

test("cost is dollars for a million tokens of each kind; the rehearsal rules cost nothing", () => {
  assert.equal(tokenCost(PRICES, "gpt-4o", { input: 1_000_000, output: 100_000 }), 3.5);
  assert.equal(tokenCost(PRICES, "rehearsal", { input: 1_000, output: 1_000 }), 0);
});

test("a model that is not listed has no known cost, whatever its name", () => {
  for (const model of ["another-model", "gpt-4o-2099", "", "constructor", "__proto__"])
    assert.equal(tokenCost(PRICES, model, { input: 1, output: 1 }), null, model);
});

test("a dated snapshot and a router's name find the price of their model, and an own price comes first", () => {
  const tokens = { input: 1_000_000, output: 0 };
  for (const name of ["gpt-4.1-2025-04-14", "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14"])
    assert.equal(tokenCost(PRICES, name, tokens), 2, name);
  const own = pricesWith([
    { model: "support", price: "0.5,0.05,4" },
    { model: "support", price: "9,9,9" },
    { model: "reader" },
  ]);
  assert.equal(
    tokenCost(own, "support", { input: 1_000_000, cached: 500_000, output: 1_000_000 }),
    4.275,
  );
  assert.equal(tokenCost(own, "gpt-4.1", tokens), 2);
});

/** The same turns at every provider, each as its documents say it answers. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openaiModel } from "#agent/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelMessage, ModelRequest } from "#core/contracts/model.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { allTools } from "#tools/index.ts";
import { json, provider } from "#test/support/model-provider.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { agentUnderTest, CAPS, TODAY, turn } from "#test/support/fixtures/turns.ts";
import { answered, BEHAVIOURS, type Step } from "#test/support/provider-behaviours.ts";

const TOOLS: ModelRequest["tools"] = [
  { name: "look", description: "Looks.", parameters: { type: "object", properties: {} } },
];
const ANSWER = { name: "reading", schema: { type: "object", properties: {} } };

/** What each says of a request that is longer than its model's context; Ollama cuts it without a word. */
const TOO_LONG: Readonly<Record<string, string>> = {
  "OpenAI by Responses":
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  "OpenAI without thoughts":
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  "OpenAI by chat completions":
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
  "Azure v1":
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  Anthropic: "prompt is too long: 210000 tokens > 200000 maximum",
  Google: "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
  Mistral: "Prompt contains 140000 tokens, too large for model with 131072 maximum context length",
  OpenRouter:
    "This endpoint's maximum context length is 128000 tokens. However, you requested about 130000 tokens.",
  Groq: "Please reduce the length of the messages or completion. (context_length_exceeded)",
  vLLM: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
};

/** Their models think, and the limit of an answer holds thoughts too. */
const THINKING = new Set([
  "OpenAI by Responses",
  "OpenAI by chat completions",
  "Azure v1",
  "Google",
  "OpenRouter",
]);

const ask = (
  messages: readonly ModelMessage[],
  changes: Partial<ModelRequest> = {},
): ModelRequest => ({
  messages,
  tools: TOOLS,
  outputTokensMax: 500,
  signal: AbortSignal.timeout(60_000),
  ...changes,
});

/** The model at a stand-in of this provider, which answers by the steps. */
async function modelAt(context: TestContext, name: string, steps: Step[], bodies: string[] = []) {
  const behaviour = BEHAVIOURS[name];
  assert.ok(behaviour);
  const { url } = await provider(context, (text, response, request) => {
    bodies.push(text);
    const isResponses = request.url?.endsWith("/responses") === true;
    const next = () => steps.shift() ?? { say: "nothing was planned" };
    const at =
      name === "OpenAI by chat completions" && isResponses
        ? BEHAVIOURS["OpenAI by Responses"]
        : behaviour;
    assert.ok(at);
    assert.equal(isResponses, at.wire === "responses");
    const [status, body] = answered(at, text, request.headers, next);
    json(response, status, body);
  });
  const host = `https://${behaviour.host}/v1`;
  return openaiModel({
    apiKey: "key-of-the-shop",
    baseUrl: host,
    model: behaviour.model,
    timeoutMs: 30_000,
    fetch: (to, init) => fetch((typeof to === "string" ? to : "").replace(host, url), init),
  });
}

for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
  test(`${name}: calls over two rounds, words, the reader's answer, one cut off, one declined and one too long`, async (context) => {
    const steps: Step[] = [];
    const bodies: string[] = [];
    const model = await modelAt(context, name, steps, bodies);

    const messages: ModelMessage[] = [
      { role: "system", content: "Rules" },
      { role: "user", content: "Where is it?" },
    ];
    steps.push({ call: "look" }, { call: "look" }, { say: "It is on its way." });
    for (const round of [1, 2]) {
      const { text, toolCalls, kept } = await model.complete(ask(messages));
      const [call] = toolCalls;
      assert.equal(call?.name, "look", `round ${round}`);
      assert.equal(call.arguments, "{}");
      messages.push({
        role: "assistant",
        content: text,
        toolCalls: [...toolCalls],
        ...(kept === undefined ? {} : { kept }),
      });
      messages.push({ role: "tool", toolCallId: call.id, content: "seen" });
    }
    const said = await model.complete(ask(messages));
    assert.equal(said.text, "It is on its way.");
    assert.equal(said.costUsd, behaviour.bills === true ? 0.5 : undefined);

    steps.push({ shape: '{"statements":[]}' });
    const read = await model.complete(ask(messages.slice(0, 2), { tools: [], answer: ANSWER }));
    assert.deepEqual([read.text, read.toolCalls], ['{"statements":[]}', []]);

    steps.push({ end: "length" }, { say: "Whole." });
    const whole = await model.complete(ask(messages.slice(0, 2)));
    assert.deepEqual([whole.text, whole.outputTokens], ["Whole.", 8]);
    const limit = THINKING.has(name) ? 2 * (500 + 25_000) : 1_000;
    assert.match(bodies.at(-1) ?? "", new RegExp(`tokens":${limit}`));

    steps.push({ end: "length" }, { end: "length" });
    const codeOf = (asked: Promise<unknown>) =>
      asked.then(
        () => "answered",
        (error: unknown) => (error instanceof DeskhandError ? error.code : "other"),
      );
    assert.equal(await codeOf(model.complete(ask(messages.slice(0, 2)))), "model.invalid_answer");
    steps.push({ end: "refusal" });
    assert.equal(await codeOf(model.complete(ask(messages.slice(0, 2)))), "model.declined");
    const refuse = TOO_LONG[name];
    if (refuse !== undefined) {
      steps.push({ refuse });
      assert.equal(await codeOf(model.complete(ask(messages.slice(0, 2)))), "model.too_long");
    }

    // What was learnt is not asked again.
    const before = bodies.length;
    steps.push({ say: "Hi" });
    await model.complete(ask(messages.slice(0, 2)));
    assert.equal(bodies.length, before + 1);
    assert.equal(steps.length, 0);
  });
}

/** A turn that looks an order and a page up before it answers. */
const LOST_PARCEL: readonly Step[] = [
  { call: "get_order_status", with: '{"order_id":"123"}' },
  { call: "search_faq", with: '{"queries":["shipping of a lost parcel"]}' },
  {
    call: "reply",
    with: JSON.stringify({
      text: "Your kettle (order 123) was shipped on 2025-01-10, but no delivery has been recorded for it. Please confirm that it has not reached you (see Shipping).",
      kind: "answer",
      topic: "order_status",
    }),
  },
];

/** A turn at a stand-in of this provider that is to use up the steps. */
async function turnAt(
  context: TestContext,
  name: string,
  steps: readonly Step[],
  changes: Partial<TurnInput> = {},
) {
  const left = [...steps];
  const model = await modelAt(context, name, left);
  const tools = allTools({ shop: memoryShop(TODAY), knowledge: tinyKnowledge() });
  const { agent } = agentUnderTest({
    model,
    tools,
    caps: () => ({ ...CAPS, turn: { ...CAPS.turn, usdMax: 10 } }),
  });
  const asked = turn(["Hello, where is my kettle? Order 123."], changes);
  const { costUsd: _cost, ...result } = await agent.run(asked);
  assert.deepEqual([left.length, result.ending.kind], [0, "reply"], JSON.stringify(result.ending));
  return result;
}

test("the same turn ends the same by both interfaces", async (context) => {
  const ends: unknown[] = [];
  for (const name of ["OpenAI by Responses", "Google"]) {
    const { spans: _spans, ...result } = await turnAt(context, name, LOST_PARCEL);
    ends.push(result);
  }
  assert.deepEqual(ends[0], ends[1]);
});

test("a redraft is told what the draft before looked up, at every provider", async (context) => {
  for (const name of Object.keys(BEHAVIOURS)) {
    const { spans } = await turnAt(context, name, LOST_PARCEL);
    const instruction = { hint: "Shorter.", draft: "Your kettle was shipped.", spans };
    await turnAt(context, name, LOST_PARCEL.slice(-1), { instruction });
  }
});

test("a long message that is cut within a character is read, at every provider", async (context) => {
  const emojis = turn([`x${"😀".repeat(12_000)}`]);
  for (const name of Object.keys(BEHAVIOURS)) {
    const answer: Step = { say: "Hello." };
    await turnAt(context, name, [answer], { unread: emojis.unread });
  }
});

test("an empty answer is asked for once more, at every provider", async (context) => {
  const [first, ...rest] = LOST_PARCEL;
  assert.ok(first);
  for (const name of Object.keys(BEHAVIOURS))
    await turnAt(context, name, [first, { empty: true }, ...rest]);
});

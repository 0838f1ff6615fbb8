/** The same turns at every provider, each as its documents say it answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openaiModel } from "#agent/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelMessage, ModelRequest } from "#core/contracts/model.ts";
import { json, provider } from "#test/support/model-provider.ts";
import { answered, BEHAVIOURS, type Step } from "#test/support/provider-behaviours.ts";

const TOOLS: ModelRequest["tools"] = [
  { name: "look", description: "Looks.", parameters: { type: "object", properties: {} } },
];
const ANSWER = { name: "reading", schema: { type: "object", properties: {} } };

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

for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
  test(`${name}: calls over two rounds, words, the reader's answer, one cut off, one declined and one too long`, async (context) => {
    const steps: Step[] = [];
    const bodies: string[] = [];
    const learns = { wire: behaviour.wire };
    const { url } = await provider(context, (text, response, request) => {
      bodies.push(text);
      const isResponses = request.url?.endsWith("/responses") === true;
      learns.wire = isResponses ? "responses" : "chat";
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
    const model = openaiModel({
      apiKey: "key-of-the-shop",
      baseUrl: `https://${behaviour.host}/v1`,
      model: behaviour.model,
      timeoutMs: 30_000,
      fetch: (to, init) =>
        fetch(
          (typeof to === "string" ? to : "").replace(`https://${behaviour.host}/v1`, url),
          init,
        ),
    });

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
    assert.match(bodies.at(-1) ?? "", /tokens":1000/);

    steps.push({ end: "length" }, { end: "length" });
    const codeOf = (asked: Promise<unknown>) =>
      asked.then(
        () => "answered",
        (error: unknown) => (error instanceof DeskhandError ? error.code : "other"),
      );
    assert.equal(await codeOf(model.complete(ask(messages.slice(0, 2)))), "model.invalid_answer");
    steps.push({ end: "refusal" });
    assert.equal(await codeOf(model.complete(ask(messages.slice(0, 2)))), "model.declined");
    if (behaviour.tooLong !== undefined) {
      steps.push({ end: "too long" });
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

/** A conversation the model has no room for is shortened once, and goes to people with that reason when it is still too long. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { completion, json, provider } from "#test/support/model-provider.ts";
import { agentUnderTest, message, ours, turn } from "#test/support/fixtures/turns.ts";
import { escalated } from "./play.ts";

const call = (name: string, input: unknown) =>
  completion({
    content: null,
    tool_calls: [{ id: name, function: { name, arguments: JSON.stringify(input) } }],
  });

/** A turn after twelve long messages, at a provider that takes so many characters. */
async function played(context: TestContext, charactersMax: number) {
  const bodies: string[] = [];
  const { model } = await provider(context, (body, response) => {
    bodies.push(body);
    if (body.includes('"role":"tool"') === false && bodies.length === 1)
      return json(response, 200, call("get_order_status", { order_id: "456" }));
    if (body.length > charactersMax)
      return json(response, 400, {
        error: { message: "long", param: "messages", code: "context_length_exceeded" },
      });
    json(
      response,
      200,
      call("reply", { text: "A person looks.", kind: "answer", topic: "other", followed: null }),
    );
  });
  const { agent } = agentUnderTest({ model: model() });
  const history = Array.from({ length: 12 }, (_, at) => {
    const text = `${at} ${"long ".repeat(600)}`;
    return at % 2 === 0 ? message(text, { key: `h${at}` }) : { ...ours(text), key: `h${at}` };
  });
  const result = await agent.run(turn(["Where is my order 456?"], { history }));
  return { result, bodies };
}

test("what is longer than the context is asked once more without its older part, always in the same way", async (context) => {
  const { result, bodies } = await played(context, 45_000);
  assert.equal(bodies.length, 3, bodies.map(({ length }) => length).join());
  assert.doesNotMatch(bodies[1] ?? "", /older messages are left out/);
  assert.match(bodies[2] ?? "", /\(10 older messages are left out\.\)/);
  assert.equal(result.ending.kind, "reply");
  assert.equal(result.spans.filter(({ name }) => name === "shorten context").length, 1);
  assert.deepEqual((await played(context, 45_000)).bodies[2]?.length, bodies[2]?.length);
});

test("what is too long even then goes to people, who read why", async (context) => {
  const { result, bodies } = await played(context, 100);
  assert.equal(bodies.length, 3);
  assert.match(escalated(result).reason, /longer than the model's context/);
});

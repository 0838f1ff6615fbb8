import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import { openModelDoor } from "#evals/talks/model-door.ts";
import { digestOf, readRecording } from "#evals/talks/recording.ts";
import { openTalkingWorld } from "#evals/talks/talking-world.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { aCase } from "./observations.ts";
import { testLong } from "#test/support/tiers.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** A model that gives these messages in turn and keeps what it was asked. */
async function scripted(context: TestContext, messages: readonly object[]) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(JSON.parse(body));
      const message = messages[asked.length - 1] ?? { role: "assistant", content: "nothing left" };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ choices: [{ message, finish_reason: "stop" }] }));
    });
  });
  context.after(() => closed(server));
  return { asked, url: `http://127.0.0.1:${await listen(server)}/v1` };
}

const Said = z.object({
  choices: z.array(
    z.object({
      message: z.object({
        content: z.string().nullable(),
        tool_calls: z.array(z.object({ id: z.string(), function: z.unknown() })).optional(),
      }),
    }),
  ),
});

async function ask(url: string, ...told: readonly string[]) {
  const messages = told.map((content, at) => ({ role: at === 0 ? "system" : "user", content }));
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ messages }),
  });
  const body: unknown = await response.json();
  return { status: response.status, said: Said.safeParse(body).data?.choices[0]?.message };
}

const CALL = { name: "get_order_status", arguments: '{"order_id":"456"}' };
const ANSWERS = [
  { role: "assistant", content: null, tool_calls: [{ id: "a", type: "function", function: CALL }] },
  { role: "assistant", content: "It is being prepared." },
];

describe("the way between a stage and its model", () => {
  test("what was answered once is given again, and only what is new is asked", async (context) => {
    const model = await scripted(context, ANSWERS);
    const door = await openModelDoor({ url: model.url, key: "k" });
    context.after(() => door.close());
    door.begin([]);
    const first = await ask(door.url, "rules", "Where is 456?");
    assert.deepEqual(first.said?.tool_calls?.[0]?.function, CALL);
    const kept = door.end().map(({ answer }) => answer);
    assert.deepEqual(kept[0]?.calls, [CALL]);

    door.begin(kept);
    const again = await ask(door.url, "other rules", "Where is 456?");
    assert.deepEqual(again.said?.tool_calls?.[0]?.function, CALL);
    assert.equal(model.asked.length, 1, "nothing was asked twice");
    const next = await ask(door.url, "rules", "Where is 456?", "And when?");
    assert.equal(next.said?.content, "It is being prepared.");
    assert.equal(door.end().length, 2);
  });

  test("a conversation that changed is asked anew from there on", async (context) => {
    const model = await scripted(context, [ANSWERS[1] ?? {}]);
    const door = await openModelDoor({ url: model.url, key: "k" });
    context.after(() => door.close());
    const asked = digestOf([{ role: "user", content: "Where is 789?" }]);
    door.begin([
      { asked, text: "first", calls: [] },
      { asked, text: "second", calls: [] },
    ]);
    assert.equal(
      (await ask(door.url, "rules", "Where is 456?")).said?.content,
      "It is being prepared.",
    );
    assert.deepEqual(
      door.end().map(({ answer }) => answer.text),
      ["It is being prepared."],
    );
  });
});

describe("recordings", () => {
  testLong(
    "a recorded conversation is played without a model and ends as it did; its page can be read",
    async (context) => {
      const folder = temporaryFolder(context);
      const model = await scripted(context, [
        ANSWERS[0] ?? {},
        {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              id: "b",
              type: "function",
              function: {
                name: "reply",
                arguments: JSON.stringify({
                  text: "Your desk lamp, order 456, is in our warehouse: its status is processing.",
                  kind: "answer",
                  topic: "order_status",
                  followed: null,
                }),
              },
            },
          ],
        },
      ]);
      const evalCase = aCase(
        { input: "Where is my order 456?", identity: { customer: "u123", level: 2 } },
        "test/lamp",
      );
      const environment = {
        OPENAI_API_KEY: "k",
        OPENAI_BASE_URL: model.url,
        DESKHAND_MODEL: "scripted",
        EMBEDDINGS: "off",
      };
      const recording = await openTalkingWorld(environment, { kind: "record", folder });
      const observed = await recording.run(evalCase);
      recording.keep?.({ evalCase, observed, problems: [] });
      await recording.close();
      assert.equal(observed.outcome, "reply");
      const page = readFileSync(join(folder, "pages/test--lamp.md"), "utf8");
      assert.match(page, /model calls \*\*get_order_status\*\*[\s\S]*Outcome: reply/);
      const kept = readRecording(folder, "test/lamp");
      assert.equal(kept?.answers.length, 2);
      assert.doesNotMatch(JSON.stringify(kept), /You write the replies/, "no prompt is kept");

      const replay = await openTalkingWorld({ EMBEDDINGS: "off" }, { kind: "replay", folder });
      const again = await replay.run(evalCase);
      await replay.close();
      assert.equal(again.text, observed.text);
      assert.equal(model.asked.length, 2, "the model was not asked again");
    },
  );
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { openModelDoor } from "#evals/talks/model-door.ts";
import { figuresOf, readRatings } from "#evals/talks/ratings.ts";
import {
  digestOf,
  readRecording,
  readRecordings,
  type Recording,
  writeRecording,
} from "#evals/talks/recording.ts";
import { openTalkingWorld } from "#evals/talks/talking-world.ts";
import { aCase } from "./observations.ts";
import { testLong } from "#test/support/tiers.ts";

function emptyFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-talks-test-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

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
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.closeAllConnections());
  context.after(() => server.close());
  const address = server.address();
  return {
    asked,
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`,
  };
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

  test("without a model the answers come in order, and one question too many is refused", async (context) => {
    const door = await openModelDoor(null);
    context.after(() => door.close());
    door.begin([{ asked: "whatever it was", text: "first", calls: [] }]);
    assert.equal((await ask(door.url, "rules", "Hello")).said?.content, "first");
    assert.equal((await ask(door.url, "rules", "Hello")).status, 400);
  });

  test("marks of a turn make no other conversation, another word does", () => {
    const asked = (mark: string, words: string) =>
      digestOf([
        { role: "system", content: `rules ${mark}` },
        { role: "user", content: `<<data ${mark} from customer>>\n${words}` },
      ]);
    const [one, two] = ["data_eb12ef2c54e84baa9ddf", "data_0012ef2c54e84baa9dd0"];
    assert.equal(asked(one, "Hello"), asked(two, "Hello"));
    assert.notEqual(asked(one, "Hello"), asked(one, "Hallo"));
  });
});

const RECORDING: Recording = {
  case: "refunds/one",
  model: "m",
  result: { outcome: "reply", actions: ["refund 789 120.00 USD ask"] },
  answers: [{ asked: "1", text: "", calls: [CALL] }],
};

describe("recordings", () => {
  test("what is written is read again, and a folder without any is said so", (context) => {
    const folder = emptyFolder(context);
    assert.throws(() => readRecordings(folder), /holds no recordings/);
    writeRecording(folder, RECORDING);
    assert.deepEqual(readRecording(folder, "refunds/one"), RECORDING);
    assert.equal(readRecording(folder, "refunds/two"), null);
    assert.deepEqual([...readRecordings(folder).keys()], ["refunds/one"]);
    writeFileSync(join(folder, "refunds--two.json"), "{}");
    assert.throws(() => readRecordings(folder), DeskhandError);
  });

  testLong(
    "a recorded conversation is played without a model and ends as it did; its page can be read",
    async (context) => {
      const folder = emptyFolder(context);
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

  test("recording without a model is refused with what to set", async (context) => {
    const talks = { kind: "record", folder: emptyFolder(context) } as const;
    await assert.rejects(openTalkingWorld({}, talks), /set OPENAI_API_KEY/);
  });
});

describe("ratings", () => {
  test("are counted against what could have been right", (context) => {
    const folder = emptyFolder(context);
    assert.deepEqual(readRatings(folder), []);
    writeFileSync(
      join(folder, "ratings.yaml"),
      `- { case: a, outcome: right, first_draft: passed, final_draft: good, hand_over: none }
- { case: b, outcome: partly, first_draft: sent_back_unjustly, final_draft: flawed, hand_over: needless, note: why }
- { case: c, outcome: wrong, first_draft: sent_back_rightly, final_draft: dishonest, hand_over: none, note: that }
- { case: d, outcome: right, first_draft: none, final_draft: none, hand_over: right }
`,
    );
    const figures = figuresOf(readRatings(folder));
    assert.deepEqual(figures.outcome_right, { n: 2, of: 4, percent: 50 });
    assert.deepEqual(figures.good_as_they_are, { n: 1, of: 2, percent: 50 });
    assert.deepEqual(figures.unjustly_sent_back, { n: 1, of: 2, percent: 50 });
    assert.deepEqual(figures.needless_hand_overs, { n: 1, of: 4, percent: 25 });
    assert.deepEqual(figures.rest, ["b: why", "c: that"]);
    writeFileSync(join(folder, "ratings.yaml"), "- { case: a, outcome: fine }");
    assert.throws(() => readRatings(folder), /Invalid option/);
  });
});

/** A folder stands for a model: what has no answer is written there once, and answers are found by what was asked. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { recordedModel } from "#evals/replies/recorded-model.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

function ask(folder: string, asked: string, rules = "rules") {
  return recordedModel(folder).complete({
    messages: [
      { role: "system", content: rules },
      { role: "user", content: asked },
    ],
    tools: [],
    outputTokensMax: 100,
    signal: new AbortController().signal,
  });
}

const UNANSWERED = { code: "model.unavailable" };

describe("a recorded model", () => {
  test("what has no answer is written once, as it would be sent, and is answered from the file beside it", async (context) => {
    const folder = temporaryFolder(context);
    await assert.rejects(ask(folder, "one"), UNANSWERED);
    await assert.rejects(ask(folder, "two"), UNANSWERED);
    await assert.rejects(ask(folder, "one"), UNANSWERED);
    assert.deepEqual(readdirSync(folder), ["0001.request.json", "0002.request.json"]);
    const parked = JSON.parse(readFileSync(join(folder, "0002.request.json"), "utf8"));
    assert.equal(parked.messages[1].content, "two");
    writeFileSync(join(folder, "0002.response.json"), JSON.stringify({ content: "second" }));
    const { text, inputTokens, outputTokens } = await ask(folder, "two");
    assert.equal(text, "second");
    assert.deepEqual([inputTokens, outputTokens], [2, 2]);
    await assert.rejects(ask(folder, "one"), UNANSWERED);
  });

  test("an answer outlives other rules, and is never given to another question", async (context) => {
    const folder = temporaryFolder(context);
    await assert.rejects(ask(folder, "one"), UNANSWERED);
    writeFileSync(join(folder, "0001.response.json"), JSON.stringify({ content: "first" }));
    assert.equal((await ask(folder, "one", "other rules")).text, "first");
    await assert.rejects(ask(folder, "one more"), UNANSWERED);
  });
});

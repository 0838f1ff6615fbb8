/** Texts of all kinds come to an outcome; the command counts and names those that make a check throw. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { floodCommand } from "#evals/flood/command.ts";
import { openFlood, type Played } from "#evals/flood/play.ts";
import type { FloodText } from "#evals/flood/texts.ts";
import { floodTexts } from "./flood-texts.ts";
import { testLong } from "#test/support/tiers.ts";

/** Enough that each form is played several times, few enough for a run of all tests. */
const TEXTS = 80;

testLong(
  "generated texts of all kinds come to an outcome, and none makes a check throw",
  async (context) => {
    const world = await openFlood();
    context.after(() => world.close());
    for (const [index, text] of floodTexts(TEXTS, 7).entries()) {
      const { outcome, crash } = await world.play(text, index % 3 === 0 ? "chat" : "email");
      assert.equal(crash, null, JSON.stringify(text));
      assert.notEqual(outcome, null, JSON.stringify(text));
    }
  },
);

testLong(
  "one that makes a check throw is counted as crashed, with its outcome",
  async (context) => {
    const world = await openFlood((parts) => ({
      ...parts,
      guard: {
        ...parts.guard,
        delicate: () => {
          throw new RangeError("Invalid time value");
        },
      },
    }));
    context.after(() => world.close());
    const { outcome, crash } = await world.play({ id: "a", text: "Where is 789?" }, "chat");
    assert.equal(outcome, "escalated");
    assert.match(crash ?? "", /RangeError/);
  },
);

/** Runs the command on a file with this content, in a world where each text ends as it says itself. */
async function ran(context: TestContext, content: string, options: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-flood-test-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "texts.jsonl");
  writeFileSync(file, content);
  const heard = { printed: "", told: "", played: [] as FloodText[] };
  const play = async (text: FloodText): Promise<Played> => {
    heard.played.push(text);
    const words = "text" in text ? text.text : "a mail";
    const outcome = words === "lost" ? null : "escalated";
    return { id: text.id, outcome, crash: words === "crash" ? "a RangeError" : null, ms: 1 };
  };
  const code = await floodCommand(["--file", file, ...options], {
    openFlood: async () => ({ play, close: async () => undefined }),
    print: (words) => void (heard.printed += words),
    tell: (words) => void (heard.told += words),
    progress: () => undefined,
  });
  return { code, ...heard };
}

const line = (id: string, text: string): string => `${JSON.stringify({ id, text })}\n`;

test("the command ends with 0 when every text came to an outcome", async (context) => {
  const { code, printed } = await ran(context, line("a", "one") + line("b", "two"), ["--json"]);
  assert.equal(code, 0);
  const { slowest_ms: _, p50_ms: __, ...figures } = JSON.parse(printed);
  const none = { without_outcome: 0, crashed: 0 };
  assert.deepEqual(figures, { texts: 2, outcomes: { escalated: 2 }, ...none });
});

for (const bad of ["crash", "lost"])
  test(`the command ends with 1 and names the text: ${bad}`, async (context) => {
    const { code, printed } = await ran(context, line("fine", "one") + line("the-bad-one", bad));
    assert.equal(code, 1);
    assert.match(printed, /^the-bad-one: /m);
    assert.doesNotMatch(printed, /^fine: /m);
  });

test("a wrong line is named, and nothing is played", async (context) => {
  for (const [second, reason] of [
    ["{not json", /line 2 is no JSON/],
    ['{"id":"b"}', /line 2 has none of text/],
    ['{"id":"b","text":5}', /line 2: /],
  ] as const) {
    const { code, told, played } = await ran(context, `${line("a", "one")}${second}\n`);
    assert.equal(code, 2);
    assert.match(told, reason);
    assert.deepEqual(played, []);
  }
});

test("an empty file and a wrong option end with 2", async (context) => {
  assert.equal((await ran(context, "\n")).code, 2);
  assert.equal((await ran(context, line("a", "one"), ["--channel", "fax"])).code, 2);
});

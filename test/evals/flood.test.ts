/** Texts of all kinds come to an outcome; the command counts and names those that make a check throw. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { floodCommand } from "#evals/flood/command.ts";
import type { Played } from "#evals/flood/play.ts";
import type { FloodText } from "#evals/flood/texts.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** Runs the command on a file with this content, in a world where each text ends as it says itself. */
async function ran(context: TestContext, content: string, options: readonly string[] = []) {
  const folder = temporaryFolder(context);
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

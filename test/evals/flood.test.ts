/** Texts of all kinds come to an outcome; the command counts and names those that make a check throw. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { floodCommand } from "#evals/flood/command.ts";
import type { Played } from "#evals/flood/play.ts";
import type { FloodText } from "#evals/flood/texts.ts";
import { ranOn } from "./ran-on.ts";

/** Runs the command on a file with this content, in a world where each text ends as it says itself. */
function ran(context: TestContext, content: string, options: readonly string[] = []) {
  const play = async (text: FloodText): Promise<Played> => {
    const words = "text" in text ? text.text : "a mail";
    const outcome = words === "lost" ? null : "escalated";
    return { id: text.id, outcome, crash: words === "crash" ? "a RangeError" : null, ms: 1 };
  };
  const openFlood = async () => ({ play, close: async () => undefined });
  return ranOn(context, ["texts.jsonl", content], (file, output) =>
    floodCommand(["--file", file, ...options], { ...output, openFlood }),
  );
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

/** Whether a customer writes in anger, measured on labelled texts: precision first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAngryText } from "#guard/input/anger.ts";
import { ANGRY, CALM } from "./samples/angry.ts";

for (const half of ["dev", "test"] as const)
  test(`anger is recognised in the half “${half}”, and no calm text is called angry`, (context) => {
    const found = ANGRY[half].filter(isAngryText);
    const wrong = CALM[half].filter(isAngryText);
    const precision = found.length / (found.length + wrong.length);
    const recall = found.length / ANGRY[half].length;
    context.diagnostic(`precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
    const missed = ANGRY[half].filter((text) => !isAngryText(text));
    assert.deepEqual(wrong, []);
    assert.ok(recall >= (half === "dev" ? 0.95 : 0.75), missed.join("\n"));
  });

test("two signs with an exclamation mark among them are impatience, one sign and question marks are none", () => {
  const second = "This is my third message, where is it";
  for (const [end, isAngry] of [
    ["!!", true],
    ["?!?", true],
    ["!?", true],
    ["?!", false],
    ["!", false],
    ["???", false],
  ] as const)
    assert.equal(isAngryText(`${second}${end}`), isAngry, end);
});

test("nothing of the two halves is the same", () => {
  const texts = [...ANGRY.dev, ...ANGRY.test, ...CALM.dev, ...CALM.test];
  assert.equal(new Set(texts).size, texts.length);
});

/** Two texts compared line by line can both be read from the result, in their order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lineDifference } from "#text/diff.ts";

const words = fc
  .array(fc.constantFrom("", "a", "b", "c", "1. Ask", "2. Say"), { maxLength: 30 })
  .map((lines) => lines.join("\n"));

test("whoever leaves out what is new reads the older text, and the other way round", () => {
  fc.assert(
    fc.property(words, words, (before, after) => {
      const lines = lineDifference(before, after);
      const without = (kind: string): string =>
        lines.flatMap((line) => (line.kind === kind ? [] : [line.text])).join("\n");
      assert.equal(without("in"), before);
      assert.equal(without("out"), after);
      if (before === after) assert.ok(lines.every(({ kind }) => kind === "same"));
    }),
  );
});

test("one changed line is one line out and one line in, whatever stands around it", () => {
  const before = ["1. Ask", "2. Look", "3. Say"].join("\n");
  assert.deepEqual(
    lineDifference(before, before.replace("Look", "Look up")).filter(({ kind }) => kind !== "same"),
    [
      { kind: "out", text: "2. Look" },
      { kind: "in", text: "2. Look up" },
    ],
  );
});

test("texts too large to compare are shown whole, the older one first", () => {
  const long = (sign: string): string =>
    Array.from({ length: 3_000 }, (_, index) => `${sign}${index}`).join("\n");
  const lines = lineDifference(long("a"), long("b"));
  assert.deepEqual([lines.length, lines[0]?.text, lines.at(-1)?.text], [6_000, "a0", "b2999"]);
});

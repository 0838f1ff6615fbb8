/** Small texts for people are made the same everywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { literally, shortened } from "#core/values/words.ts";

test("a pattern stands for its text alone, with any flags", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const flags of ["", "i", "iu", "gu"])
        assert.ok(new RegExp(`^${literally(text)}$`, flags).test(text), `${text} with ${flags}`);
    }),
  );
  assert.ok(!new RegExp(literally("2-4 days (at most)."), "u").test("2-4 days at most"));
});

test("a shortened text has at most so many characters and says that it goes on", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const short = shortened(text, max);
      assert.ok(short.length <= max && short.isWellFormed());
      if (text.length > max) assert.ok(short.endsWith("…"));
      else assert.equal(short, text);
    }),
  );
});

/** Small texts for people are made the same everywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { counted, inColumns, literally, oneLine, shortened } from "#core/values/words.ts";

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

test("one is one, and many are told with thousands apart", () => {
  assert.deepEqual(
    [counted(1, "page"), counted(1_200, "page"), counted(2, "setting differs", "settings differ")],
    ["1 page", "1,200 pages", "2 settings differ"],
  );
  assert.equal(oneLine(" a\n\n b\t c "), "a b c");
});

test("rows stand in columns as wide as their widest cell, without spaces at the end", () => {
  const rows = [["a", "bb", "c"], ["aaa", "b"], []];
  assert.equal(inColumns(rows), "a    bb  c\naaa  b\n");
  assert.equal(inColumns([]), "");
});

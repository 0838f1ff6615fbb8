import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { seenText } from "#text/normalize.ts";

const TAGS = String.fromCodePoint(0xe0053, 0xe0065, 0xe006e, 0xe0064);

describe("what a reader does not see", () => {
  test("is taken out, whatever it is made of", () => {
    for (const hidden of [
      TAGS,
      "\u200B\u2060",
      "\u202E",
      "\u00AD",
      "\u{E0101}\uFE00",
      "\u200C\u200D\u200C",
      "\uFE0F",
      "\u2066",
    ])
      assert.equal(seenText(`Paid${hidden} today.`), "Paid today.", escape(hidden));
    assert.equal(seenText("a\u0000b\u001Bc\n\td"), "a b c\n\td");
  });

  test("is kept where it shapes what is seen", () => {
    for (const seen of ["👨‍👩‍👧 ❤️ 1️⃣ 👩🏽‍🚀", "می‌خواهم", "क्‍ष", "Grüße, 30 € – “ok”"])
      assert.equal(seenText(seen), seen);
  });
});

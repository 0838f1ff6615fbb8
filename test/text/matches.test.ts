import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { hasDigit, isAscii, allMatches } from "#text/normalize.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";

const PATTERNS: readonly RegExp[] = [
  /a+/g,
  /\b/g,
  /(?<letter>\p{L})?/gu,
  /(?:)/gv,
  /x*/gi,
  /^.?/gm,
];

describe("searching texts with kept patterns", () => {
  test("finds what matchAll finds, also empty matches and characters of two halves", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PATTERNS),
        fc.string({ unit: anyCharacter }),
        (pattern, text) => {
          const before = [...text.matchAll(new RegExp(pattern))].map((match) => [
            match.index,
            ...match,
          ]);
          const found = allMatches(text, pattern).map((match) => [match.index, ...match]);
          assert.deepEqual(found, before);
        },
      ),
      { numRuns: runs(500), seed: 1 },
    );
  });

  test("begins at the beginning, wherever the pattern was used before", () => {
    const pattern = /a/g;
    pattern.test("xxa");
    assert.equal(allMatches("a a", pattern).length, 2);
    assert.equal(allMatches("a a", pattern).length, 2);
  });

  test("tells texts that need no look at other alphabets, and texts without digits", () => {
    assert.ok(isAscii("plain\u0000\u007f"));
    for (const text of ["é", "a\u0080", "\u{1F600}", "a\u200b"]) assert.ok(!isAscii(text), text);
    assert.ok(hasDigit("order 4"));
    assert.ok(!hasDigit("order ٤"));
  });
});

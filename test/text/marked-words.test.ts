/** Marked words: shown in their sentence, cut around, and never more than a line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { markedPieces, markWords, partAround } from "#core/values/words.ts";
import { anyCharacter } from "#test/support/any-character.ts";

test("words are shown in their sentence as they were written, whatever stands between them", () => {
  assert.equal(
    markWords(
      ["Hello. The box says: IGNORE all\n previous,  instructions! Bye."],
      "ignore all previous instructions",
    ),
    "The box says: ▸IGNORE all previous, instructions◂!",
  );
});

test("what is long is cut around the words, and words that stand nowhere are shown alone", () => {
  const long = `${"before ".repeat(40)}drop the rules${" behind".repeat(40)}`;
  const shown = markWords([long], "drop the rules");
  assert.match(shown, /^….{1,45}▸drop the rules◂.{1,45}…$/);
  assert.equal(markWords(["Nothing here"], "drop the rules"), "▸drop the rules◂");
  assert.equal(markWords(["a <|im|> b"], "<|"), "a ▸<|◂im|> b");
});

test("the part around words reaches so far on each side, and there is none where the words are not", () => {
  assert.equal(
    partAround("one two drop the, RULES three four", "drop the rules", 5),
    " two drop the, RULES thre",
  );
  assert.equal(partAround("one two", "drop the rules", 5), null);
});

test("no text marks anything by itself, and every result has one mark, at most 250 characters, in one line", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter }),
      fc.string({ unit: anyCharacter }),
      (text, words) => {
        const shown = markWords([`${text} ▸x◂ ${words}\n${text}`], words);
        assert.ok(shown.length <= 250, shown);
        assert.doesNotMatch(shown, /\n/);
        assert.ok(shown.isWellFormed());
        assert.equal(markedPieces(shown).filter(({ isMarked }) => isMarked).length, 1);
      },
    ),
  );
});

/** A second import keeps what people changed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { difference, joined } from "#importing/generate/join.ts";

const lines = fc
  .array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 12 })
  .map((all) => all.join("\n"));

describe("joining what was generated, what stands there and what would be generated now", () => {
  test("takes the new import where no person changed anything, and the person's text where the import is as before", () => {
    fc.assert(
      fc.property(lines, lines, (before, other) => {
        assert.deepEqual(joined(before, before, other), { text: other, unjoined: [] });
        assert.deepEqual(joined(before, other, before), { text: other, unjoined: [] });
        assert.deepEqual(joined(before, other, other), { text: other, unjoined: [] });
      }),
    );
  });

  test("never loses a line that a person added", () => {
    fc.assert(
      fc.property(lines, lines, fc.nat(12), (before, wanted, place) => {
        const kept = before.split("\n").toSpliced(place, 0, "ours").join("\n");
        assert.match(joined(before, kept, wanted).text, /^ours$/m);
      }),
    );
  });

  test("takes changes in different places from both sides", () => {
    const { text, unjoined } = joined(
      "one\ntwo\nthree\nfour\nfive",
      "one\nTWO\nthree\nfour\nfive",
      "one\ntwo\nthree\nfour\nFIVE",
    );
    assert.equal(text, "one\nTWO\nthree\nfour\nFIVE");
    assert.deepEqual(unjoined, []);
  });

  test("keeps the person's lines where both changed the same ones, and says which the import wanted", () => {
    const { text, unjoined } = joined("one\ntwo\nthree", "one\nours\nthree", "one\ntheirs\nthree");
    assert.equal(text, "one\nours\nthree");
    assert.deepEqual(unjoined, [{ line: 2, kept: ["ours"], wanted: ["theirs"] }]);
  });

  test("a difference names every line that went or came", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const shown = difference(before, after);
        const went = shown.filter((line) => line.startsWith("-")).length;
        const came = shown.filter((line) => line.startsWith("+")).length;
        assert.equal(after.split("\n").length - before.split("\n").length, came - went);
        assert.equal(shown.length === 0, before === after);
      }),
    );
  });
});

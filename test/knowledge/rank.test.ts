/** What the ranking promises for any question over any passages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuse, wordIndexOf } from "#knowledge/rank.ts";

const word = fc.constantFrom("refund", "parcel", "address", "order", "change", "ship", "late");
const stems = fc.uniqueArray(word, { maxLength: 7 });
const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((numbers) => {
    const length = Math.hypot(...numbers) || 1;
    return Float32Array.from(numbers, (number) => number / length);
  });

test("every score is from 0 to 1, the best comes first, and no passage twice", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ lexemes: stems, meaning: vector }), { maxLength: 80 }),
      stems,
      fc.option(vector),
      (made, asked, meaning) => {
        const passages = made.map((one, at) => ({ ...one, id: `p${at}` }));
        const vectors = new Map(passages.map((one) => [one.id, one.meaning]));
        const words = wordIndexOf(passages);
        const hits = fuse({ lexemes: asked, vector: meaning }, { words, vectors });
        for (const { id, score } of hits) assert.ok(score >= 0 && score <= 1, `${id}: ${score}`);
        const orders = hits.map(({ order }) => order);
        assert.deepEqual(
          orders,
          orders.toSorted((one, other) => other - one),
        );
        assert.equal(new Set(hits.map(({ id }) => id)).size, hits.length);
        if (meaning === null)
          for (const { id } of hits)
            assert.ok(
              passages.find((one) => one.id === id)?.lexemes.some((stem) => asked.includes(stem)),
            );
      },
    ),
    { numRuns: 300 },
  );
});

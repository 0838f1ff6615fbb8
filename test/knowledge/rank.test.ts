/** What the ranking promises for any question over any passages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuse } from "#knowledge/rank.ts";
import { wordIndexBuilder } from "#knowledge/word-index.ts";
import { indexed } from "./bench.ts";
import { runs } from "#test/support/tiers.ts";

const word = fc.constantFrom("refund", "parcel", "address", "order", "change", "ship", "late");
const stems = fc.uniqueArray(word, { maxLength: 7 });
const vector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((numbers) => pointing(...numbers));

function pointing(...numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
}

const english = (stems: readonly string[]) => new Map([["english", stems]]);

/** Passages as the database has them, each stem at one place. */
function passagesOf(made: readonly (readonly string[])[]) {
  return made.map((held, at) => ({
    id: `p${at}`,
    words: held.map((stem, place) => `'${stem}':${place + 1}`).join(" "),
    dictionary: "english",
  }));
}

test("every share is from 0 to 1, the best comes first, and no passage twice or that does not suit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ held: stems, meaning: vector }), { maxLength: 150 }),
      stems,
      fc.option(vector),
      (made, asked, meaning) => {
        const passages = passagesOf(made.map(({ held }) => held));
        const vectors = made.map((one) => one.meaning);
        const question = { text: asked.join(" "), stems: english(asked), vector: meaning };
        const suits = (id: string): boolean => !id.endsWith("3");
        const hits = fuse([question], indexed(passages, vectors), suits);
        for (const { id, covered, cosine } of hits)
          assert.ok(covered >= 0 && covered <= 1 && (cosine ?? 0) <= 1, `${id}: ${covered}`);
        const orders = hits.map(({ order }) => order);
        assert.deepEqual(
          orders,
          orders.toSorted((one, other) => other - one),
        );
        assert.equal(new Set(hits.map(({ id }) => id)).size, hits.length);
        assert.ok(hits.every(({ id }) => suits(id)));
        if (meaning === null)
          for (const { id } of hits)
            assert.ok(made[Number(id.slice(1))]?.held.some((stem) => asked.includes(stem)));
      },
    ),
    { numRuns: runs(300) },
  );
});

test("words are ranked as BM25 ranks them, on the passage and on its page, headings counted twice", () => {
  const texts = [
    { id: "a#top", words: "'refund':1C,3 'card':4", dictionary: "english" },
    { id: "a#more", words: "'bank':1", dictionary: "english" },
    { id: "b#top", words: "'card':1,2 'it''s':3 'c:\\\\tmp':4", dictionary: "english" },
  ];
  const builder = wordIndexBuilder();
  for (const { id, ...text } of texts) builder.add(id.slice(0, 1), text);
  const { ranks, covered } = builder.built().matches(english(["refund", "card"]));
  const rarity = (all: number, holding: number) =>
    Math.log(1 + (all - holding + 0.5) / (holding + 0.5));
  const gain = (count: number, length: number, mean: number) =>
    (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / mean));
  const first =
    rarity(3, 1) * gain(3, 4, 3) +
    rarity(3, 2) * gain(1, 4, 3) +
    rarity(2, 1) * gain(3, 5, 4.5) +
    rarity(2, 2) * gain(1, 5, 4.5);
  const last = rarity(3, 2) * gain(2, 4, 3) + rarity(2, 2) * gain(2, 4, 4.5);
  for (const [at, expected] of [first, 0, last].entries())
    assert.ok(
      Math.abs((ranks[at] ?? -1) - expected) < 1e-6,
      `${at}: ${ranks[at]} instead of ${expected}`,
    );
  assert.deepEqual(
    [...covered].map((share) => share > 0),
    [true, false, true],
  );
  assert.ok((builder.built().matches(english(["it's", "c:\\tmp"])).ranks[2] ?? 0) > 0);
});

test("a passage has the mean of what several wordings of a question give it", () => {
  const passages = passagesOf([["refund"], ["parcel", "late"], ["order"]]);
  const [first, second] = fuse(
    ["refund late", "parcel late"].map((text) => ({
      text,
      stems: english(text.split(" ")),
      vector: null,
    })),
    indexed(passages),
  );
  assert.deepEqual([first?.id, second?.id], ["p1", "p0"]);
});

/** What the ranking promises for any question over any passages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { fuse } from "#knowledge/rank.ts";
import { wordIndexBuilder } from "#knowledge/word-index.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { emptyStore, indexed } from "./bench.ts";
import { DATABASES } from "#test/support/deskhand.ts";
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
    text: held.join(" "),
  }));
}

test("every score is from 0 to 1, the best comes first, and no passage twice or that does not suit", () => {
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
        const hits = fuse(question, indexed(passages, vectors), suits);
        for (const { id, score } of hits) assert.ok(score >= 0 && score <= 1, `${id}: ${score}`);
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

const text = fc.array(
  fc.constantFrom("refund", "refunds", "it's", "e-mail", "C:\\tmp", "don't", "order", "the", "42"),
  { maxLength: 30 },
);
const Row = z.object({ words: z.string(), rank: z.number() });

for (const kind of DATABASES)
  test(`words are ranked in memory exactly as ${kind} ranks them`, async (context) => {
    const { store, destroy } = await emptyStore(kind);
    context.after(destroy);
    await fc.assert(
      fc.asyncProperty(text, text, text, async (title, body, question) => {
        const { asked, words, rank } = await store.run(async (transaction) => {
          const [found] = await rowsOf(
            transaction,
            z.object({ stems: z.array(z.string()) }),
            sql`select tsvector_to_array(to_tsvector('english', ${question.join(" ")})) as stems`,
          );
          const asked = found?.stems ?? [];
          const any = asked.map((stem) => `'${stem.replaceAll(/['\\]/g, "$&$&")}'`).join(" | ");
          const [row] = await rowsOf(
            transaction,
            Row,
            sql`select words::text, ts_rank(words, ${any}::tsquery, 1) as rank
                from (select setweight(to_tsvector('english', ${title.join(" ")}), 'C')
                             || to_tsvector('english', ${body.join(" ")}) as words) as passage`,
          );
          return { asked, words: row?.words ?? "", rank: row?.rank ?? -1 };
        });
        const builder = wordIndexBuilder();
        builder.add({ words, dictionary: "english" });
        const mine = builder.built().matches(english(asked)).ranks[0] ?? 0;
        assert.ok(Math.abs(mine - rank) < 1e-6, `${mine} instead of ${rank} for ${words}`);
      }),
      { numRuns: runs(60) },
    );
  });

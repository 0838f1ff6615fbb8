/** Why a passage was found: the same passages in the same order as a teammate's search, each with words and meaning. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPages, SAMPLE_PAGES } from "#knowledge/index.ts";
import { readPages } from "#knowledge/pages.ts";
import { sharedDatabase, silentLog } from "#test/store/bench.ts";

/** As near to every text as to any other: what is compared here is the order, which words then decide. */
const ALIKE = {
  name: "alike",
  textsAtOnce: 64,
  embed: async (texts: readonly string[]) => texts.map(() => Float32Array.from([1, 0])),
  close: async () => undefined,
};

for (const [how, embedder] of [
  ["words alone", null],
  ["words and meaning", ALIKE],
] as const)
  test(`an explained search gives what a teammate's search gives, by ${how}`, async (context) => {
    const { opened: database } = await sharedDatabase("pglite");
    context.after(() => database.close());
    const knowledge = await openPages({
      store: database.store,
      log: silentLog,
      pages: await readPages(SAMPLE_PAGES),
      embedder,
    });
    context.after(() => knowledge.close());
    await knowledge.embedded();
    const { signal } = new AbortController();
    for (const question of ["How do I get a refund?", "gift card", "zebra crossing", "the"]) {
      const explained = await knowledge.explain(question, 5, signal);
      const found = await knowledge.search(question, 5, signal, { reader: "teammate" });
      assert.deepEqual(
        explained.map(({ passage }) => passage),
        found,
        question,
      );
      for (const { words, meaning } of explained) {
        assert.ok(words >= 0 && words <= 1);
        assert.equal(meaning, embedder === null ? null : 1);
      }
    }
    const [first] = await knowledge.explain("gift card", 5, signal);
    assert.equal(first?.words, 1);
  });

/** What stands around found passages comes with them, so that an answer knows the whole page. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPages } from "#knowledge/index.ts";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { passagesAround } from "#knowledge/search.ts";
import fc from "fast-check";

const PAGES = new Map(
  ["refunds", "returns", "shipping"].map((page) => [
    page,
    Array.from({ length: 6 }, (_, at) => ({ id: `${page}#${at}`, text: `${at}`.repeat(100) })),
  ]),
);
const ALL = [...PAGES.values()].flat();

function around(ids: readonly string[], characters: number): readonly string[] {
  const found = ids.flatMap((id) => ALL.filter((passage) => passage.id === id));
  return passagesAround(found, (page) => PAGES.get(page) ?? [], characters).map(({ id }) => id);
}

describe("what stands around found passages", () => {
  test("the first passage brings the rest of its page, another one its neighbours", () => {
    assert.deepEqual(around(["refunds#2", "shipping#4"], 10_000), [
      "refunds#0",
      "refunds#1",
      "refunds#3",
      "refunds#4",
      "refunds#5",
      "shipping#3",
      "shipping#5",
    ]);
  });

  test("nothing comes twice, nothing of another page, and never more than there is room for", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...ALL.map(({ id }) => id)), { minLength: 1, maxLength: 4 }),
        fc.nat(2_000),
        (found, room) => {
          const more = around(found, room);
          assert.equal(new Set([...found, ...more]).size, found.length + more.length);
          assert.ok(more.length * 100 <= room);
          const pages = new Set(found.map((id) => id.split("#")[0]));
          assert.ok(more.every((id) => pages.has(id.split("#")[0])));
        },
      ),
    );
  });

  test("a search gives it behind the passages found, with their page's chance, and only where it is wanted", () =>
    withEmptyStore(async ({ store, log }) => {
      const text =
        "## Until when\n\nYou may ask for a refund for 30 days.\n\n## How it is paid\n\nBy card.\n\n## Exceptions\n\nNone.";
      const page = {
        slug: "refunds",
        title: "Refund policy",
        url: "",
        updated: "2026-01-01",
        text,
      };
      const knowledge = await openPages({ store, log, pages: [page], embedder: null });
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const question = "When may I ask for a refund?";
        const alone = await knowledge.search(question, 1, signal);
        assert.deepEqual(
          alone.map(({ id }) => id),
          ["refunds#until-when"],
        );
        const whole = await knowledge.search(question, 1, signal, { around: 1_000 });
        assert.deepEqual(
          whole.map(({ id }) => id),
          ["refunds#until-when", "refunds#how-it-is-paid", "refunds#exceptions"],
        );
        assert.equal(new Set(whole.map(({ score }) => score)).size, 1);
      } finally {
        await knowledge.close();
      }
    }));
});

/** What stands around found passages comes with them, so that an answer knows the whole page. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPages } from "#knowledge/index.ts";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

describe("what stands around found passages", () => {
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
        const likeliest = await knowledge.search("exceptions, refund", 1, signal, {
          around: 1_000,
        });
        assert.deepEqual(
          likeliest.map(({ id }) => id),
          ["refunds#exceptions", "refunds#until-when", "refunds#how-it-is-paid"],
        );
        const [, ...little] = await knowledge.search(question, 1, signal, { around: 40 });
        assert.deepEqual(
          little.map(({ id }) => id),
          ["refunds#how-it-is-paid"],
        );
        assert.equal(new Set(whole.map(({ score }) => score)).size, 1);
      } finally {
        await knowledge.close();
      }
    }));
});

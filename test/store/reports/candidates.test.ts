/** Which conversations of a batch may become eval cases, and whose text answered each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addMessages } from "#store/conversations/messages.ts";
import { sql } from "#store/db/drizzle.ts";
import { listCandidates, refreshCandidates } from "#store/reports/eval-candidates.ts";
import { addCase } from "#test/server/console/seed.ts";
import { later, messageOf, NOW, onEveryDatabase } from "#test/store/bench.ts";

const SENT = "Your parcel left our warehouse on Monday.";

onEveryDatabase("candidates of a batch", (bench) => {
  test("each is judged by its own cards, and one that is not solved is left out", async () => {
    const { store } = bench;
    for (const [id, state] of [
      ["drafted", "approved"],
      ["written", "rejected"],
      ["open", "approved"],
    ] as const) {
      const draft = { to: "ann@customer.test", text: SENT, sources: [], marks: [] };
      await addCase(store, { id, at: NOW, state, card: { draft } });
      const author = { kind: "teammate", id: "lea@ourshop.test", name: "Lea" } as const;
      const message = {
        ...messageOf(`answer-${id}`, { author, text: SENT }),
        sentAt: later(1_000).toISOString(),
      };
      await store.run((transaction) =>
        addMessages(transaction, `c_${id}`, [message], later(1_000)),
      );
    }
    const found = await store.run(async (transaction) => {
      await transaction.execute(
        sql`update conversation set solved_at = ${NOW} where id <> 'c_open'`,
      );
      await refreshCandidates(transaction, ["c_drafted", "c_written", "c_open", "c_gone"], NOW);
      return listCandidates(transaction, 10);
    });
    assert.deepEqual(
      found.map(({ conversationId, answeredBy }) => [conversationId, answeredBy]),
      [
        ["c_drafted", "by_hand"],
        ["c_written", "person"],
      ],
    );
    const left = await store.run(async (transaction) => {
      await transaction.execute(
        sql`update conversation set solved_at = null where id = 'c_drafted'`,
      );
      await refreshCandidates(transaction, ["c_drafted", "c_written"], NOW);
      return listCandidates(transaction, 10);
    });
    assert.deepEqual(
      left.map(({ conversationId }) => conversationId),
      ["c_written"],
    );
  });
});

/** A lease is taken with what belongs to it: a worker that waited for another commit reads what that commit left. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { updateConversation } from "#store/conversations/conversations.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { claimAndRead, readSnapshot } from "#store/conversations/read-snapshot.ts";
import { sql } from "#store/db/drizzle.ts";
import { messageOf, NOW, onEveryDatabase } from "#test/store/bench.ts";

const AS_WORKER = { owner: "worker", leaseMs: 60_000 };

onEveryDatabase("a conversation", (bench) => {
  test("is read as it is stored, by the claim as well as afterwards", async () => {
    const conversationId = await bench.conversation();
    const keys = [bench.id("m"), bench.id("m")];
    await bench.run((transaction) =>
      addMessages(
        transaction,
        conversationId,
        keys.map((key) => messageOf(key)),
        NOW,
      ),
    );
    const claimed = await bench.run((transaction) =>
      claimAndRead(transaction, { conversationId, ...AS_WORKER, now: NOW }),
    );
    assert.deepEqual([claimed?.lease.owner, claimed?.lease.unfinished], ["worker", 0]);
    const snapshot = claimed?.snapshot();
    assert.deepEqual(
      snapshot?.stored.map(({ message }) => message.key),
      keys,
    );
    assert.deepEqual(snapshot?.messageKeys, new Set(keys));
    assert.deepEqual(
      snapshot,
      await bench.run((transaction) => readSnapshot(transaction, conversationId, NOW)),
    );
    assert.equal(
      await bench.run((transaction) =>
        claimAndRead(transaction, { conversationId, owner: "another", leaseMs: 60_000 }),
      ),
      null,
    );
  });

  if (bench.kind === "postgres")
    test("that another commit changes while the claim waits is read as that commit left it", async () => {
      const conversationId = await bench.conversation();
      const key = bench.id("m");
      const changed = Promise.withResolvers<void>();
      const commits = Promise.withResolvers<void>();
      const other = bench.run(async (transaction) => {
        const owned = { owner: "human", ownerReason: toldReason("a click") } as const;
        await updateConversation(transaction, conversationId, owned, NOW);
        await addMessages(transaction, conversationId, [messageOf(key)], NOW);
        changed.resolve();
        await commits.promise;
      });
      await changed.promise;
      const claiming = bench.run((transaction) =>
        claimAndRead(transaction, { conversationId, ...AS_WORKER, now: NOW }),
      );
      while (
        (await bench.count(
          sql`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )) === 0
      )
        await delay(10);
      commits.resolve();
      await other;
      const claimed = await claiming;
      const { state, messageKeys } = claimed?.snapshot() ?? assert.fail("it was not claimed");
      assert.equal(state.owner, "human");
      assert.deepEqual(messageKeys, new Set([key]), "the owner is of now, the messages of before");
    });
});

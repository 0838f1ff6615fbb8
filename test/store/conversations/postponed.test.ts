/** Effects that wait for a target: how often and since when it was away is in the row. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { intend } from "#store/effects/intend.ts";
import { effectByKey, postponeEffect, settleEffect } from "#store/effects/ledger.ts";
import { later, NOW, onEveryDatabase, plannedRefund } from "#test/store/bench.ts";

onEveryDatabase("effects that wait", (bench) => {
  /** One of a conversation of its own, in this state. */
  async function effectIn(state: string): Promise<string> {
    const key = bench.id("refund");
    const conversationId = await bench.conversation();
    await bench.run((transaction) =>
      intend(transaction, [plannedRefund(key)], {
        conversationId,
        approvalId: null,
        turnId: null,
        bundle: bench.id("b"),
        revision: null,
        approvedBy: "person",
        notBefore: NOW,
        now: NOW,
      }),
    );
    await bench.execute(sql`update effect set state = ${state} where key = ${key}`);
    return key;
  }
  const effect = async (key: string) => {
    const found = await bench.run((transaction) => effectByKey(transaction, key));
    assert.ok(found);
    return found;
  };

  test("an effect whose target is away waits, counts how often and since when, and forgets it once it moves", async () => {
    const key = await effectIn("executing");
    for (const ms of [0, 1_000])
      await bench.run((transaction) =>
        postponeEffect(transaction, key, { until: later(ms + 500), error: "away", now: later(ms) }),
      );
    const waiting = await effect(key);
    assert.deepEqual(
      [waiting.state, waiting.awayCount, waiting.awaySince, waiting.notBefore, waiting.error],
      ["executing", 2, NOW, later(1_500), "away"],
    );
    await bench.run((transaction) =>
      settleEffect(transaction, key, { state: "intended", now: NOW }),
    );
    const moved = await effect(key);
    assert.deepEqual([moved.awayCount, moved.awaySince], [0, null]);
    const done = await effectIn("done");
    const before = await effect(done);
    await bench.run((transaction) =>
      postponeEffect(transaction, done, { until: later(1), error: "away", now: NOW }),
    );
    assert.deepEqual(await effect(done), before);
  });
});

/** The ledger: an effect is intended once, begun once, and what is final stays as it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { EffectState } from "#core/values/action.ts";
import { intend, type Intention } from "#store/effects/intend.ts";
import {
  beginEffect,
  effectByKey,
  moveEffect,
  withdraw,
  type Effect,
} from "#store/effects/ledger.ts";
import {
  intentionIn,
  later,
  NOW,
  onEveryDatabase,
  plannedRefund,
  type StoreBench,
} from "#test/store/bench.ts";

const STATES = EffectState.options;

const FACTS = [
  {
    orderId: "789",
    customerId: "u456",
    status: "delivered",
    paid: { minor: 12_000, currency: "USD" },
    refunded: { minor: 0, currency: "USD" },
    refundCount: 0,
    deliveredOn: null,
  },
];

/** Intends refunds under these keys, in a bundle of their own unless it is given. */
function intended(
  bench: StoreBench,
  keys: readonly string[],
  conversationId: string,
  changes: Partial<Intention> = {},
): Promise<readonly string[]> {
  return bench.run(
    intend,
    keys.map((key) => ({ ...plannedRefund(key), facts: FACTS })),
    intentionIn(bench, conversationId, { approvedBy: "person", ...changes }),
  );
}

async function effect(bench: StoreBench, key: string): Promise<Effect> {
  const found = await bench.run(effectByKey, key);
  assert.ok(found, `there is no effect ${key}`);
  return found;
}

/** An effect of a conversation of its own, moved to this state as a crash or a person would leave it. */
async function effectIn(bench: StoreBench, state: EffectState): Promise<string> {
  const key = bench.id("refund");
  await intended(bench, [key], await bench.conversation());
  await bench.execute(
    sql`update effect set state = ${state}, ref = 'first', error = 'before', attempts = 3 where key = ${key}`,
  );
  return key;
}

async function begin(bench: StoreBench, key: string, now = NOW): Promise<boolean> {
  const begun = await bench.run(beginEffect, key, { fence: 1, now });
  return begun !== null;
}

onEveryDatabase("the ledger", (bench) => {
  for (const state of STATES)
    test(`intending again what is ${state} ${isReopened(state) ? "takes it up again" : "changes nothing"}`, async () => {
      const key = await effectIn(bench, state);
      const before = await effect(bench, key);
      const other = await bench.conversation();
      const again = await intended(bench, [key], other);
      const after = await effect(bench, key);
      if (!isReopened(state)) {
        assert.deepEqual(again, []);
        assert.deepEqual(after, before);
        return;
      }
      assert.deepEqual(again, [key]);
      assert.equal(after.state, "intended");
      assert.deepEqual([after.ref, after.error, after.finishedAt], [null, null, null]);
      assert.deepEqual([after.conversationId, after.attempts], [other, 0]);
    });

  test("of many who intend the same key at once one does", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("refund")];
    const results = await Promise.all(
      Array.from({ length: 10 }, () => intended(bench, [key], conversation)),
    );
    assert.deepEqual(results.flat(), [key]);
  });

  test("nothing begins before its time", async () => {
    const key = bench.id("refund");
    await intended(bench, [key], await bench.conversation(), { notBefore: later(5_000) });
    assert.equal(await begin(bench, key, later(4_999)), false);
    assert.equal((await effect(bench, key)).state, "intended");
    assert.equal(await begin(bench, key, later(5_000)), true);
    const begun = await effect(bench, key);
    assert.deepEqual([begun.state, begun.attempts], ["executing", 1]);
  });

  for (const state of STATES.filter((one) => one !== "intended"))
    test(`nothing that is ${state} begins`, async () => {
      const key = await effectIn(bench, state);
      assert.equal(await begin(bench, key, later(60_000)), false);
      assert.equal((await effect(bench, key)).state, state);
    });

  test("of many who begin the same effect at once one does", async () => {
    const key = await effectIn(bench, "intended");
    const begun = await Promise.all(Array.from({ length: 10 }, () => begin(bench, key)));
    assert.equal(begun.filter(Boolean).length, 1);
    assert.equal((await effect(bench, key)).attempts, 4);
  });

  for (const state of STATES)
    test(`settling what is ${state} ${isFinal(state) ? "changes nothing" : "moves it"}`, async () => {
      const key = await effectIn(bench, state);
      const before = await effect(bench, key);
      await bench.run(moveEffect, key, {
        state: "done",
        ref: "second",
        error: "after",
        now: later(1_000),
      });
      const after = await effect(bench, key);
      if (isFinal(state)) assert.deepEqual(after, before);
      else
        assert.deepEqual(
          [after.state, after.ref, after.error, after.finishedAt],
          ["done", "second", "after", later(1_000)],
        );
    });

  for (const state of STATES)
    test(`withdrawing ${state === "intended" ? "takes back" : "leaves alone"} what is ${state}`, async () => {
      const key = await effectIn(bench, state);
      const taken = await bench.run(withdraw, { key }, "the customer wrote again", later(1_000));
      const after = await effect(bench, key);
      assert.deepEqual(taken, state === "intended" ? [key] : []);
      assert.equal(after.state, state === "intended" ? "withdrawn" : state);
      if (state === "intended")
        assert.deepEqual(
          [after.error, after.finishedAt],
          ["the customer wrote again", later(1_000)],
        );
    });

  test("what a target said is kept where PostgreSQL could not store a character of it", async () => {
    const error = "the shop said a\0b \uD800";
    const key = await effectIn(bench, "executing");
    await bench.run(moveEffect, key, { state: "intended", attempts: 1, error, now: NOW });
    assert.equal((await effect(bench, key)).error, "the shop said a\uFFFDb \uFFFD");
    const refused = await effectIn(bench, "executing");
    await bench.run(moveEffect, refused, { state: "failed", error, ref: "\0", now: NOW });
    assert.equal((await effect(bench, refused)).state, "failed");
  });

  test("withdrawing a bundle takes back the rest of it and nothing of another", async () => {
    const [conversation, bundle] = [await bench.conversation(), bench.id("b")];
    const keys = [bench.id("refund"), bench.id("reply"), bench.id("note")];
    await intended(bench, keys, conversation, { bundle });
    const apart = bench.id("refund");
    await intended(bench, [apart], conversation);
    await begin(bench, keys[0] ?? "");
    const taken = await bench.run(withdraw, { bundle }, "changed", NOW);
    assert.deepEqual(taken.toSorted(), keys.slice(1).toSorted());
    assert.equal((await effect(bench, apart)).state, "intended");
  });

  test("beginning and withdrawing at once: exactly one of them happens", async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = await effectIn(bench, "intended");
      const [begun, taken] = await Promise.all([
        begin(bench, key),
        bench.run(withdraw, { key }, "undo", NOW),
      ]);
      assert.notEqual(begun, taken.length === 1);
    }
  });
});

function isReopened(state: EffectState): boolean {
  return state === "withdrawn" || state === "failed";
}

function isFinal(state: EffectState): boolean {
  return state === "done" || state === "failed" || state === "withdrawn";
}

/** Limits hold for concurrent callers: what is booked never exceeds the count or the sum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import type { Reservation } from "#core/contracts/policy.ts";
import { reserve, limitUsage, addUpUsage } from "#store/effects/usage.ts";
import { readSnapshot } from "#store/conversations/read-snapshot.ts";
import { combinedPause, holdOnEffect } from "#store/effects/pause.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { saveTrace } from "#test/support/stored-rows.ts";

function limit(name: string, changes: Partial<Reservation> = {}): Reservation {
  return {
    limit: name,
    subject: "u456",
    minor: 900,
    since: NOW.toISOString(),
    countMax: null,
    minorMax: null,
    ...changes,
  };
}

function book(
  bench: StoreBench,
  key: string,
  reservations: readonly Reservation[],
  at = NOW,
): Promise<boolean> {
  return bench.run(reserve, [{ key, reservations }], at);
}

async function used(bench: StoreBench, name: string, subject = "u456", since = NOW) {
  const usage = await bench.run(limitUsage, [{ limit: name, subject, since }]);
  return usage[name];
}

onEveryDatabase("limits", (bench) => {
  for (const [what, most, use] of [
    ["who ask at once", { countMax: 1 }, { count: 1, minor: 900 }],
    ["amounts at once", { minor: 700, minorMax: 5_000 }, { count: 7, minor: 4_900 }],
  ] as const)
    test(`of fifty ${what} over connections of their own, as many get in as the limit has room for`, async () => {
      const name = bench.id("limit");
      const results = await bench.overManyConnections((run) =>
        Array.from({ length: 50 }, (_, index) =>
          run(index, (transaction) =>
            reserve(
              transaction,
              [{ key: `${name}:${index}`, reservations: [limit(name, most)] }],
              NOW,
            ),
          ),
        ),
      );
      assert.equal(results.filter(Boolean).length, use.count);
      assert.deepEqual(await used(bench, name), use);
    });

  test("an effect books all of its limits or none", async () => {
    const [wide, narrow] = [bench.id("limit"), bench.id("limit")];
    await book(bench, bench.id("refund"), [limit(narrow, { countMax: 1 })]);
    const both = [limit(wide, { countMax: 9 }), limit(narrow, { countMax: 1 })];
    assert.equal(await book(bench, bench.id("refund"), both), false);
    assert.deepEqual(await used(bench, wide), { count: 0, minor: 0 });
    assert.deepEqual(await used(bench, narrow), { count: 1, minor: 900 });
  });

  test("what was booked under a bare address before counts for who is known by that address", async () => {
    const name = bench.id("limit");
    await book(bench, bench.id("refund"), [limit(name, { subject: "carl@customer.test" })]);
    assert.deepEqual(await used(bench, name, "email:carl@customer.test"), { count: 1, minor: 900 });
    // The booking itself asks, too: a limit of one is used up.
    const again = limit(name, { subject: "email:carl@customer.test", countMax: 1 });
    assert.equal(await book(bench, bench.id("refund"), [again]), false);
  });

  test("each customer has a limit of their own", async () => {
    const name = bench.id("limit");
    const one = (subject: string) =>
      book(bench, bench.id("refund"), [limit(name, { subject, countMax: 1 })]);
    assert.deepEqual(
      [await one("u123"), await one("u456"), await one("u123")],
      [true, true, false],
    );
  });

  test("what was booked before the window opened does not count any more", async () => {
    const name = bench.id("limit");
    await book(bench, bench.id("refund"), [limit(name)], later(-1));
    assert.deepEqual(await used(bench, name), { count: 0, minor: 0 });
    await book(bench, bench.id("refund"), [limit(name)], NOW);
    assert.deepEqual(await used(bench, name), { count: 1, minor: 900 });
    assert.equal(await book(bench, bench.id("refund"), [limit(name, { countMax: 1 })]), false);
    const nextDay = [limit(name, { countMax: 1, since: later(1).toISOString() })];
    assert.equal(await book(bench, bench.id("refund"), nextDay, later(2)), true);
  });

  test("sums beyond 32 bits are counted", async () => {
    const name = bench.id("limit");
    await bench.execute(
      sql`insert into reservation (effect_key, limit_name, subject, minor, at)
          select 'many_' || n, ${name}, 'all', 100000000, ${NOW.toISOString()} from generate_series(1, 50) n`,
    );
    assert.deepEqual(await used(bench, name, "all"), { count: 50, minor: 5_000_000_000 });
  });
});

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

onEveryDatabase("what turns used", (bench) => {
  const usedOfDay = async (conversationId: string, now: Date) => {
    const snapshot = await bench.run(readSnapshot, conversationId, now);
    return snapshot?.used.ofDay;
  };
  const save = (conversationId: string, at: Date, steps: number) =>
    bench.run(
      saveTrace,
      traceWith({
        request_id: bench.id("t"),
        conversation_id: conversationId,
        started_at: at.toISOString(),
        steps,
        output_tokens: 7,
        cost_usd: 0.25,
        latency_ms: 1_000,
      }),
    );
  const rows = () => bench.count(sql`select count(*) from turn_usage`);

  test("keeps its sum when its rows become few, also beside turns that end meanwhile", async () => {
    const id = await bench.conversation();
    for (const minute of [0, 1, 2, 30, 31]) await save(id, later(minute * MINUTE_MS), 2);
    const now = later(60 * MINUTE_MS);
    const sum = { steps: 10, outputTokens: 35, usd: 1.25, ms: 5_000 };
    assert.deepEqual(await usedOfDay(id, now), sum);
    assert.equal(await rows(), 5);
    await bench.run(addUpUsage, now);
    assert.deepEqual(await usedOfDay(id, now), sum);
    assert.equal(await rows(), 2);
    await bench.overManyConnections((run) =>
      Array.from({ length: 12 }, (_, index) =>
        run(index, async (transaction) => {
          if (index % 3 === 0) await addUpUsage(transaction, now);
          else
            await saveTrace(
              transaction,
              traceWith({
                request_id: bench.id("t"),
                conversation_id: id,
                started_at: NOW.toISOString(),
                steps: 1,
              }),
            );
        }),
      ),
    );
    assert.equal((await usedOfDay(id, now))?.steps, 18);
  });

  test("counts for a day, and is forgotten when no day looks back that far", async () => {
    const id = await bench.conversation();
    const at = later(10 * DAY_MS);
    await save(id, at, 5);
    assert.equal((await usedOfDay(id, new Date(at.getTime() + DAY_MS - MINUTE_MS)))?.steps, 5);
    const after = new Date(at.getTime() + DAY_MS + 10 * MINUTE_MS);
    assert.equal((await usedOfDay(id, after))?.steps, 0);
    await bench.run(addUpUsage, new Date(at.getTime() + 3 * DAY_MS));
    assert.equal(await rows(), 0);
  });
});

onEveryDatabase("a pause by topic", (bench) => {
  test("an effect is held by its own turn's topic; without one, by the latest of its conversation", async () => {
    const conversationId = await bench.conversation();
    const turn = async (topic: string, ms: number): Promise<string> => {
      const id = bench.id("t");
      const row = { request_id: id, conversation_id: conversationId, topic };
      const trace = traceWith({ ...row, started_at: later(ms).toISOString() });
      await bench.run(saveTrace, trace);
      return id;
    };
    const refund = await turn("refund", 0);
    const address = await turn("address", 1_000);
    const silent = await turn("", 2_000);
    const pause = combinedPause([{ scope: "topic:refund", by: "Sam" }]);
    const isHeld = (turnId: string | null): Promise<boolean> =>
      bench.run(async (transaction) => {
        const effect = { conversationId, turnId, bundle: bench.id("b") };
        return (await holdOnEffect(transaction, pause, "email", effect)) !== null;
      });
    assert.deepEqual(
      [await isHeld(refund), await isHeld(address), await isHeld(silent), await isHeld(null)],
      [true, false, false, false],
    );
    await turn("refund", 3_000);
    assert.deepEqual(
      [await isHeld(address), await isHeld(silent), await isHeld(null)],
      [false, true, true],
    );
  });
});

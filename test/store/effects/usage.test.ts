/** What turns used is added up by ten minutes, and the sums stay the same however many rows hold them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSnapshot } from "#store/conversations/read-snapshot.ts";
import { sql } from "#store/db/drizzle.ts";
import { addUpUsage } from "#store/effects/usage.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { later, NOW, onEveryDatabase } from "#test/store/bench.ts";
import { saveTrace } from "#test/support/stored-rows.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

onEveryDatabase("what turns used", (bench) => {
  const usedOfDay = async (conversationId: string, now: Date) => {
    const snapshot = await bench.run((transaction) =>
      readSnapshot(transaction, conversationId, now),
    );
    return snapshot?.used.ofDay;
  };
  const save = (conversationId: string, at: Date, steps: number) =>
    bench.run((transaction) =>
      saveTrace(
        transaction,
        traceWith({
          request_id: bench.id("t"),
          conversation_id: conversationId,
          started_at: at.toISOString(),
          steps,
          output_tokens: 7,
          cost_usd: 0.25,
          latency_ms: 1_000,
        }),
      ),
    );
  const rows = () => bench.count(sql`select count(*) from turn_usage`);

  test("keeps its sum when its rows become few, also beside turns that end meanwhile", async () => {
    const id = await bench.conversation();
    for (const minute of [0, 1, 2, 30, 31]) await save(id, later(minute * MINUTE_MS), 2);
    const now = later(60 * MINUTE_MS);
    const sum = { steps: 10, outputTokens: 35, usd: 1.25, ms: 5_000 };
    assert.deepEqual(await usedOfDay(id, now), sum);
    assert.equal(await rows(), 5);
    await bench.run((transaction) => addUpUsage(transaction, now));
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
    await bench.run((transaction) => addUpUsage(transaction, new Date(at.getTime() + 3 * DAY_MS)));
    assert.equal(await rows(), 0);
  });
});

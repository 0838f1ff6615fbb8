/** The reconciler's leader puts waiting audit entries into the chain every second, and only the leader does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startReconciler, type Notifier } from "#jobs/worker/reconciler.ts";
import { createWorkerState } from "#jobs/worker/worker-state.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { sealAudit, SEALED_AT_ONCE } from "#store/audit/pending-entries.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { until } from "#test/support/waiting.ts";
import { recordAudit } from "#test/support/stored-rows.ts";

const queue: Notifier = { wakeAnyway: async () => undefined, oldestMs: async () => 0 };

const record = (bench: JobBench, ...keys: readonly string[]): Promise<void> =>
  bench.parts.store.run((transaction) =>
    recordAudit(
      transaction,
      keys.map((key) => ({ kind: "done", data: { key } })),
      bench.now(),
    ),
  );

const verify = ({ parts }: JobBench) => parts.store.run(verifyAudit);

onDesk("entries that wait for their place in the audit", (bench) => {
  test("are sealed by the leader, those of the next second as well", async () => {
    const before = await verify(bench);
    await record(bench, "one", "two");
    const reconciler = startReconciler(bench.parts, queue);
    try {
      for (const keys of [["three"], ["four", "five"]]) {
        await until("the seal", async () => (await verify(bench)).waiting === 0);
        await record(bench, ...keys);
      }
      await until("the last seal", async () => (await verify(bench)).waiting === 0);
    } finally {
      await reconciler.stop();
    }
    const after = await verify(bench);
    assert.deepEqual([after.entries - before.entries, after.brokenAt], [5, null]);
  });

  test("are all sealed with one tick, also when they are more than one batch", async () => {
    const keys = Array.from({ length: SEALED_AT_ONCE + 20 }, (_, index) => `entry ${index}`);
    const before = await verify(bench);
    await record(bench, ...keys);
    await startReconciler(bench.parts, queue).stop();
    const after = await verify(bench);
    assert.deepEqual(
      [after.entries - before.entries, after.waiting, after.brokenAt],
      [keys.length, 0, null],
    );
  });

  test("are left to the leader by every other process", async () => {
    await bench.parts.store.run((transaction) =>
      transaction.execute(
        sql`insert into duty (name, holder, until)
            values ('reconciler', 'another process', now() + interval '1 minute')
            on conflict (name) do update set holder = excluded.holder, until = excluded.until`,
      ),
    );
    await record(bench, "one");
    const counts = createWorkerState();
    const rounds = { begun: 0 };
    const takeCounts = () => {
      rounds.begun += 1;
      return counts.takeCounts();
    };
    const reconciler = startReconciler(bench.parts, queue, { takeCounts });
    await until("a round to be over and another one to begin", async () => rounds.begun > 1);
    await reconciler.stop();
    assert.equal((await verify(bench)).waiting, 1);
    assert.equal(await sealAudit(bench.parts.store), 1);
  });

  test("that cannot be sealed now hold up nothing else, and are sealed a second after they can", async () => {
    await record(bench, "one");
    const waits = sql`alter table audit rename to audit_away`;
    const again = sql`alter table audit_away rename to audit`;
    const run = (statement: typeof waits) =>
      bench.parts.store.run((transaction) => transaction.execute(statement));
    const ticks = { count: 0 };
    const counting: Notifier = {
      ...queue,
      oldestMs: async () => {
        ticks.count += 1;
        return 0;
      },
    };
    // Mail that waits is looked at with every tick.
    await run(sql`with opened as (
      insert into conversation (id, channel, created_at, updated_at) values ('waits', 'email', now(), now()) returning id)
      insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
      select 'email', 'waits', id, 'message', '{}', now() from opened`);
    await run(waits);
    const reconciler = startReconciler(bench.parts, counting);
    try {
      await until("three ticks", async () => ticks.count >= 3);
      await run(again);
      await until("the seal", async () => (await verify(bench)).waiting === 0);
    } finally {
      await reconciler.stop();
    }
  });
});

/** A wake that only a newer version can read, in Redis after going back a version. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { Queue } from "bullmq";
import { openQueue } from "#jobs/queue/queue.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { redisMissing, startRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";

const SECOND = 1_000;

onDesk("beside one wake of a newer version", (bench) => {
  test("what waits is still found", { skip: redisMissing }, async () => {
    const redis = await startRedis();
    const queue = await openQueue({ url: redis.url, log: silentLog, drainedS: 1 });
    const heard: string[] = [];
    queue.work(async (id) => void heard.push(id), 2);
    const port = Number(new URL(redis.url).port);
    const newer = new Queue("wake", {
      connection: { host: "127.0.0.1", port },
      prefix: "deskhand",
    });
    try {
      // Sent ten minutes ago by a newer version that was stopped since.
      await newer.add(
        "wake",
        { conversationId: "c_newer", version: 2 },
        {
          timestamp: Date.now() - 600 * SECOND,
          deduplication: { id: "c_newer.now", keepLastIfActive: true },
          removeOnComplete: true,
          removeOnFail: true,
        },
      );
      await until("it to be dropped", async () => (await newer.getJobCountByTypes()) === 0);
      // Its notification was lost five minutes ago.
      const id = await arrive(bench, "hello", { agoMs: 300 * SECOND });
      const reconciler = startReconciler(bench.parts, queue);
      await delay(8 * SECOND);
      await reconciler.stop();
      assert.deepEqual(
        { found: heard.includes(id), behindSeconds: Math.round((await queue.oldestMs()) / SECOND) },
        { found: true, behindSeconds: 0 },
      );
    } finally {
      await newer.close();
      await queue.close(1_000);
      await redis.stop();
    }
  });
});

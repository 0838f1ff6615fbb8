/** Wakes of two versions in one queue: a worker takes what it can read, and what only a newer one can read stays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue, Worker } from "bullmq";
import { openQueue } from "#jobs/queue/queue.ts";
import { freshRedis, redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PREFIX = "rings";

test(
  "a wake with fields of a newer version is taken, and one of a newer version waits for its worker",
  { skip: redisMissing },
  async (context) => {
    const redis = await freshRedis();
    const connection = { url: redis.url };
    const raw = new Queue("wake", { connection, prefix: PREFIX });
    const ours = await openQueue({ url: redis.url, log, prefix: PREFIX });
    const closing = { ours: () => ours.close(1_000) };
    context.after(async () => {
      await closing.ours();
      await raw.close();
      await redis.drop();
    });
    const taken: string[] = [];
    ours.work(async (conversationId) => void taken.push(conversationId), 2);
    const once = { removeOnComplete: true, removeOnFail: true };
    await raw.add("wake", { version: 2, conversations: ["c_new"] }, once);
    await raw.add("wake", { version: 1, conversationId: "c_first" }, once);
    await raw.add("wake", { version: 1, conversationId: "c_more", urgent: true }, once);
    await ours.wake("c_own", 0);
    await until("three rings", async () => taken.length === 3);
    assert.deepEqual(taken.toSorted(), ["c_first", "c_more", "c_own"]);
    await until("the newer wake to be put back", async () => (await raw.getDelayedCount()) === 1);
    await ours.close(1_000);
    closing.ours = async () => undefined;

    const newer: unknown[] = [];
    const worker = new Worker("wake", async (job) => void newer.push(job.data), {
      connection,
      prefix: PREFIX,
    });
    await until("the newer worker", async () => newer.length === 1);
    await worker.close();
    assert.deepEqual(newer, [{ version: 2, conversations: ["c_new"] }]);
    assert.equal(taken.length, 3);
  },
);

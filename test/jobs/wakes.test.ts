/** Wakes: none is lost and none repeated, in one process, between processes and between versions. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { freshRedis, redisMissing, type FreshRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

/** An idle worker never looks by itself, so that every wake was told to it. */
const DRAINED_S = 3_600;

describe("wakes", { skip: redisMissing }, () => {
  const opened: { redis?: FreshRedis; client?: Redis } = {};
  const closing: (() => Promise<unknown>)[] = [];
  const redis = (): FreshRedis => opened.redis ?? assert.fail("no Redis");
  const client = (): Redis => opened.client ?? assert.fail("no client");
  beforeEach(async () => {
    opened.redis = await freshRedis();
    opened.client = new Redis(redis().url);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
    client().disconnect();
    await redis().drop();
  });

  async function open(): Promise<WakeQueue> {
    const queue = await openQueue({ url: redis().url, log: silentLog, drainedS: DRAINED_S });
    closing.push(() => queue.close(500));
    return queue;
  }

  /** A process that works on so many conversations at once and keeps each until it is let go. */
  async function worker(concurrency: number) {
    const queue = await open();
    const seen: { readonly id: string; readonly at: number }[] = [];
    const held = new Set<string>();
    closing.push(async () => held.clear());
    queue.work(async (id) => {
      seen.push({ id, at: Date.now() });
      while (held.has(id)) await delay(10);
    }, concurrency);
    const times = (id: string): number => seen.filter((one) => one.id === id).length;
    const hears = (id: string, count = 1) =>
      until(`${id} to be heard ${count} times`, async () => times(id) >= count);
    return { queue, seen, held, times, hears };
  }

  /** What is left of jobs; BullMQ's other scripts keep the rest. */
  const keys = async (): Promise<readonly string[]> => {
    const all = await client().keys("deskhand:wake:*");
    return all
      .map((key) => key.slice("deskhand:wake:".length))
      .filter(
        (key) => !["meta", "id", "stalled-check", "stalled", "marker", "events"].includes(key),
      )
      .toSorted((one, other) => (one < other ? -1 : 1));
  };

  const nothingIsLeft = () => until("nothing to be left", async () => (await keys()).length === 0);

  test("leave nothing behind when all is done", async () => {
    const { queue, hears } = await worker(4);
    await queue.wake("c_1", 0);
    await queue.wake("c_2", 50);
    await queue.wakeAnyway("c_3");
    for (const id of ["c_1", "c_2", "c_3"]) await hears(id);
    await nothingIsLeft();
  });

  test("keep one wake of each kind while a worker is at work, the later one with its delay", async () => {
    const { queue, seen, held, times, hears } = await worker(4);
    held.add("c_1");
    await queue.wake("c_1", 20);
    await hears("c_1");
    for (let count = 0; count < 5; count += 1) await queue.wake("c_1", 300);
    const released = Date.now();
    held.delete("c_1");
    await hears("c_1", 2);
    await nothingIsLeft();
    assert.equal(times("c_1"), 2);
    const again = seen[1]?.at ?? 0;
    assert.ok(again - released >= 290, `${again - released} ms`);
  });

  test("bring a delayed wake when it is due, not before", async () => {
    const { queue, seen, hears } = await worker(2);
    const due = Date.now() + 100;
    await queue.wake("c_1", 100);
    await hears("c_1");
    assert.ok((seen[0]?.at ?? 0) >= due - 5);
  });

  test("with fields of a newer version are taken, and one of a newer version waits for its worker", async () => {
    const connection = { url: redis().url };
    const raw = new Queue("wake", { connection, prefix: "deskhand" });
    closing.push(() => raw.close());
    const { queue, seen, hears } = await worker(2);
    const once = { removeOnComplete: true, removeOnFail: true };
    await raw.add("wake", { version: 2, conversations: ["c_new"] }, once);
    await raw.add("wake", { version: 1, conversationId: "c_first" }, once);
    await raw.add("wake", { version: 1, conversationId: "c_more", urgent: true }, once);
    await queue.wake("c_own", 0);
    for (const id of ["c_first", "c_more", "c_own"]) await hears(id);
    await until("the newer wake to be put back", async () => (await raw.getDelayedCount()) === 1);
    await queue.close(1_000);

    const newer: unknown[] = [];
    const newerWorker = new Worker("wake", async (job) => void newer.push(job.data), {
      connection,
      prefix: "deskhand",
    });
    await until("the newer worker", async () => newer.length === 1);
    await newerWorker.close();
    assert.deepEqual(newer, [{ version: 2, conversations: ["c_new"] }]);
    assert.equal(seen.length, 3);
  });
});

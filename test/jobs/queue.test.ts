/** The wake queue on a real Redis: a notification arrives, also after the Redis was killed, emptied or hung. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { redisMissing, startRedis, type OwnRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

/** Promised: work goes on within this time after Redis is back. */
const BACK_MS = 5_000;

const isUnavailable = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "queue.unavailable";

describe("the wake queue", { skip: redisMissing, timeout: 120_000 }, () => {
  const opened: { redis?: OwnRedis; queue?: WakeQueue; client?: Redis } = {};
  const heard: string[] = [];
  /** Conversations whose handler waits until they are taken out. */
  const held = new Set<string>();
  const active = { now: 0, most: 0 };
  const redis = (): OwnRedis => opened.redis ?? assert.fail("no Redis");
  const queue = (): WakeQueue => opened.queue ?? assert.fail("no queue");
  const client = (): Redis => opened.client ?? assert.fail("no client");

  before(async () => {
    opened.redis = await startRedis();
    opened.queue = await openQueue({ url: redis().url, log: silentLog });
    opened.client = new Redis(redis().url, {
      retryStrategy: () => 100,
      maxRetriesPerRequest: null,
    });
    opened.client.on("error", () => undefined);
    queue().work(async (id, notifiedBy) => {
      active.now += 1;
      active.most = Math.max(active.most, active.now);
      heard.push(`${id} ${notifiedBy}`);
      while (held.has(id)) await delay(10);
      active.now -= 1;
    }, 2);
  });
  after(async () => {
    opened.client?.disconnect();
    await opened.queue?.close(1_000);
    await opened.redis?.stop();
  });

  const times = (id: string): number => heard.filter((one) => one.startsWith(`${id} `)).length;
  const hears = (id: string, count = 1, withinMs = 10_000): Promise<unknown> =>
    until(`${id} to be heard`, async () => times(id) >= count, withinMs);

  test("however many notifications come while a worker is at work, there is one more wake, after that one", async () => {
    held.add("many");
    await queue().wake("many", 0);
    await hears("many");
    active.most = 0;
    for (let count = 0; count < 50; count += 1) await queue().wake("many", 0);
    held.delete("many");
    await hears("many", 2);
    await queue().wake("after many", 0);
    await hears("after many");
    assert.equal(times("many"), 2);
  });

  test("says where a wake came from, and how long the oldest job that could run has waited", async () => {
    assert.equal(await queue().oldestMs(), 0);
    await queue().wake("in a minute", 60_000);
    assert.equal(await queue().oldestMs(), 0, "a delay is no waiting");
    for (const id of ["one", "two"]) {
      held.add(id);
      await queue().wake(id, 0);
      await hears(id);
    }
    await queue().wakeAnyway("third");
    await queue().wake("fourth", 50);
    await delay(400);
    const waited = await queue().oldestMs();
    assert.ok(waited >= 350 && waited < 10_000, `${waited} ms`);
    held.clear();
    await hears("third");
    await hears("fourth");
    assert.ok(heard.includes("third reconciler"));
    assert.ok(heard.includes("fourth queue"));
  });

  test("a key that an outage left behind keeps its conversation's notifications back, but not its wake", async () => {
    // A job that is in no list any more.
    await client().hset("deskhand:wake:stray.now", "name", "wake");
    await queue().wake("stray", 0);
    await queue().wakeAnyway("stray");
    await hears("stray");
    assert.deepEqual(
      heard.filter((one) => one.startsWith("stray")),
      ["stray reconciler"],
    );
    await client().del("deskhand:wake:stray.now");
  });

  test("emptied while a worker is at work, it keeps notifying", async () => {
    held.add("busy");
    await queue().wake("busy", 0);
    await hears("busy");
    await client().flushall();
    held.delete("busy");
    await queue().wake("after the flush", 0);
    await queue().wake("busy", 0);
    await hears("after the flush", 1, BACK_MS);
    await hears("busy", 2, BACK_MS);
  });

  test("killed and started again, work goes on within five seconds", async () => {
    await redis().kill();
    const began = performance.now();
    await assert.rejects(queue().wake("while it is away", 0), isUnavailable);
    assert.ok(performance.now() - began < 4_000);
    // Long enough for every pause between tries to reach its end.
    await delay(4_000);
    await redis().restart();
    const back = performance.now();
    await until(
      "a wake to be taken",
      () =>
        queue()
          .wake("back", 0)
          .then(
            () => true,
            () => false,
          ),
      BACK_MS,
    );
    await hears("back", 1, BACK_MS);
    assert.ok(performance.now() - back < BACK_MS, `${performance.now() - back} ms`);
  });

  test("hung, a wake is refused within two seconds, and accepted again after it", async () => {
    redis().freeze();
    try {
      const began = performance.now();
      await assert.rejects(queue().wake("while it hangs", 0), isUnavailable);
      assert.ok(performance.now() - began < 4_000);
      // Longer than a worker's lock on its job and than its wait for the next one.
      await delay(11_000);
    } finally {
      redis().thaw();
    }
    const back = performance.now();
    await until(
      "a wake to be taken",
      () =>
        queue()
          .wake("thawed", 0)
          .then(
            () => true,
            () => false,
          ),
      BACK_MS,
    );
    await hears("thawed", 1, BACK_MS);
    assert.ok(performance.now() - back < BACK_MS, `${performance.now() - back} ms`);
  });

  test("full, it refuses wakes by name instead of losing them", async () => {
    await client().config("SET", "maxmemory", "1");
    try {
      await assert.rejects(queue().wake("full", 0), isUnavailable);
    } finally {
      await client().config("SET", "maxmemory", "0");
    }
    await queue().wake("room again", 0);
    await hears("room again");
  });
});

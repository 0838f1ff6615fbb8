/** The scripts of a wake keep BullMQ's promises: nothing is lost beside them, between workers or between versions. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { WakePayload } from "#jobs/worker/wake-payload.ts";
import { freshRedis, redisMissing, type FreshRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

/** An idle worker looks by itself after five seconds; what comes sooner was told to it. */
const TOLD_MS = 4_000;

/** A lock of ten seconds and three checks, one every ten seconds, with time to spare. */
const TAKEN_OVER_MS = 60_000;

describe("the scripts of a wake", { skip: redisMissing, timeout: 120_000 }, () => {
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
    const queue = await openQueue({ url: redis().url, log: silentLog });
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
    const hears = (id: string, count = 1, withinMs = TOLD_MS) =>
      until(`${id} to be heard ${count} times`, async () => times(id) >= count, withinMs);
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

  /** Stores jobs that wait, without the marker that tells workers of them. */
  function stored(ids: readonly string[]) {
    const adding = client().multi();
    for (const id of ids)
      adding
        .hset(`deskhand:wake:${id}.now`, {
          name: "wake",
          data: JSON.stringify(WakePayload.encode({ conversationId: id })),
          opts: "{}",
          timestamp: Date.now(),
        })
        .lpush("deskhand:wake:wait", `${id}.now`);
    return adding;
  }

  test("leave nothing behind when all is done", async () => {
    const { queue, hears } = await worker(4);
    await queue.wake("c_1", 0);
    await queue.wake("c_2", 50);
    await queue.wakeAnyway("c_3");
    for (const id of ["c_1", "c_2", "c_3"]) await hears(id);
    await until("nothing to be left", async () => (await keys()).length === 0);
  });

  test("keep one wake of each kind while a worker is at work, the later one with its delay", async () => {
    const { queue, seen, held, times, hears } = await worker(4);
    held.add("c_1");
    await queue.wake("c_1", 20);
    await hears("c_1");
    for (let count = 0; count < 5; count += 1) await queue.wake("c_1", 700);
    const released = Date.now();
    held.delete("c_1");
    await hears("c_1", 2);
    await delay(200);
    assert.equal(times("c_1"), 2);
    const again = seen[1]?.at ?? 0;
    assert.ok(again - released >= 690, `${again - released} ms`);
    await until("nothing to be left", async () => (await keys()).length === 0);
  });

  test("keep a wake that waits as it is: a second one neither repeats it nor makes it look younger", async () => {
    const producing = await open();
    await producing.wake("c_1", 0);
    await delay(300);
    await producing.wake("c_1", 0);
    assert.ok((await producing.oldestMs()) >= 300);
    const { times, hears } = await worker(1);
    await hears("c_1");
    await delay(200);
    assert.equal(times("c_1"), 1);
  });

  test("wake as many workers as there are jobs, also when one notice stands for several", async () => {
    const workers = [await worker(1), await worker(1), await worker(1)];
    await delay(300);
    const ids = ["c_1", "c_2", "c_3"];
    for (const { held } of workers) for (const id of ids) held.add(id);
    await stored(ids).zadd("deskhand:wake:marker", 0, "0").exec();
    await until(
      "each worker to have one",
      async () => workers.every(({ seen }) => seen.length === 1),
      TOLD_MS,
    );
    for (const { held } of workers) held.clear();
  });

  test("run delayed wakes in the order they are due, those due at once together, beside one that comes now", async () => {
    const { queue, seen, hears } = await worker(1);
    await queue.wake("third", 900);
    await queue.wake("first", 300);
    await queue.wake("second", 600);
    await queue.wake("now", 0);
    await hears("third");
    assert.deepEqual(
      seen.map(({ id }) => id),
      ["now", "first", "second", "third"],
    );
    const ids = Array.from({ length: 20 }, (_, index) => `together ${index}`);
    await Promise.all(ids.map((id) => queue.wake(id, 100)));
    for (const id of ids) await hears(id);
  });

  test("tell a waiting worker of a wake that comes just after it took the last one at the end of another", async () => {
    const { queue, held, hears, times } = await worker(3);
    for (let round = 0; round < 5; round += 1) {
      const [ends, taken, comes] = [`ends ${round}`, `taken ${round}`, `comes ${round}`];
      held.add(ends).add(taken);
      await queue.wake(ends, 0);
      await hears(ends);
      await delay(100);
      // A job whose marker another process took, which has no room for it.
      await stored([taken]).exec();
      held.delete(ends);
      while (times(taken) === 0) await delay(1);
      await queue.wake(comes, 0);
      await hears(comes);
      held.delete(taken);
    }
  });

  test("bring a delayed wake when it is due, not at the next whole second", async () => {
    const { queue, seen, hears } = await worker(2);
    const late: number[] = [];
    for (let index = 0; index < 7; index += 1) {
      const due = Date.now() + 250;
      await queue.wake(`c_${index}`, 250);
      await hears(`c_${index}`);
      late.push((seen.at(-1)?.at ?? Number.NaN) - due);
    }
    const [, , , median = 0] = late.toSorted((one, other) => one - other);
    assert.ok(median >= -5 && median < 400, `${late.join(", ")} ms`);
  });

  test("mark when the first delayed wake is due, also when it was sent after a later one", async () => {
    const queue = await open();
    const sent = Date.now();
    await queue.wake("last", 50_000);
    await queue.wake("first", 20_000);
    await queue.wake("second", 30_000);
    const marked = Number(await client().zscore("deskhand:wake:marker", "1")) - sent;
    assert.ok(marked >= 19_990 && marked < 25_000, `${marked} ms`);
  });

  test("give the job of a worker that is gone to another one", async () => {
    const gone = await worker(1);
    gone.held.add("c_1");
    await gone.queue.wake("c_1", 0);
    await gone.hears("c_1");
    // Its connections end while it is at work, so that it can neither finish the job nor keep its lock.
    await gone.queue.close(0);
    const other = await worker(1);
    await other.hears("c_1", 1, TAKEN_OVER_MS);
    gone.held.clear();
    await until("nothing to be left", async () => (await keys()).length === 0);
    await other.queue.wake("c_1", 0);
    await other.hears("c_1", 2);
  });

  test("leave a job alone whose lock another worker has", async () => {
    const { queue, held, hears, times } = await worker(1);
    held.add("c_1");
    await queue.wake("c_1", 0);
    await hears("c_1");
    await client().set("deskhand:wake:c_1.now:lock", "another worker", "PX", 60_000);
    held.delete("c_1");
    await queue.wake("c_2", 0);
    await hears("c_2", 1, 10_000);
    assert.equal(times("c_1"), 1);
    assert.deepEqual(await client().lrange("deskhand:wake:active", 0, -1), ["c_1.now"]);
    assert.equal(await client().exists("deskhand:wake:c_1.now"), 1);
  });

  test("end jobs that a process of an older version added, with the wake it kept and its key", async () => {
    const { held, hears, times } = await worker(2);
    const older = new Queue("wake", { connection: { url: redis().url }, prefix: "deskhand" });
    closing.push(() => older.close());
    const add = () =>
      older.add("wake", WakePayload.encode({ conversationId: "c_1" }), {
        deduplication: { id: "c_1.now", keepLastIfActive: true },
        removeOnComplete: true,
        removeOnFail: true,
      });
    held.add("c_1");
    await add();
    await hears("c_1");
    await add();
    await add();
    held.delete("c_1");
    await hears("c_1", 2);
    await until("nothing to be left", async () => (await keys()).every((key) => key === "events"));
    assert.equal(times("c_1"), 2);
    await add();
    await hears("c_1", 3);
  });

  test("make jobs that a worker of an older version takes and ends", async () => {
    const queue = await open();
    const taken: unknown[] = [];
    const older = new Worker("wake", async (job) => void taken.push(job.data), {
      connection: { url: redis().url },
      prefix: "deskhand",
    });
    closing.push(() => older.close());
    await queue.wake("c_1", 0);
    await queue.wake("c_2", 100);
    await queue.wakeAnyway("c_3");
    await until("three wakes", async () => taken.length === 3, TOLD_MS);
    await until("nothing to be left", async () => (await keys()).every((key) => key === "events"));
    await queue.wake("c_1", 0);
    await until("a fourth wake", async () => taken.length === 4, TOLD_MS);
  });

  test("take conversations by whatever name", async () => {
    const { queue, hears } = await worker(2);
    for (const id of ["a:b:c", "17", "chat:u1/ü %3A", "w1"]) {
      await queue.wake(id, 0);
      await hears(id);
    }
  });
});

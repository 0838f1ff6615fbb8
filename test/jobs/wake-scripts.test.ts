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

/** An idle worker never looks by itself, so that every wake was told to it. */
const DRAINED_S = 3_600;

const AN_HOUR_MS = 3_600_000;

describe("the scripts of a wake", { skip: redisMissing }, () => {
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

  /** So many workers wait for a job. */
  async function wait(count: number): Promise<void> {
    const database = new URL(redis().url).pathname.slice(1) || "0";
    await until(`${count} workers to wait`, async () => {
      const lines = String(await client().client("LIST", "TYPE", "NORMAL")).split("\n");
      const blocked = lines.filter(
        (line) => line.includes(` db=${database} `) && / flags=\w*b/.test(line),
      );
      return blocked.length === count;
    });
  }

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

  test("keep a wake that waits as it is: a second one neither repeats it nor makes it look younger", async () => {
    const producing = await open();
    await producing.wake("c_1", 0);
    await client().hset("deskhand:wake:c_1.now", "timestamp", Date.now() - AN_HOUR_MS);
    await producing.wake("c_1", 0);
    assert.ok((await producing.oldestMs()) >= AN_HOUR_MS);
    const { times, hears } = await worker(1);
    await hears("c_1");
    await nothingIsLeft();
    assert.equal(times("c_1"), 1);
  });

  test("wake as many workers as there are jobs, also when one notice stands for several", async () => {
    const workers = [await worker(1), await worker(1), await worker(1)];
    await wait(3);
    const ids = ["c_1", "c_2", "c_3"];
    for (const { held } of workers) for (const id of ids) held.add(id);
    await stored(ids).zadd("deskhand:wake:marker", 0, "0").exec();
    await until("each worker to have one", async () =>
      workers.every(({ seen }) => seen.length === 1),
    );
    for (const { held } of workers) held.clear();
  });

  test("run delayed wakes in the order they are due, those due at once together, beside one that comes now", async () => {
    const { queue, seen, held, hears } = await worker(1);
    held.add("busy");
    await queue.wake("busy", 0);
    await hears("busy");
    for (const [id, delayMs] of [
      ["third", 600],
      ["first", 200],
      ["second", 400],
      ["now", 0],
    ] as const)
      await queue.wake(id, delayMs);
    // On a busy machine the one sent first may be due before the others.
    const due = await client().zrange("deskhand:wake:delayed", "0", "-1");
    held.delete("busy");
    for (const id of ["first", "second", "third"]) await hears(id);
    assert.deepEqual(
      seen.map(({ id }) => id),
      ["busy", "now", ...due.map((id) => id.replace(".later", ""))],
    );
    assert.equal(due.length, 3);
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
      await wait(1);
      // A job whose marker another process took, which has no room for it.
      await stored([taken]).exec();
      held.delete(ends);
      while (times(taken) === 0) await delay(1);
      await queue.wake(comes, 0);
      await hears(comes);
      held.delete(taken);
    }
  });

  test("bring a delayed wake when it is due, not before, and not at the next whole second", async () => {
    const { queue, seen, hears } = await worker(2);
    await wait(1);
    const due = Date.now() + 100;
    await queue.wake("c_1", 100);
    await hears("c_1");
    assert.ok((seen[0]?.at ?? 0) >= due - 5);
    const watching = await client().monitor();
    closing.push(async () => watching.disconnect());
    const waits: string[] = [];
    watching.on("monitor", (_at: string, [command, key, seconds = ""]: readonly string[]) => {
      if (command === "bzpopmin" && key === "deskhand:wake:marker") waits.push(seconds);
    });
    await queue.close(500);
    await (await open()).wake("c_2", 9_500);
    await worker(2);
    const seconds = await until("a worker to wait until then", async () =>
      waits.find((one) => Number(one) < 9.5),
    );
    assert.ok(!Number.isInteger(Number(seconds)), `it waits ${seconds} s`);
  });

  test("mark when the first delayed wake is due, also when it was sent after a later one", async () => {
    const queue = await open();
    await queue.wake("last", 3 * AN_HOUR_MS);
    const before = Date.now();
    await queue.wake("first", AN_HOUR_MS);
    const after = Date.now();
    await queue.wake("second", 2 * AN_HOUR_MS);
    const marked = Number(await client().zscore("deskhand:wake:marker", "1")) - AN_HOUR_MS;
    assert.ok(before <= marked && marked <= after, `${before} ${marked} ${after}`);
  });

  test("give the job of a worker that is gone to another one", async () => {
    const gone = await worker(1);
    gone.held.add("c_1");
    await gone.queue.wake("c_1", 0);
    await gone.hears("c_1");
    // Its connections end while it is at work, so that it can neither finish the job nor keep its lock.
    await gone.queue.close(0);
    // As when their times have run out. A worker that begins makes the check that all of them make every ten seconds.
    const timesAreOver = () =>
      client().del("deskhand:wake:c_1.now:lock", "deskhand:wake:stalled-check");
    await timesAreOver();
    const others = [await worker(1)];
    await until(
      "a check to have seen it",
      async () => (await client().sismember("deskhand:wake:stalled", "c_1.now")) === 1,
    );
    await timesAreOver();
    others.push(await worker(1));
    await until("another worker to take it", async () =>
      others.some(({ times }) => times("c_1") === 1),
    );
    gone.held.clear();
    await nothingIsLeft();
    const before = others.map(({ times }) => times("c_1"));
    assert.equal(before[0] === 1, before[1] === 0, String(before));
    assert.ok(
      before.every((times) => times <= 1),
      String(before),
    );
    await others[0]?.queue.wake("c_1", 0);
    await until("it to be woken again", async () =>
      others.some(({ times }, index) => times("c_1") > (before[index] ?? 0)),
    );
  });

  test("leave a job alone whose lock another worker has", async () => {
    const { queue, held, hears, times } = await worker(1);
    held.add("c_1");
    await queue.wake("c_1", 0);
    await hears("c_1");
    await client().set("deskhand:wake:c_1.now:lock", "another worker", "PX", AN_HOUR_MS);
    held.delete("c_1");
    await queue.wake("c_2", 0);
    await hears("c_2");
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
      drainDelay: DRAINED_S,
    });
    closing.push(() => older.close());
    await queue.wake("c_1", 0);
    await queue.wake("c_2", 100);
    await queue.wakeAnyway("c_3");
    await until("three wakes", async () => taken.length === 3);
    await until("nothing to be left", async () => (await keys()).every((key) => key === "events"));
    await queue.wake("c_1", 0);
    await until("a fourth wake", async () => taken.length === 4);
  });

  test("take conversations by whatever name", async () => {
    const { queue, hears } = await worker(2);
    for (const id of ["a:b:c", "17", "chat:u1/ü %3A", "w1"]) {
      await queue.wake(id, 0);
      await hears(id);
    }
  });
});

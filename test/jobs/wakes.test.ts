/** Wakes on the queue, and notices of changes. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import {
  freshRedis,
  type FreshRedis,
  type OwnRedis,
  redisMissing,
  startRedis,
} from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";
import { DeskhandError } from "#core/values/errors.ts";

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

  test("how far the queue is behind is known while its oldest jobs are being done", async () => {
    const queue = await open();
    const { port, pathname } = new URL(redis().url);
    const connection = { host: "127.0.0.1", port: Number(port), db: Number(pathname.slice(1)) };
    const old = new Queue("wake", { connection, prefix: "deskhand" });
    closing.push(() => old.close());
    const ago = { timestamp: Date.now() - 60_000, removeOnComplete: true, removeOnFail: true };
    await old.addBulk(
      Array.from({ length: 2_000 }, (_, index) => ({
        name: "wake",
        data: { conversationId: `c_${index}`, version: 1 },
        opts: ago,
      })),
    );
    queue.work(async () => undefined, 4);
    const told: number[] = [];
    while ((await queue.depth()) > 100) told.push(await queue.oldestMs());
    assert.deepEqual([told.length > 10, told.filter((ms) => ms < 60_000)], [true, []]);
  });

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

  test("with fields of a newer version are taken, and one of a newer version is dropped: the database knows its work", async () => {
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
    await nothingIsLeft();
    assert.equal(seen.length, 3);
  });
});

describe("notices of changes", { skip: redisMissing }, () => {
  const opened: { redis?: OwnRedis; client?: Redis } = {};
  const queues: WakeQueue[] = [];
  const fences = { count: 0 };
  /** How often a connection that listens was lost or refused. */
  const unheard = { count: 0 };
  const redis = (): OwnRedis => opened.redis ?? assert.fail("no Redis");
  const client = (): Redis => opened.client ?? assert.fail("no client");

  before(async () => {
    opened.redis = await startRedis();
    opened.client = new Redis(redis().url, { retryStrategy: () => 100 });
    opened.client.on("error", () => undefined);
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close(1_000);
    await until("no connection to listen", async () => (await listening()) === 0);
  });
  after(async () => {
    opened.client?.disconnect();
    await opened.redis?.stop();
  });

  async function processOnRedis(): Promise<WakeQueue> {
    const warn = (message: string): void => {
      if (message === "notices are not heard") unheard.count += 1;
    };
    const queue = await openQueue({ url: redis().url, log: { ...silentLog, warn } });
    queues.push(queue);
    return queue;
  }

  async function listening(): Promise<number> {
    const list = String(await client().client("LIST", "TYPE", "PUBSUB"));
    return list.split("\n").filter((line) => line !== "").length;
  }

  /** Resolves once all that was announced before has reached every process that listens. */
  async function allIsHeard(): Promise<void> {
    const missing = new Set<string>();
    for (const queue of queues)
      for (const listener of queues) {
        const id = `fence ${(fences.count += 1)}`;
        missing.add(id);
        const stop = listener.changes.follow(id, () => {
          missing.delete(id);
          stop();
        });
        queue.changes.announce(id);
      }
    await until("what was announced last", async () => missing.size === 0);
  }

  /** Follows, and counts what was heard since listening began. */
  async function follow(queue: WakeQueue, conversationId: string) {
    const seen = { heard: 0 };
    const stop = queue.changes.follow(conversationId, () => (seen.heard += 1));
    await until("listening to begin", async () => (await listening()) === queues.length);
    await allIsHeard();
    seen.heard = 0;
    const hears = (count: number) => until(`notice ${count}`, async () => seen.heard >= count);
    return { seen, stop, hears };
  }

  test("what one process announces, each follower of that conversation hears once, here and in another process", async () => {
    const [one, other] = [await processOnRedis(), await processOnRedis()];
    other.changes.follow("c_0", () => undefined);
    one.changes.follow("c_0", () => undefined);
    const followers = [
      await follow(one, "c_1"),
      await follow(other, "c_1"),
      await follow(other, "c_1"),
    ];
    const beside = await follow(other, "c_2");
    one.changes.announce("c_1");
    for (const { hears } of followers) await hears(1);
    other.changes.announce("c_1");
    for (const { hears } of followers) await hears(2);
    await allIsHeard();
    assert.deepEqual(
      followers.map(({ seen }) => seen.heard),
      [2, 2, 2],
    );
    assert.equal(beside.seen.heard, 0);
    assert.equal(await listening(), 2, "a process listens with one connection");
  });

  test("what is announced before the first follower's connection listens makes it look all the same", async () => {
    const [one, other] = [await processOnRedis(), await processOnRedis()];
    const seen = { heard: 0 };
    other.changes.follow("c_1", () => (seen.heard += 1));
    one.changes.announce("c_1");
    await until("a notice", async () => seen.heard > 0);
  });

  test("after the connection was cut, followers look once for what they missed and hear what comes", async () => {
    const [one, other] = [await processOnRedis(), await processOnRedis()];
    one.changes.follow("c_0", () => undefined);
    const follower = await follow(other, "c_1");
    for (let round = 0; round < 2; round += 1) {
      follower.seen.heard = 0;
      assert.equal(await client().client("KILL", "TYPE", "PUBSUB"), 2);
      one.changes.announce("c_1");
      await follower.hears(1);
      await until("both to listen again", async () => (await listening()) === 2);
      await allIsHeard();
      const before = follower.seen.heard;
      one.changes.announce("c_1");
      await follower.hears(before + 1);
    }
  });

  test("after Redis was killed and started again, the same", async () => {
    const [one, other] = [await processOnRedis(), await processOnRedis()];
    one.changes.follow("c_0", () => undefined);
    const follower = await follow(other, "c_1");
    await redis().kill();
    one.changes.announce("c_1");
    const lost = unheard.count;
    await until("both to have tried again", async () => unheard.count >= lost + 6);
    assert.equal(follower.seen.heard, 0);
    await redis().restart();
    await follower.hears(1);
    const before = follower.seen.heard;
    // The connection it is announced over may still be away.
    await until("a notice to pass", async () => {
      one.changes.announce("c_1");
      return follower.seen.heard > before;
    });
  });
});

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

test(
  "a wake that fails because the database is away is no error of the log",
  { skip: redisMissing },
  async () => {
    const redis = await startRedis();
    const lines: string[] = [];
    const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const log = {
      debug: note("debug"),
      info: note("info"),
      warn: note("warn"),
      error: note("error"),
    };
    const queue = await openQueue({ url: redis.url, log, drainedS: 1 });
    try {
      queue.work(async () => {
        throw new DeskhandError("store.unavailable", "the database cannot be reached");
      }, 2);
      for (const id of ["c_1", "c_2", "c_3"]) await queue.wake(id, 0);
      await until("a line", async () => lines.some((line) => line.includes("wake failed")));
      assert.deepEqual(
        lines.filter((line) => line.startsWith("error")),
        [],
      );
    } finally {
      await queue.close(1_000);
      await redis.stop();
    }
  },
);

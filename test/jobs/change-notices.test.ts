/** Notices of changes over a real Redis: from any process to every follower, also after the connection was lost. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { redisMissing, startRedis, type OwnRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

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

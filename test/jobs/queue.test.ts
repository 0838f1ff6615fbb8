/** The wake queue on a real Redis: a notification arrives, also after the Redis was killed, emptied or hung. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { redisMissing, startRedis, type OwnRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

/** How long an idle worker waits for a job: a second, so that a Redis which hangs is noticed soon. */
const DRAINED_S = 1;

const isUnavailable = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "queue.unavailable";

describe("the wake queue", { skip: redisMissing }, () => {
  const opened: { redis?: OwnRedis; door?: Door; queue?: WakeQueue; client?: Redis } = {};
  const heard: string[] = [];
  /** Conversations whose handler waits until they are taken out. */
  const held = new Set<string>();
  const active = { now: 0, most: 0 };
  const redis = (): OwnRedis => opened.redis ?? assert.fail("no Redis");
  const door = (): Door => opened.door ?? assert.fail("no door");
  const queue = (): WakeQueue => opened.queue ?? assert.fail("no queue");
  const client = (): Redis => opened.client ?? assert.fail("no client");

  before(async () => {
    opened.redis = await startRedis();
    opened.door = await doorTo(redis().port);
    const { url } = opened.door;
    opened.queue = await openQueue({ url, log: silentLog, drainedS: DRAINED_S });
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
    opened.door?.close();
    await opened.redis?.stop();
  });

  const times = (id: string): number => heard.filter((one) => one.startsWith(`${id} `)).length;
  const hears = (id: string, count = 1): Promise<unknown> =>
    until(`${id} to be heard`, async () => times(id) >= count);
  const isTaken = (id: string): Promise<unknown> =>
    until(`the wake ${id} to be taken`, () =>
      queue()
        .wake(id, 0)
        .then(
          () => true,
          () => false,
        ),
    );

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

  test("a key that an outage left behind keeps its conversation's notifications back, but not its wake", async () => {
    // A job that is in no list any more.
    await client().mset({ "deskhand:wake:de:stray.now": "gone" });
    await client().hset("deskhand:wake:gone", "name", "wake");
    await queue().wake("stray", 0);
    await queue().wakeAnyway("stray");
    await hears("stray");
    assert.deepEqual(
      heard.filter((one) => one.startsWith("stray")),
      ["stray reconciler"],
    );
    await client().del("deskhand:wake:gone", "deskhand:wake:de:stray.now");
  });

  test("killed and started again, work goes on", async () => {
    const before = door().tries();
    await redis().kill();
    await assert.rejects(queue().wake("while it is away", 0), isUnavailable);
    // Those of wakes, of the worker and of its wait for a job, several times each.
    await until("every connection to be tried again", async () => door().tries() >= before + 12);
    await redis().restart();
    await isTaken("back");
    await hears("back");
  });

  test("cut without a word while a worker is at work, its connections are replaced and work goes on", async () => {
    held.add("at work");
    await queue().wake("at work", 0);
    await hears("at work");
    door().silence();
    held.delete("at work");
    await isTaken("worked on");
    await hears("worked on");
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

/** A way to a server that counts who came, whether or not the server was there. */
interface Door {
  readonly url: string;
  tries(): number;
  /** From now on nothing passes on the connections there are, and neither side is told. */
  silence(): void;
  close(): void;
}

async function doorTo(target: number): Promise<Door> {
  const seen = { count: 0 };
  const through = new Set<Socket>();
  const server = createServer((near) => {
    seen.count += 1;
    const far = connect(target, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
      one.pipe(other);
      through.add(one);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `redis://127.0.0.1:${port}`,
    tries: () => seen.count,
    silence() {
      for (const one of through) one.unpipe().resume();
      through.clear();
    },
    close: () => void server.close(),
  };
}

/** The queue, and the order in which deliveries are taken in. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { type OwnRedis, redisMissing, startRedis } from "#test/support/redis.ts";
import { hintOf, migratedDatabase, type OpenedStore, silentLog } from "#test/store/bench.ts";
import { arrival, until } from "#test/support/waiting.ts";
import type { Channel, Delivery } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { sql } from "#store/db/drizzle.ts";
import { lockNames } from "#store/inbox/accept-hints.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { benchOn } from "./bench.ts";
import { startTcpProxy, type TcpProxy } from "#test/support/loopback.ts";

/** How long an idle worker waits for a job: a second, so that a Redis which hangs is noticed soon. */
const DRAINED_S = 1;

const isUnavailable = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "queue.unavailable";

describe("the wake queue", { skip: redisMissing }, () => {
  const opened: { redis?: OwnRedis; door?: TcpProxy; queue?: WakeQueue; client?: Redis } = {};
  const heard: string[] = [];
  /** Conversations whose handler waits until they are taken out. */
  const held = new Set<string>();
  /** Connections that were begun to Redis, whether or not it was there. */
  const tries = { count: 0 };
  const redis = (): OwnRedis => opened.redis ?? assert.fail("no Redis");
  const door = (): TcpProxy => opened.door ?? assert.fail("no door");
  const queue = (): WakeQueue => opened.queue ?? assert.fail("no queue");
  const client = (): Redis => opened.client ?? assert.fail("no client");

  before(async () => {
    opened.redis = await startRedis();
    opened.door = await startTcpProxy(redis().url, () => {
      tries.count += 1;
      return { sent: () => undefined, answered: () => undefined };
    });
    const url = door().url(redis().url);
    opened.queue = await openQueue({ url, log: silentLog, drainedS: DRAINED_S });
    opened.client = new Redis(redis().url, {
      retryStrategy: () => 100,
      maxRetriesPerRequest: null,
    });
    opened.client.on("error", () => undefined);
    queue().work(async (id, notifiedBy) => {
      heard.push(`${id} ${notifiedBy}`);
      while (held.has(id)) await delay(10);
    }, 2);
  });
  after(async () => {
    opened.client?.disconnect();
    await opened.queue?.close(1_000);
    await opened.door?.close();
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
    const before = tries.count;
    await redis().kill();
    await assert.rejects(queue().wake("while it is away", 0), isUnavailable);
    // Those of wakes, of the worker and of its wait for a job, several times each.
    await until("every connection to be tried again", async () => tries.count >= before + 12);
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
      await assert.rejects(queue().ping(), isUnavailable);
    } finally {
      await client().config("SET", "maxmemory", "0");
    }
    await queue().wake("room again", 0);
    await hears("room again");
  });
});

describe("deliveries with several hints on postgres", { skip: postgresMissing }, () => {
  const opened: { store?: OpenedStore } = {};
  const store = (): OpenedStore => opened.store ?? assert.fail("no database");
  const { bench } = benchOn(store, "postgres");
  before(async () => {
    opened.store = await migratedDatabase("postgres");
  });
  after(() => opened.store?.close());

  /** A delivery with one hint for each of these lists of keys. */
  function deliver(name: string, keys: readonly (readonly string[])[]) {
    const email = bench.parts.channels.get("email") ?? assert.fail("no channel");
    const channel: Channel = {
      ...email,
      receive: () => keys.map((own, index) => hintOf(`${name} ${index}`, own)),
    };
    const delivery: Delivery = {
      source: "bench",
      headers: {},
      body: new Uint8Array(),
      receivedAt: bench.now(),
    };
    return intake(bench.parts, channel, delivery);
  }

  const waitingLocks = async (): Promise<number> => {
    const [row] = await bench.rows(
      z.object({ count: z.coerce.number() }),
      sql`select count(*) from pg_locks
              where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())`,
    );
    return row?.count ?? 0;
  };

  /** Keeps both deliveries in the middle of their keys until each has come as far as it can. */
  async function heldInTheMiddle(work: () => readonly Promise<unknown>[]): Promise<void> {
    const open = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = bench.parts.store.run(async (transaction) => {
      await lockNames(transaction, ["middle 1", "middle 2"]);
      held.resolve();
      await open.promise;
    });
    await arrival("the wake that is held", held.promise);
    const all = Promise.allSettled(work());
    try {
      await until("both to wait", async () => (await waitingLocks()) >= 2);
    } finally {
      open.resolve();
      await holder;
    }
    for (const result of await all)
      assert.equal(result.status, "fulfilled", JSON.stringify(result));
  }

  test("of which each has a hint for the other's last key", async () => {
    const [one, other] = [
      [["first"], ["middle 1"], ["last"]],
      [["last"], ["middle 2"], ["first"]],
    ];
    await heldInTheMiddle(() => [deliver("one", one ?? []), deliver("other", other ?? [])]);
    const rows = await bench.rows(
      z.object({ hints: z.coerce.number(), conversations: z.coerce.number() }),
      sql`select count(*) as hints, count(distinct conversation_id) as conversations from hint`,
    );
    assert.deepEqual(rows, [{ hints: 6, conversations: 4 }]);
  });

  test("or locks its keys in an order of its own", async () => {
    const lock = (keys: readonly string[]) => bench.at(lockNames, keys);
    for (const round of Array.from({ length: 5 }, (_, index) => index))
      await heldInTheMiddle(() => [
        lock([`a ${round}`, "middle 1", `b ${round}`]),
        lock([`b ${round}`, "middle 2", `a ${round}`]),
      ]);
  });

  test("many at once, beside deliveries of one hint for the same keys", async () => {
    const keys = Array.from({ length: 6 }, (_, index) => `many ${index}`);
    const turned = (by: number): readonly (readonly string[])[] =>
      [...keys.slice(by), ...keys.slice(0, by)].map((key) => [key]);
    const taken = await Promise.all([
      ...keys.map((_, index) => deliver(`forward ${index}`, turned(index))),
      ...keys.map((_, index) => deliver(`backward ${index}`, turned(index).toReversed())),
      ...keys.map((key, index) => deliver(`alone ${index}`, [[key]])),
    ]);
    const conversations = new Set(taken.flatMap(({ conversationIds }) => conversationIds));
    assert.equal(conversations.size, keys.length);
  });
});

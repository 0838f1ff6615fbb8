/** What one wake asks of Redis, command by command, those inside scripts counted too. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { Redis } from "ioredis";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { redisMissing, startRedis, type OwnRedis } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

const WAKES = 40;

/** An idle worker never looks by itself, so that every wake was told to it. */
const DRAINED_S = 3_600;

describe("the commands of a wake", { skip: redisMissing }, () => {
  const opened: { redis?: OwnRedis; queue?: WakeQueue; client?: Redis } = {};
  const heard = { count: 0 };
  const queue = (): WakeQueue => opened.queue ?? assert.fail("no queue");
  const client = (): Redis => opened.client ?? assert.fail("no client");
  before(async () => {
    opened.redis = await startRedis();
    opened.client = new Redis(opened.redis.url);
    opened.queue = await openQueue({
      url: opened.redis.url,
      log: silentLog,
      drainedS: DRAINED_S,
    });
    queue().work(async () => void (heard.count += 1), 8);
    await queue().wake("first", 0);
    await until("the first wake", async () => heard.count === 1);
    await waitsAgain();
  });
  after(async () => {
    opened.client?.disconnect();
    await opened.queue?.close(1_000);
    await opened.redis?.stop();
  });

  /** Every job is done, and the worker waits for the next one. What this asks is not counted. */
  async function waitsAgain(): Promise<void> {
    while ((await client().type("deskhand:wake:active")) !== "none") await delay(1);
    const blocked = / flags=\w*b\w* .* cmd=bzpopmin /;
    while (!blocked.test(String(await client().client("LIST", "TYPE", "NORMAL")))) await delay(1);
  }

  /** How often each command ran while this was done, for each wake of it. */
  async function counted(work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
    heard.count = 0;
    await client().config("RESETSTAT");
    await work();
    await until("all wakes", async () => heard.count === WAKES);
    await waitsAgain();
    const text = await client().info("commandstats");
    const counts = [...text.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].flatMap(
      ([, command = "", calls]): readonly (readonly [string, number])[] =>
        /^(?:info|config|client|type)/.test(command) ? [] : [[command, Number(calls) / WAKES]],
    );
    return new Map(counts.toSorted(([, one], [, other]) => other - one));
  }

  const total = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count, 0);

  /** Wakes one after the other, each once the one before is done and the worker waits again. */
  async function oneByOne(name: string, delayMs: number): Promise<void> {
    for (let index = 1; index <= WAKES; index += 1) {
      await queue().wake(`${name} ${index}`, delayMs);
      while (heard.count < index) await delay(1);
      await waitsAgain();
    }
  }

  test("are twenty at most for a wake that an idle worker takes, and two more after a delay", async () => {
    for (const [delayMs, most] of [
      [0, 20],
      [5, 22],
    ] as const) {
      const counts = await counted(() => oneByOne(`after ${delayMs} ms`, delayMs));
      // What runs every few seconds without any wake is in the counts as well.
      assert.ok(total(counts) < most + 0.9, `${delayMs} ms: ${JSON.stringify([...counts])}`);
      assert.deepEqual(
        [...counts.keys()].filter((name) => /^(?:x|publish)/.test(name) && name !== "xtrim"),
        [],
      );
    }
  });

  test("are fewer for many wakes at once", async () => {
    const counts = await counted(async () => {
      await Promise.all(
        Array.from({ length: WAKES }, (_, index) => queue().wake(`many ${index}`, 0)),
      );
    });
    assert.ok(total(counts) < 18, JSON.stringify([...counts]));
  });
});

/** Faults of Redis: it is emptied, killed, stopped, full, wrongly configured, or restored from an old state. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { FaultCase } from "#test/faults/case.ts";
import { HEALTH, saysOf } from "#test/faults/health.ts";
import { rowsIn } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import type { ChatTries } from "#test/faults/messages.ts";
import {
  approve,
  askRefund,
  REFUND_CARD,
  chatInOrder,
  chats,
  mails,
  smallRefund,
  whereIs,
} from "#test/faults/traffic.ts";
import { withRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

/** After Redis is back, work has to go on within this time. */
const RESUME_MS = 5_000;

/** How long a turn takes on a busy machine, after it has begun. */
const TURN_MS = 3_000;

const flushed: FaultCase = {
  id: 7,
  name: "Redis FLUSHALL while busy",
  async run(context) {
    const redis = await context.redis();
    const installation = await context.install({ redisUrl: redis.url });
    const sending = Promise.all([
      chats(installation, "busy", 6),
      chatInOrder(installation, "busy"),
      mails(installation, "busy", 4),
      smallRefund(installation),
    ]);
    await withRedis(redis.url, async (client) => {
      for (let times = 0; times < (context.quick ? 8 : 20); times += 1) {
        await client.flushall();
        await delay(250);
      }
    });
    await sending;
    // While jobs wait, a lost wake is sent again only after five seconds; the turn it begins comes on top.
    await resumed(installation, { extraMs: 5_000 });
    await installation.judge();
  },
};

const down: FaultCase = {
  id: 8,
  name: "Redis down for a minute",
  async run(context) {
    const redis = await context.redis();
    const installation = await context.install({ redisUrl: redis.url });
    await chats(installation, "before", 2);
    await redis.kill();
    const sending = chats(installation, "during", 6);
    await mails(installation, "during", 2);
    await smallRefund(installation);
    await delay(context.quick ? 6_000 : 60_000);
    await redis.restart();
    await resumed(installation);
    acceptedAtOnce(await sending);
    await chatInOrder(installation, "after");
    await installation.judge();
  },
};

const hanging: FaultCase = {
  id: 9,
  name: "Redis hangs (SIGSTOP) for 20 s",
  async run(context) {
    const redis = await context.redis();
    const installation = await context.install({ redisUrl: redis.url });
    const pid = await pidOf(redis.url);
    const before = chats(installation, "just-before", 4);
    await mails(installation, "just-before", 2);
    await delay(200);
    process.kill(pid, "SIGSTOP");
    try {
      const sending = chats(installation, "during", 5);
      await smallRefund(installation);
      await delay(context.quick ? 6_000 : 20_000);
      process.kill(pid, "SIGCONT");
      acceptedAtOnce(await sending);
      await before;
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await resumed(installation, { extraMs: 5_000 });
    await installation.judge();
  },
};

const full: FaultCase = {
  id: 10,
  name: "Redis out of memory (noeviction)",
  async run(context) {
    const redis = await context.redis({ maxmemory: "6mb" });
    const installation = await context.install({ redisUrl: redis.url, environment: HEALTH });
    await chats(installation, "before", 1);
    await withRedis(redis.url, async (client) => {
      await assert.rejects(async () => {
        for (let index = 0; ; index += 1) await client.set(`junk:${index}`, "x".repeat(20_000));
      }, /OOM/);
      // The last bytes, so that not even a small key finds room.
      await assert.rejects(async () => {
        for (let index = 0; ; index += 1) await client.set(`crumb:${index}`, "x");
      }, /OOM/);
      const sending = chats(installation, "during", 4);
      await smallRefund(installation);
      await saysOf(installation, "queue", /Redis has no memory left \(OOM\).*maxmemory/);
      await delay(context.quick ? 2_000 : 10_000);
      const junk = await client.keys("junk:*");
      await client.del(...junk);
      acceptedAtOnce(await sending);
    });
    await resumed(installation);
    await installation.judge();
  },
};

const evicting: FaultCase = {
  id: 11,
  name: "Redis that may evict keys",
  async run(context) {
    const redis = await context.redis({ "maxmemory-policy": "allkeys-lru" });
    const installation = await context.install({ redisUrl: redis.url, started: false });
    await assert.rejects(installation.start(), /maxmemory-policy is allkeys-lru/);
    await withRedis(redis.url, (client) => client.config("SET", "maxmemory-policy", "noeviction"));
    await installation.start(HEALTH);
    await chats(installation, "after", 2);
    // Switched while it runs, as a host does to all its servers at once: it works on and says so.
    await withRedis(redis.url, (client) => client.config("SET", "maxmemory-policy", "allkeys-lru"));
    await saysOf(installation, "queue", /maxmemory-policy is allkeys-lru/);
    await chats(installation, "meanwhile", 2);
    await installation.judge();
  },
};

const replica: FaultCase = {
  id: 58,
  name: "Redis becomes a read-only replica, and the primary again",
  async run(context) {
    const redis = await context.redis();
    const other = await context.redis();
    const installation = await context.install({ redisUrl: redis.url, environment: HEALTH });
    const before = chats(installation, "before", 4);
    await delay(200);
    await withRedis(redis.url, (client) =>
      client.replicaof("127.0.0.1", Number(new URL(other.url).port)),
    );
    const sending = chats(installation, "during", 4);
    await mails(installation, "during", 2);
    await smallRefund(installation);
    await saysOf(installation, "queue", /Redis is a read-only replica \(READONLY\).*REDIS_URL/);
    await delay(context.quick ? 2_000 : 15_000);
    await withRedis(redis.url, (client) => client.replicaof("NO", "ONE"));
    acceptedAtOnce(await sending);
    acceptedAtOnce(await before);
    await resumed(installation, { extraMs: 5_000 });
    await installation.judge();
  },
};

const fromThePast: FaultCase = {
  id: 12,
  name: "Redis restarts with an old dump",
  async run(context) {
    const redis = await context.redis({ appendonly: "no", save: "" });
    const installation = await context.install({ redisUrl: redis.url });
    await smallRefund(installation);
    await mails(installation, "old", 3);
    const { folder, kept } = await withRedis(redis.url, async (client) => {
      // On mail a turn starts a moment after the message, so its job waits here meanwhile.
      const jobs = await until("jobs that wait", async () => {
        await client.save();
        const waiting = await client.zcard("deskhand:wake:delayed");
        return waiting > 0 ? waiting : null;
      });
      const [, dir] = z.tuple([z.string(), z.string()]).parse(await client.config("GET", "dir"));
      return { folder: dir, kept: jobs };
    });
    copyFileSync(join(folder, "dump.rdb"), join(folder, "old.rdb"));
    context.note(`the old dump has ${kept} job(s)`);
    await chats(installation, "later", 3);
    await until("all of it done", () => installation.isSettled());
    await redis.kill();
    copyFileSync(join(folder, "old.rdb"), join(folder, "dump.rdb"));
    await redis.restart();
    await chatInOrder(installation, "after-it");
    await installation.judge();
  },
};

const timersGone: FaultCase = {
  id: 36,
  name: "scheduler entries vanish",
  async run(context) {
    const redis = await context.redis();
    const installation = await context.install({ redisUrl: redis.url, undoSeconds: 4 });
    await askRefund(installation);
    await approve(installation, REFUND_CARD);
    // The approved effect is due after the undo time, and Redis has no job for it.
    await withRedis(redis.url, async (client) => {
      for (let times = 0; times < 12; times += 1) {
        const keys = await client.keys("*");
        if (keys.length > 0) await client.del(...keys);
        await delay(250);
      }
    });
    await until("the refund", async () => {
      const { refunds } = await installation.deskhand().order("789");
      return refunds.length > 0;
    });
    await installation.judge();
  },
};

const strayKey: FaultCase = {
  id: 38,
  name: "a stray deduplication key suppresses the notification",
  async run(context) {
    const redis = await context.redis();
    const installation = await context.install({ redisUrl: redis.url });
    await whereIs(installation, "with-stray-key", "789");
    await until("the first answer", () => installation.isSettled());
    const Named = z.object({ id: z.string() });
    const [conversation] = await rowsIn(
      installation.databaseUrl,
      Named,
      "select id from conversation",
    );
    assert.ok(conversation);
    await withRedis(redis.url, async (client) => {
      for (const kind of ["now", "later"])
        await client.hset(`deskhand:wake:${conversation.id}.${kind}`, "name", "wake");
    });
    const began = Date.now();
    await whereIs(installation, "with-stray-key", "456");
    context.note(`answered ${Date.now() - began} ms after it was written`);
    assert.ok(Date.now() - began < 10_000, "the second message waited for more than 10 s");
    await installation.judge();
  },
};

/** Everything accepted is worked on soon after the fault is over, without a customer writing again. */
async function resumed(
  installation: Installation,
  { extraMs = 0 }: { readonly extraMs?: number } = {},
): Promise<void> {
  await until(
    "all that was accepted to have ended",
    () => installation.isSettled(),
    RESUME_MS + TURN_MS + extraMs,
  );
}

/** Redis carries only notifications: without it a message is accepted at the first try all the same. */
function acceptedAtOnce(tries: readonly ChatTries[]): void {
  for (const { statuses } of tries) assert.deepEqual(statuses, [200]);
}

async function pidOf(url: string): Promise<number> {
  const info = await withRedis(url, (client) => client.info("server"));
  const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
  assert.ok(pid > 0);
  return pid;
}

export const cases: readonly FaultCase[] = [
  flushed,
  down,
  hanging,
  full,
  evicting,
  fromThePast,
  replica,
  timersGone,
  strayKey,
];

/** The wake queue, the notices and the shared limits on a cluster of three nodes, and through a Sentinel. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Redis } from "ioredis";
import type { RedisPlace } from "#core/contracts/redis-place.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import { redisMissing, type OwnRedis } from "#test/support/redis.ts";
import { startRedisCluster, startWatchedRedis } from "#test/support/redis-servers.ts";
import { until } from "#test/support/waiting.ts";
import { silentLog } from "#test/store/bench.ts";

const isUnavailable = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "queue.unavailable";

/** A queue with a worker that keeps what it heard. Queue and limits are closed after the test, then the servers. */
async function workedQueue(context: TestContext, place: RedisPlace, stop: () => Promise<unknown>) {
  const queue = await openQueue({ ...place, log: silentLog });
  const limits = sharedRateLimits({ ...place, log: silentLog });
  context.after(async () => {
    limits.close();
    await queue.close(1_000);
    await stop();
  });
  const heard = new Set<string>();
  queue.work(async (id) => void heard.add(id), 2);
  const hears = (id: string): Promise<unknown> =>
    until(`${id} to be heard`, async () => heard.has(id));
  return { queue, limits, hears };
}

async function keysOn({ url }: OwnRedis): Promise<readonly string[]> {
  const client = new Redis(url);
  try {
    return await client.keys("*");
  } finally {
    client.disconnect();
  }
}

test(
  "on a cluster all keys of the queue have one node; while that one is away no job is promised, and nothing stored is lost",
  { skip: redisMissing },
  async (context) => {
    const nodes = await startRedisCluster();
    const [first, ...others] = nodes.map(({ server }) => server);
    const place = {
      url: first?.url ?? "",
      cluster: others.map(({ port }) => ({ host: "127.0.0.1", port })),
    };
    const { queue, limits, hears } = await workedQueue(context, place, () =>
      Promise.all(nodes.map(({ server }) => server.stop())),
    );
    const told: string[] = [];
    const unfollow = queue.changes.follow("conversation", () => void told.push("changed"));
    context.after(unfollow);
    await until("the notices to be heard", async () => told.length > 0);
    queue.changes.announce("conversation");
    await until("a notice to arrive", async () => told.length > 1);

    const allowances = ["desk", "channel"].map((name) => ({
      name,
      max: 1_000,
      windowMs: 1_000,
      burst: 10,
    }));
    await until("limits of two names to be kept together on one node", async () => {
      await limits.take(allowances, 0);
      const kept = await Promise.all(nodes.map(({ server }) => keysOn(server)));
      return kept.some((keys) => keys.filter((key) => key.includes("{allowances}")).length === 2);
    });

    await queue.wake("at once", 0);
    await queue.wake("a little later", 100);
    await queue.wakeAnyway("by the reconciler");
    for (const id of ["at once", "a little later", "by the reconciler"]) await hears(id);
    await queue.wake("stored before the kill", 60_000);
    await queue.ping();
    const holding = await Promise.all(
      nodes.map(async ({ server }) => ({ server, keys: await keysOn(server) })),
    );
    const withWakes = holding.filter(({ keys }) => keys.some((key) => key.includes(":wake:")));
    assert.equal(withWakes.length, 1);
    const [holder] = withWakes;

    await holder?.server.kill();
    await assert.rejects(queue.ping(), isUnavailable);
    const asked = performance.now();
    await assert.rejects(queue.wake("while away", 0), isUnavailable);
    assert.ok(performance.now() - asked < 5_000);
    await holder?.server.restart();
    await until("the queue to be ready again", () =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    );
    assert.equal(await queue.depth(), 1, "what was stored is there");
    await queue.wake("after the restart", 0);
    await hears("after the restart");
    const before = told.length;
    queue.changes.announce("conversation");
    await until("notices again", async () => told.length > before);
    assert.equal(queue.standstill(), null);
  },
);

test(
  "through a Sentinel the work goes on with the replica when the master dies",
  { skip: redisMissing },
  async (context) => {
    const servers = await startWatchedRedis();
    const place = {
      url: "redis://desk",
      sentinels: { at: [{ host: "127.0.0.1", port: servers.sentinelPort }], password: null },
    };
    const { queue, hears } = await workedQueue(context, place, () => servers.stop());
    await queue.wake("before", 0);
    await hears("before");
    await queue.wake("kept by the replica", 60_000);
    // Replication runs behind: what a master took and passed on to no replica dies with it, and the reconciler finds it.
    await until("the replica to have it", async () =>
      (await keysOn(servers.replica)).some((key) => key.includes("kept%20by%20the%20replica")),
    );
    await servers.master.kill();
    await assert.rejects(queue.ping(), isUnavailable);
    await until("the replica to take writes", () =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    );
    assert.equal(await queue.depth(), 1);
    await queue.wake("after", 0);
    await hears("after");
  },
);

/** Several Redis servers that belong together: a cluster of three nodes, or a master with a replica and a Sentinel. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findProgram, freePort } from "#sandbox/process/index.ts";
import { answersPing } from "#sandbox/redis/ping.ts";
import { startRedis, type OwnRedis } from "./redis.ts";
import { until } from "./waiting.ts";

/** What is written is on the disk before it is acknowledged, so that a killed server loses nothing it answered. */
const DURABLE = { appendfsync: "always" };

const SLOTS = 16_384;

const HOST = "127.0.0.1";

/** A node of a cluster, with the first and last of the slots it has. */
interface ClusterNode {
  readonly server: OwnRedis;
  readonly slots: readonly [first: number, last: number];
}

/** Starts a cluster of three masters without replicas, each with a third of the slots; resolves once all of them agree. */
export async function startRedisCluster(): Promise<readonly ClusterNode[]> {
  const nodes = await Promise.all([0, 1, 2].map((index) => startNode(index)));
  const [first, ...others] = nodes;
  for (const { server, busPort } of others)
    await asked(first?.server, (client) =>
      client.call("CLUSTER", "MEET", HOST, server.port, busPort),
    );
  for (const { server } of nodes)
    await until("the cluster to be whole", () =>
      asked(server, async (client) => {
        const told = String(await client.call("CLUSTER", "INFO"));
        return told.includes("cluster_state:ok") && told.includes("cluster_known_nodes:3");
      }),
    );
  return nodes;
}

async function startNode(index: number) {
  const busPort = await freePort();
  const server = await startRedis({
    settings: {
      ...DURABLE,
      "cluster-enabled": "yes",
      "cluster-port": String(busPort),
      "cluster-node-timeout": "1000",
    },
  });
  const first = Math.floor((index * SLOTS) / 3);
  const last = Math.floor(((index + 1) * SLOTS) / 3) - 1;
  await asked(server, async (client) => {
    await client.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    await client.call("CLUSTER", "ADDSLOTSRANGE", first, last);
  });
  return { server, busPort, slots: [first, last] as const };
}

/** A master, its replica, and one Sentinel that names the master `desk` and makes the replica one when it dies. */
export interface WatchedRedis {
  readonly sentinelPort: number;
  readonly master: OwnRedis;
  readonly replica: OwnRedis;
  stop(): Promise<void>;
}

/** Starts them; resolves once the Sentinel knows both. */
export async function startWatchedRedis(): Promise<WatchedRedis> {
  const settings = { ...DURABLE, "repl-diskless-sync-delay": "0" };
  const master = await startRedis({ settings });
  const replica = await startRedis({
    settings: { ...settings, replicaof: `${HOST} ${master.port}` },
  });
  const folder = mkdtempSync(join(tmpdir(), "test-sentinel-"));
  const port = await freePort();
  writeFileSync(
    join(folder, "sentinel.conf"),
    [
      `bind ${HOST}`,
      `port ${port}`,
      `sentinel monitor desk ${HOST} ${master.port} 1`,
      "sentinel down-after-milliseconds desk 400",
      "sentinel failover-timeout desk 2000",
    ].join("\n"),
  );
  const child = spawn(
    findProgram("redis-server") ?? "redis-server",
    [join(folder, "sentinel.conf"), "--sentinel"],
    { stdio: "ignore", cwd: folder, env: { ...process.env, LC_ALL: "C" } },
  );
  const ended = once(child, "close");
  await until("the Sentinel to answer", () => answersPing(port));
  await until("the Sentinel to know the replica", () =>
    asked({ port }, async (client) => {
      const replicas: unknown = await client.call("SENTINEL", "REPLICAS", "desk");
      return JSON.stringify(replicas).includes(`"${replica.port}"`);
    }),
  );
  await until("the replica to follow", () =>
    asked(replica, async (client) => (await client.info()).includes("master_link_status:up")),
  );
  return {
    sentinelPort: port,
    master,
    replica,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      await Promise.all([master.stop(), replica.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function asked<T>(
  server: { readonly port: number } | undefined,
  ask: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis({ host: HOST, port: server?.port ?? 0, retryStrategy: () => null });
  // A failed command rejects; the event says the same once more.
  client.on("error", () => undefined);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

/** Real Redis for tests: a database on the run's server, or a server of the test's own to kill and stop. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { findProgram, freePort } from "#sandbox/process/index.ts";
import { answersPing } from "#sandbox/redis/index.ts";

const program = findProgram("redis-server");

/** For a test's `skip`: false where there is a redis-server, else why the test cannot run. */
export const redisMissing: string | false =
  program === undefined ? "redis-server is not installed" : false;

/** The run's server has this many databases; number 0 holds the list of those taken. */
const DATABASES = 256;

const READY_WITHIN_MS = 15_000;

/** An empty Redis database that no other process writes to while the test file runs. */
export interface FreshRedis {
  readonly url: string;
  /** Empties it and gives it back. */
  drop(): Promise<void>;
}

/**
 * An empty database of its own: one of the numbered databases on TEST_REDIS_URL, claimed there so that files
 * running at the same time get different ones; without that variable a server of its own.
 */
export async function freshRedis(): Promise<FreshRedis> {
  const shared = process.env["TEST_REDIS_URL"] ?? "";
  if (shared === "") {
    const server = await startRedis();
    return { url: server.url, drop: () => server.stop() };
  }
  const index = await claim(shared);
  const url = `${shared}/${index}`;
  await withRedis(url, (client) => client.flushdb());
  return {
    url,
    drop: async () => {
      await withRedis(url, (client) => client.flushdb());
      await withRedis(shared, (client) => client.del(`taken:${index}`));
    },
  };
}

/** A Redis process that a test may stop, kill and start again. */
export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  /** SIGKILL: what was not yet written is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port and the same data after `kill`. */
  restart(): Promise<void>;
  /** Stops answering with every connection open, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Settings as redis-server takes them on its command line, `{ "maxmemory-policy": "allkeys-lru" }` for example. */
export interface OwnRedisOptions {
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts a redis-server of the test's own on a free loopback port, with an append-only file and no eviction. */
export async function startRedis({ settings = {} }: OwnRedisOptions = {}): Promise<OwnRedis> {
  if (program === undefined) throw new Error("redis-server is not installed.");
  const directory = mkdtempSync(join(tmpdir(), "test-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const defaults = {
    bind: "127.0.0.1",
    port: String(port),
    dir: directory,
    appendonly: "yes",
    "maxmemory-policy": "noeviction",
  };
  const parameters = Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const launch = async () => {
    const child = spawn(program, parameters, {
      stdio: "ignore",
      env: { ...process.env, LC_ALL: "C" },
    });
    const ended = once(child, "close");
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await answersPing(port))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`redis-server did not start on port ${port}`);
      await delay(25);
    }
    return {
      signal: (signal: NodeJS.Signals) => void child.kill(signal),
      end: async (signal: NodeJS.Signals) => {
        child.kill(signal);
        await ended;
      },
    };
  };
  let server = await launch();
  return {
    url,
    port,
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      server = await launch();
    },
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    stop: async () => {
      await server.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function claim(shared: string): Promise<number> {
  return withRedis(shared, async (client) => {
    for (let index = 1; index < DATABASES; index += 1) {
      if ((await client.set(`taken:${index}`, String(process.pid), "NX")) === "OK") return index;
    }
    throw new Error(
      `All ${DATABASES} databases of ${shared} are taken: some test file does not drop its own.`,
    );
  });
}

/** Gives commands to this Redis over a connection of their own; one that breaks fails them. */
export async function withRedis<T>(url: string, run: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // A failed command rejects; the event says the same once more.
  client.on("error", () => {});
  try {
    await client.connect();
    return await run(client);
  } finally {
    client.disconnect();
  }
}

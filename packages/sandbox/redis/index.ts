/**
 * Room: runs a Redis when none is configured. It is always our own process on a free loopback port; a Redis found
 * running belongs to another process. PostgreSQL holds the truth, so unreadable Redis data is moved away, not repaired.
 * In: the data folder, and a function for lines people read.
 * Out: the address of a running Redis and the function that stops it.
 * May touch: its own folder, one child process, one loopback port.
 */

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import {
  endLeftover,
  findProgram,
  freePort,
  startPart,
  supervise,
  type PartProcess,
} from "#sandbox/process/index.ts";
import { answersPing } from "./ping.ts";
import { tryRedis, unpackedRedis, unpackRedis, type RedisProgram } from "./unpack.ts";

const execute = promisify(execFile);

const READY_WITHIN_MS = 30_000;
const START_TRIES = 3;

/** BullMQ warns below this version and lacks features; the distributions we know are above it. */
const VERSION_LEAST = [6, 2] as const;

/** Where it may keep its files, and who is told what happens, in lines for a person. */
export interface EmbeddedRedisOptions {
  readonly directory: string;
  readonly log: (line: string) => void;
}

/** A Redis that answers on `url`; `how` says where the program came from. `close` resolves when it is gone. */
export interface EmbeddedRedis {
  readonly url: string;
  readonly how: string;
  close(): Promise<void>;
}

/**
 * Starts Redis on a free port of 127.0.0.1 with append-only persistence under `directory` and without eviction,
 * and resolves once it answers PING. Throws, saying what to do, when no redis-server can be had or none starts.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const { program, how } = await findRedis(options);
  const data = join(options.directory, "data");
  await endLeftover(pidFile(options), data);
  const { port, server } = await firstStart(program, options, data);
  const close = supervise(server, {
    name: "Redis",
    consequence: "Nothing is lost: the messages are in the database.",
    log: options.log,
    restart: () => launch(program, options, data, port),
  });
  return { url: `redis://127.0.0.1:${port}`, how, close };
}

function pidFile({ directory }: EmbeddedRedisOptions): string {
  return join(directory, "redis.pid");
}

async function findRedis(
  options: EmbeddedRedisOptions,
): Promise<{ program: RedisProgram; how: string }> {
  const { directory, log } = options;
  const fromPath = await redisOnPath();
  if (fromPath !== undefined)
    return { program: fromPath, how: `redis-server ${fromPath.version} (${fromPath.command})` };
  const before = await unpackedRedis(directory);
  if (before !== undefined)
    return { program: before, how: `redis-server ${before.version}, unpacked under ${directory}` };
  try {
    const unpacked = await unpackRedis(directory, log);
    return {
      program: unpacked,
      how: `redis-server ${unpacked.version}, unpacked under ${directory}`,
    };
  } catch (error) {
    const installed = process.getuid?.() === 0 ? await installRedis(log) : undefined;
    if (installed !== undefined)
      return { program: installed, how: `redis-server ${installed.version}, installed by apt-get` };
    throw new Error(
      `Deskhand needs Redis ${VERSION_LEAST.join(".")} or newer and found no way to it: redis-server is not on PATH, and unpacking ` +
        "the distribution's package failed. Install redis-server, or set REDIS_URL to one that runs.",
      { cause: error },
    );
  }
}

async function redisOnPath(): Promise<RedisProgram | undefined> {
  const command = findProgram("redis-server");
  // A locale the system does not have makes Redis refuse to start; it needs none.
  const found = command === undefined ? undefined : await tryRedis(command, { LC_ALL: "C" });
  const [major = 0, minor = 0] = (found?.version ?? "").split(".").map(Number);
  const [leastMajor, leastMinor] = VERSION_LEAST;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor) ? found : undefined;
}

async function installRedis(log: (line: string) => void): Promise<RedisProgram | undefined> {
  log(
    "Redis: installing the system's redis-server, since it could not be unpacked (apt-get install redis-server).",
  );
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  try {
    await execute("apt-get", ["-q", "update"], { env: environment });
    await execute("apt-get", ["-q", "-y", "--no-install-recommends", "install", "redis-server"], {
      env: environment,
    });
  } catch {
    return undefined;
  }
  return redisOnPath();
}

/** Tries other ports when one is snatched away, and puts unreadable data aside once. */
async function firstStart(
  program: RedisProgram,
  options: EmbeddedRedisOptions,
  data: string,
): Promise<{ port: number; server: PartProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await launch(program, options, data, port) };
    } catch (error) {
      if (attempt === START_TRIES) throw error;
      if (error instanceof UnreadableData) setAside(data, options.log);
    }
  }
}

class UnreadableData extends Error {}

async function launch(
  program: RedisProgram,
  options: EmbeddedRedisOptions,
  data: string,
  port: number,
): Promise<PartProcess> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const server = startPart({
    command: program.command,
    parameters: Object.entries({
      bind: "127.0.0.1",
      port: String(port),
      dir: data,
      daemonize: "no",
      appendonly: "yes",
      "maxmemory-policy": "noeviction",
    }).flatMap(([name, value]) => [`--${name}`, value]),
    directory: data,
    environment: program.environment,
    pidFile: pidFile(options),
  });
  await answering(server, port);
  return server;
}

async function answering(server: PartProcess, port: number): Promise<void> {
  let end: string | undefined;
  void server.ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await answersPing(port))) {
    if (end !== undefined) {
      const message = `redis-server ended at once (${end}): ${server.tail().split("\n").slice(-4).join(" | ")}`;
      throw /append only file|AOF|RDB|manifest/i.test(server.tail())
        ? new UnreadableData(message)
        : new Error(message);
    }
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(
        `redis-server did not answer on port ${port} within ${READY_WITHIN_MS / 1000} s.`,
      );
    }
    await delay(25);
  }
}

function setAside(data: string, log: (line: string) => void): void {
  const aside = `${data}.unreadable`;
  if (!existsSync(data)) return;
  rmSync(aside, { recursive: true, force: true });
  renameSync(data, aside);
  log(
    `Redis: its files could not be read and were moved to ${aside}. Nothing is lost: the messages are in the database.`,
  );
}

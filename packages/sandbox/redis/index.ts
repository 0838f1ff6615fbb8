/**
 * Room: runs a Redis when none is configured. It is always our own process on a free loopback port; a Redis found
 * running belongs to another process. PostgreSQL holds the truth, so unreadable Redis data is moved away, not repaired.
 * In: the data folder, and a function for lines people read.
 * Out: the address of a running Redis and the function that stops it.
 * May touch: its own folder, one child process, one loopback port.
 */

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  endLeftover,
  findProgram,
  startOnFreePort,
  startPart,
  supervise,
  untilReady,
  type PartProcess,
} from "#sandbox/process/index.ts";
import { tryRedis, unpackedRedis, unpackRedis, type RedisProgram } from "./unpack.ts";
import { connect } from "node:net";

const READY_WITHIN_MS = 30_000;

/** BullMQ warns below this version and lacks features; the distributions we know are above it. */
const VERSION_LEAST = [6, 2] as const;

/** Where it may keep its files, and who is told what happens, in lines for a person. */
export interface EmbeddedRedisOptions {
  readonly directory: string;
  readonly log: (line: string) => void;
}

/** A Redis that answers on `url`. `close` resolves when it is gone. */
export interface EmbeddedRedis {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts Redis on a free port of 127.0.0.1 with append-only persistence under `directory` and without eviction,
 * and resolves once it answers PING. Throws, saying what to do, when no redis-server can be had or none starts.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const program = await findRedis(options);
  const data = join(options.directory, "data");
  await endLeftover(pidFile(options), data);
  const { port, server } = await startOnFreePort(
    (free) => launch(program, options, data, free),
    (error) => {
      if (error instanceof UnreadableData) setAside(data, options.log);
    },
  );
  const close = supervise(server, {
    name: "Redis",
    consequence: "Nothing is lost: the messages are in the database.",
    log: options.log,
    restart: () => launch(program, options, data, port),
  });
  return { url: `redis://127.0.0.1:${port}`, close };
}

function pidFile({ directory }: EmbeddedRedisOptions): string {
  return join(directory, "redis.pid");
}

async function findRedis({ directory, log }: EmbeddedRedisOptions): Promise<RedisProgram> {
  const known = (await redisOnPath()) ?? (await unpackedRedis(directory));
  if (known !== undefined) return known;
  try {
    return await unpackRedis(directory, log);
  } catch (error) {
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
  const isReady = () => answersPing(port);
  await untilReady(server, { name: "redis-server", withinMs: READY_WITHIN_MS, isReady }).catch(
    (error: unknown) => {
      throw /append only file|AOF|RDB|manifest/i.test(server.tail())
        ? new UnreadableData("its files cannot be read", { cause: error })
        : error;
    },
  );
  return server;
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

/** A server on this machine that takes longer does not answer. */
const ANSWER_WITHIN_MS = 1_000;

/** Resolves to true once Redis on 127.0.0.1 takes commands; while it still loads its data it does not. Never rejects. */
export async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.once("data", (data) => {
      resolve(data.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

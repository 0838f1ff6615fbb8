/**
 * Room: runs a Redis when none is configured. It is always our own process on a free loopback port; a Redis found
 * running belongs to another process. PostgreSQL holds the truth, so unreadable Redis data is moved away, not repaired.
 * In: the data folder, and a function for lines people read.
 * Out: the address of a running Redis and the function that stops it.
 * May touch: its own folder, one child process, one loopback port.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  findProgram,
  keepRunning,
  type PartProcess,
  startPart,
  untilReady,
} from "#sandbox/process/index.ts";
import { connect } from "node:net";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const READY_WITHIN_MS = 30_000;

/** BullMQ warns below this version and lacks features; the distributions we know are above it. */
const VERSION_LEAST = [6, 2] as const;

/** Where it may keep its files, and who is told what happens, in lines for a person. */
export interface EmbeddedRedisOptions {
  readonly directory: string;
  readonly log: (line: string) => void;
}

/**
 * Starts Redis on a free port of 127.0.0.1 with append-only persistence under `directory` and without eviction,
 * and resolves once it answers PING; `close` resolves when it is gone. Throws, saying what to do, when no redis-server can be had or none starts.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions) {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const program = await findRedis(options);
  const data = join(options.directory, "data");
  const { port, close } = await keepRunning({
    name: "Redis",
    directory: data,
    pidFile: pidFile(options),
    launch: (free) => launch(program, options, data, free),
    failed: (error) => {
      if (error instanceof UnreadableData) setAside(data, options.log);
    },
    consequence: "Nothing is lost: the messages are in the database.",
    log: options.log,
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

// Redis out of the distribution's own packages, unpacked into a folder: no root needed, no change to the system.

const execute = promisify(execFile);

/** Fetching the package lists of a slow mirror takes a minute; five mean that it hangs. */
const APT_TIMEOUT_MS = 300_000;

/** A redis-server that was seen to answer. */
type RedisProgram = NonNullable<Awaited<ReturnType<typeof tryRedis>>>;

/**
 * The version a redis-server reports with the variables it needs to find its libraries, or undefined when it does not run
 * here (a library is missing, say).
 */
export async function tryRedis(command: string, environment: Readonly<Record<string, string>>) {
  try {
    const { stdout } = await execute(command, ["--version"], { env: { ...environment } });
    const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { command, environment, version };
  } catch {
    return undefined;
  }
}

/** What was unpacked into `directory` before, if it still runs. */
export async function unpackedRedis(directory: string) {
  const root = join(directory, "unpacked");
  return tryRedis(join(root, "usr", "bin", "redis-server"), {
    LC_ALL: "C",
    LD_LIBRARY_PATH: libraryFolders(root).join(":"),
  });
}

/**
 * Downloads redis-server and whatever it needs that the system lacks, and unpacks it under `directory`. Uses the
 * system's package lists, or fetches lists of its own where there are none. Throws when apt has no such package,
 * or cannot be run.
 */
export async function unpackRedis(
  directory: string,
  log: (line: string) => void,
): Promise<RedisProgram> {
  const apt = join(directory, "apt");
  const packages = join(apt, "packages");
  const root = join(directory, "unpacked");
  for (const folder of [apt, root]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [
    packages,
    join(apt, "lists", "partial"),
    join(apt, "archives", "partial"),
    root,
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  try {
    const { options, missing } = await resolvePackages(apt, log);
    const names = [...new Set(["redis-server", "redis-tools", ...missing])];
    log(
      `Redis: unpacking ${names.length} packages of this distribution into ${root} (nothing else is changed).`,
    );
    await aptGet([...options, "download", ...names], packages);
    for (const file of readdirSync(packages).filter((name) => name.endsWith(".deb"))) {
      await execute("dpkg-deb", ["-x", join(packages, file), root]);
    }
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
  const redis = await unpackedRedis(directory);
  if (redis === undefined)
    throw new Error(`the redis-server unpacked into ${root} does not run here`);
  return redis;
}

/** What installing redis-server would add. Asked of the system's lists first, then of lists fetched for this. */
async function resolvePackages(
  apt: string,
  log: (line: string) => void,
): Promise<{ options: readonly string[]; missing: readonly string[] }> {
  try {
    return { options: [], missing: await simulate([], apt) };
  } catch {
    log(
      "Redis: this system has no package lists; fetching a copy for this once (apt-get update, about 10 MB).",
    );
    const options = [
      `Dir::State=${apt}`,
      `Dir::State::lists=${join(apt, "lists")}`,
      "Dir::State::status=/var/lib/dpkg/status",
      `Dir::Cache=${apt}`,
    ].map((setting) => `--option=${setting}`);
    await aptGet([...options, "update"], apt);
    return { options, missing: await simulate(options, apt) };
  }
}

async function simulate(options: readonly string[], directory: string): Promise<readonly string[]> {
  const output = await aptGet(
    [...options, "--simulate", "--no-install-recommends", "install", "redis-server"],
    directory,
  );
  return [...output.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}

/** As root apt would hand the download to a user of its own, who may not write into our folder. */
async function aptGet(parameters: readonly string[], directory: string): Promise<string> {
  const options = ["-q", "-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=true"];
  const { stdout } = await execute("apt-get", [...options, ...parameters], {
    cwd: directory,
    timeout: APT_TIMEOUT_MS,
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
  });
  return stdout;
}

function libraryFolders(root: string): readonly string[] {
  return [join(root, "usr", "lib"), join(root, "lib")].flatMap((folder) => [
    folder,
    ...subfolders(folder)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => join(folder, name)),
  ]);
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

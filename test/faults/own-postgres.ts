/**
 * A PostgreSQL that a case may restart, kill and fill up. The shared one of a test run answers before anything is
 * written, which is fast and would make these cases meaningless; here a commit is in the log before it is acknowledged.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "#sandbox/process/index.ts";
import { unprivileged } from "#test/support/unprivileged.ts";
import { postgresFolder } from "../runner/parts.mjs";

export interface OwnPostgres {
  readonly url: string;
  /** SIGINT: all clients are disconnected, what is not committed is undone, the server ends. */
  stopFast(): Promise<void>;
  /** SIGKILL of the postmaster: the next start has to recover. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, and waits until it takes connections. */
  start(): Promise<void>;
  isRunning(): boolean;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

const START_MS = 30_000;

/** Right after a kill the server's children may still hold its memory, and the next start is refused. */
const START_TRIES = 20;

/** Starts one in a folder of its own, or in `folder`, which has to belong to the case alone. */
export async function ownPostgres(options: {
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<OwnPostgres> {
  const programs = postgresFolder();
  if (programs === undefined) throw new Error("the programs of PostgreSQL are not installed");
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "deskhand-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const user = unprivileged(["postgres", "nobody"]);
  if (user !== null) {
    chmodSync(folder, 0o711);
    chownSync(data, user.uid, user.gid);
  }
  const run = (program: string, parameters: readonly string[]): ChildProcess =>
    spawn(join(programs, program), parameters, {
      cwd: data,
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      stdio: "ignore",
      ...user,
    });
  const making = run("initdb", [
    // Small pieces of the log, so that a small disk holds some.
    "--wal-segsize=1",
    "--no-sync",
    "-D",
    data,
    "-U",
    "deskhand",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
  ]);
  const [code]: unknown[] = await once(making, "exit");
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}`);
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    synchronous_commit: "on",
    fsync: "on",
    shared_buffers: "32MB",
    max_connections: "60",
    ...options.settings,
  };
  const parameters = [
    "-D",
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const state: { server: ChildProcess | null } = { server: null };
  const isRunning = (): boolean => state.server !== null && isAlive(state.server);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { server } = state;
    state.server = null;
    if (server === null || !isAlive(server)) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  const start = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const server = run("postgres", parameters);
      state.server = server;
      if (await isReady(server, data)) return;
      if (tries === START_TRIES) throw new Error("PostgreSQL does not start");
      await delay(250);
    }
  };
  await start();
  return {
    url: `postgres://deskhand@127.0.0.1:${port}/postgres`,
    stopFast: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
    start,
    isRunning,
    async close() {
      await end("SIGQUIT");
      rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** The last line of postmaster.pid says "ready" when connections are taken. False when the server ended instead. */
async function isReady(server: ChildProcess, data: string): Promise<boolean> {
  const file = join(data, "postmaster.pid");
  const deadline = Date.now() + START_MS;
  while (isAlive(server)) {
    const [pid = "", ...lines] = textOf(file).trimEnd().split("\n");
    if (Number(pid) === server.pid && lines.at(-1)?.trim() === "ready") return true;
    if (Date.now() > deadline) throw new Error("PostgreSQL takes too long to start");
    await delay(50);
  }
  return false;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

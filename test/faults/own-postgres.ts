/**
 * A PostgreSQL that a case may restart, kill and fill up. The shared one of a test run answers before anything is
 * written, which is fast and would make these cases meaningless; here a commit is in the log before it is acknowledged.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "#sandbox/process/index.ts";
import { postgresFolder } from "../runner/parts.mjs";
import { makeCluster } from "../runner/services.mjs";

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
  // Small pieces of the log, so that a small disk holds some.
  const cluster = await makeCluster(programs, folder, ["--wal-segsize=1"]);
  const port = await freePort();
  const settings = {
    synchronous_commit: "on",
    fsync: "on",
    shared_buffers: "32MB",
    max_connections: "60",
    ...options.settings,
  };
  const started = async (): ReturnType<typeof cluster.start> => {
    for (let tries = 1; ; tries += 1)
      try {
        return await cluster.start(port, settings);
      } catch (error) {
        if (tries === START_TRIES) throw error;
        await delay(250);
      }
  };
  let server = await started();
  return {
    url: cluster.url(port),
    stopFast: () => server.stop("SIGINT"),
    kill: () => server.stop("SIGKILL"),
    async start() {
      server = await started();
    },
    isRunning: () => server.isRunning(),
    async close() {
      await server.stop("SIGQUIT");
      rmSync(cluster.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

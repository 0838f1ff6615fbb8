/** A PgBouncer of a test's own before the run's PostgreSQL, in transaction mode as people run it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, freePort } from "#sandbox/process/index.ts";
import { unprivileged } from "./unprivileged.ts";
import { until } from "./waiting.ts";

const DEBIANS = "/usr/sbin/pgbouncer";
const program = findProgram("pgbouncer") ?? (existsSync(DEBIANS) ? DEBIANS : undefined);

/** For a test's `skip`. */
export const pgbouncerMissing: string | false =
  program === undefined ? "pgbouncer is not installed" : false;

/** Starts one before this database; `settings` are lines of its file. */
export async function startPgbouncer(databaseUrl: string, settings: readonly string[] = []) {
  if (program === undefined) throw new Error("pgbouncer is not installed");
  const { hostname, port, pathname, username } = new URL(databaseUrl);
  const name = pathname.slice(1);
  const directory = mkdtempSync(join(tmpdir(), "test-pgbouncer-"));
  chmodSync(directory, 0o755);
  const listening = await freePort();
  const file = join(directory, "pgbouncer.ini");
  const lines = [
    "[databases]",
    `${name} = host=${hostname} port=${port} dbname=${name} user=${username}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${listening}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 4",
    ...settings,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o644 });
  // It refuses to run as root.
  const child = spawn(program, [file], { stdio: "ignore", ...unprivileged() });
  const ended = once(child, "exit");
  await until("PgBouncer", () => takesConnections(listening));
  return {
    url: `postgres://${username}@127.0.0.1:${listening}/${name}`,
    async stop() {
      child.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

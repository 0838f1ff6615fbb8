/** A real MariaDB for tests: a server of the test's own, loopback only, gone with it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql from "mysql2/promise";
import { findProgram, freePort } from "#sandbox/process/index.ts";
import { unprivileged } from "./unprivileged.ts";
import { until } from "./waiting.ts";

const DEBIANS = "/usr/sbin/mariadbd";
const SYSTEM_TABLES = "/usr/share/mysql/mysql_system_tables.sql";
const program = findProgram("mariadbd") ?? (existsSync(DEBIANS) ? DEBIANS : undefined);

/** For a test's `skip`: false where a MariaDB is installed, else why the test cannot run. */
export const mariadbMissing: string | false =
  program === undefined || !existsSync(SYSTEM_TABLES)
    ? "MariaDB is not installed (on Debian: apt-get install mariadb-server-core)"
    : false;

/** One running server with an empty database `shop`. */
export interface MariaDb {
  readonly port: number;
  /** Of the owner, who may do everything. */
  readonly owner: string;
  /** Of a user that may do only what `execute` grants to `reader`. */
  readonly reader: string;
  /** Whatever the owner says, in the database `shop`. */
  execute(statement: string): Promise<void>;
  stop(): Promise<void>;
}

const SMALL = [
  "--innodb-buffer-pool-size=8M",
  "--innodb-log-file-size=4M",
  "--innodb-flush-log-at-trx-commit=0",
  "--innodb-data-file-path=ibdata1:4M:autoextend",
  "--innodb-temp-data-file-path=ibtmp1:4M:autoextend",
  "--aria-log-file-size=8M",
  "--performance-schema=off",
  "--skip-log-bin",
];

const FIRST = `
create database mysql;
use mysql;
`;
const LAST = `
flush privileges;
create user owner@'127.0.0.1' identified by 'owner-secret';
grant all privileges on *.* to owner@'127.0.0.1' with grant option;
create user reader@'127.0.0.1' identified by 'reader-secret';
create database shop character set utf8mb4;
`;

/**
 * Starts one in about a second. `settings` are the server's own, such as `--require-secure-transport=1`; with a key and
 * a certificate it offers TLS.
 */
export async function startMariaDb(
  settings: readonly string[] = [],
  tls: { readonly key: Buffer; readonly cert: Buffer } | null = null,
): Promise<MariaDb> {
  if (program === undefined || mariadbMissing !== false) throw new Error(String(mariadbMissing));
  const folder = mkdtempSync(join(tmpdir(), "test-mariadb-"));
  const data = join(folder, "data");
  mkdirSync(data);
  // It refuses to run as root.
  const user = unprivileged();
  if (user !== null) {
    chmodSync(folder, 0o755);
    chownSync(data, user.uid, user.gid);
  }
  const options = ["--no-defaults", `--datadir=${data}`, `--tmpdir=${data}`, ...SMALL];
  const made = spawnSync(program, [...options, "--bootstrap"], {
    ...user,
    cwd: data,
    input: FIRST + readFileSync(SYSTEM_TABLES, "utf8") + LAST,
  });
  if (made.status !== 0) throw new Error(`MariaDB could not be set up: ${String(made.stderr)}`);
  const port = await freePort();
  const server = spawn(
    program,
    [
      ...options,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--socket=",
      "--skip-name-resolve",
      ...settings,
      ...tlsSettings(data, tls, user),
    ],
    { ...user, cwd: data, stdio: "ignore" },
  );
  const ended = once(server, "exit");
  const address = (name: string): string => `mysql://${name}:${name}-secret@127.0.0.1:${port}/shop`;
  const connect = () => mysql.createConnection(address("owner"));
  await until("MariaDB", async () => {
    const tried = await connect().catch(() => null);
    await tried?.end();
    return tried !== null;
  });
  const owner = await connect();
  owner.on("error", () => {});
  return {
    port,
    owner: address("owner"),
    reader: address("reader"),
    execute: async (statement) => void (await owner.query(statement)),
    async stop() {
      owner.destroy();
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tlsSettings(
  folder: string,
  pems: { readonly key: Buffer; readonly cert: Buffer } | null,
  user: ReturnType<typeof unprivileged>,
): readonly string[] {
  return Object.entries(pems ?? {}).map(([name, pem]) => {
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, pem);
    if (user !== null) chownSync(file, user.uid, user.gid);
    return `--ssl-${name}=${file}`;
  });
}

/** Starts a throwaway PostgreSQL and a throwaway Redis for a test run: loopback only, no fsync, removed afterwards. */
import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/** Another program may take a free port between the check and its use; then the next one is tried. */
const PORT_TRIES = 3;

/**
 * Starts a PostgreSQL of its own under `folder` with the binaries in `programs`. Resolves to its URL and the function
 * that stops it. `more` are settings by name, such as `{ synchronous_commit: "on" }`; they override ours.
 */
export async function startPostgres(programs, folder, more = {}) {
  const cluster = await makeCluster(programs, folder);
  return withFreePort("PostgreSQL", async (port) => {
    const { pid, stop } = await cluster.start(port, {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      max_connections: "300",
      shared_buffers: "64MB",
      shared_preload_libraries: "pg_stat_statements",
      ...more,
    });
    // On SIGINT PostgreSQL disconnects all clients and stops.
    return { url: cluster.url(port), pid, stop: () => stop("SIGINT") };
  });
}

/**
 * Makes a PostgreSQL cluster of its own under `folder`, which is started on a port with settings by name, also again once
 * it has ended. PostgreSQL refuses to run as root, so as root it runs as `postgres` or `nobody`. `more` is for initdb.
 */
export async function makeCluster(programs, folder, more = []) {
  const user = process.getuid?.() === 0 ? unprivileged() : {};
  const data = join(folder, "postgres");
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) {
    chmodSync(folder, 0o711);
    chownSync(data, user.uid, user.gid);
  }
  const options = { cwd: data, env: { PATH: process.env.PATH, LC_ALL: "C" }, ...user };
  const owner = ["-U", "deskhand", "-A", "trust"];
  const made = start(
    join(programs, "initdb"),
    ["-D", data, ...owner, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", ...more],
    options,
  );
  const code = await made.ended;
  if (code !== 0) throw new Error(`initdb failed (${code}):\n${made.tail()}`);
  return {
    data,
    url: (port) => `postgres://deskhand@127.0.0.1:${port}/postgres`,
    async start(port, settings) {
      const chosen = Object.entries(settings).flatMap(([name, value]) => [
        "-c",
        `${name}=${value}`,
      ]);
      const server = start(
        join(programs, "postgres"),
        ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", "", ...chosen],
        options,
      );
      await ready(server, () => readiness(data, server.pid));
      return server;
    },
  };
}

/** Starts a Redis of its own under `folder`, configured as Deskhand needs it: nothing is ever evicted. */
export async function startRedis(program, folder) {
  const data = join(folder, "redis");
  mkdirSync(data, { mode: 0o700 });
  return withFreePort("Redis", async (port) => {
    const settings = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
      "--databases",
      "256",
    ];
    const server = start(
      program,
      [...settings, "--maxmemory-policy", "noeviction", "--dir", data],
      {
        cwd: data,
        env: { PATH: process.env.PATH, LC_ALL: "C" },
      },
    );
    await ready(server, () => answersPing(port));
    return {
      url: `redis://127.0.0.1:${port}`,
      pid: server.pid,
      stop: () => server.stop("SIGTERM"),
    };
  });
}

async function withFreePort(name, use) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await use(await freePort());
    } catch (error) {
      if (attempt === PORT_TRIES)
        throw new Error(`${name} for the tests did not start: ${error.message}`);
    }
  }
}

function start(command, parameters, options) {
  const child = spawn(command, parameters, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (output = (output + chunk).slice(-4000)));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve(error.code);
    });
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const stop = async (signal) => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  };
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return { ended, pid: child.pid, tail: () => output.trimEnd(), isRunning, stop };
}

async function ready(server, isReady) {
  const ends = [];
  void server.ended.then((code) => ends.push(String(code)));
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isReady())) {
    if (ends.length > 0) throw new Error(`it ended at once (${ends[0]}):\n${server.tail()}`);
    if (Date.now() > deadline) {
      await server.stop("SIGKILL");
      throw new Error(`it was not ready within ${READY_WITHIN_MS / 1000} s:\n${server.tail()}`);
    }
    await delay(50);
  }
}

/** The last line of postmaster.pid says "ready" when connections are accepted; a server that was killed left its own. */
function readiness(data, pid) {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").trimEnd().split("\n");
    return Number(lines[0]) === pid && lines.at(-1).trim() === "ready";
  } catch {
    return false;
  }
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once("data", (data) => {
      resolve(String(data).startsWith("+PONG"));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function unprivileged() {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found =
    users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (found === undefined)
    throw new Error(
      "PostgreSQL does not run as root, and there is neither a user postgres nor nobody.",
    );
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

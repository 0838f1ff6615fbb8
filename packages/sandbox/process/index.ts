/**
 * Room: what the sandbox's parts run on: programs next to Deskhand, each in a session of its own, never left behind and
 * ended by PID; servers on this machine alone; files that a killed process leaves whole.
 * In: a command with its arguments, environment and log file; a server; a text to keep.
 * Out: a child process that is restarted when it ends, and a function that stops it; ports; program paths.
 * May touch: child processes it started, their PID and log files, loopback ports, the files it is given.
 */

import { spawn, type ChildProcess } from "node:child_process";
import {
  accessSync,
  constants,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
  renameSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { once } from "node:events";

/** How long a program may take to stop by itself before it is killed. */
const STOP_WITHIN_MS = 10_000;

/** A pause before a restart, so that a program that cannot run does not spin; and a limit, so that it ends. */
const RESTART_PAUSE_MS = 1_000;
const RESTARTS_MOST = 5;

/** The end of what a program printed, kept for the message when it dies. */
const TAIL_CHARACTERS = 4000;

/** A program to run. `directory` is its working directory and belongs to it alone: it is how a leftover is recognised. */
export interface PartOptions {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Holds the PID while the program runs, outside `directory`'s data if that can be thrown away. */
  readonly pidFile: string;
}

/** A running program. `ended` resolves, never rejects, to how it ended ("code 1", "SIGKILL", "spawn … ENOENT"). */
export type PartProcess = ReturnType<typeof startPart>;

/**
 * Starts a program in a session of its own, so that Ctrl-C in the terminal reaches Deskhand alone, which then
 * stops its parts in order. Where util-linux is at hand the kernel ends the program with us, even by kill -9.
 */
export function startPart(options: PartOptions) {
  const setpriv = findProgram("setpriv");
  const [command, parameters] =
    setpriv === undefined
      ? [options.command, options.parameters]
      : [setpriv, ["--pdeathsig", "SIGTERM", options.command, ...options.parameters]];
  const child = spawn(command, parameters, {
    cwd: options.directory,
    env: { ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  if (child.pid !== undefined) writeFileSync(options.pidFile, String(child.pid), { mode: 0o600 });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-TAIL_CHARACTERS);
    });
  }
  const ended = endOfProcess(child).then((how) => {
    rmSync(options.pidFile, { force: true });
    return how;
  });
  return {
    ended,
    /** The last few thousand characters it printed. */
    tail: () => printed.trimEnd(),
    /** Asks it to stop (SIGTERM) and resolves when it is gone, killing it after 10 s. */
    stop: async (): Promise<void> => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Ends the program that `pidFile` names if it is still ours: one whose working directory is `directory`. It was
 * left by a Deskhand that was killed. A PID the system has given to another program is left alone.
 */
export async function endLeftover(pidFile: string, directory: string): Promise<void> {
  const pid = numberIn(pidFile);
  rmSync(pidFile, { force: true });
  if (pid === undefined) return;
  const deadline = Date.now() + STOP_WITHIN_MS;
  let signal: NodeJS.Signals = "SIGTERM";
  while (runsInFolder(pid, directory)) {
    if (Date.now() > deadline) signal = "SIGKILL";
    process.kill(pid, signal);
    await delay(50);
  }
}

/** Waits until a program is ready. One that ends before, takes too long, or whose check throws is stopped: then it throws. */
export async function untilReady(
  server: PartProcess,
  {
    name,
    withinMs,
    isReady,
  }: {
    readonly name: string;
    readonly withinMs: number;
    readonly isReady: () => boolean | Promise<boolean>;
  },
): Promise<void> {
  let end: string | undefined;
  void server.ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + withinMs;
  try {
    while (!(await isReady())) {
      if (end !== undefined) throw new Error(`${name} ended at once (${end}): ${server.tail()}`);
      if (Date.now() > deadline)
        throw new Error(`${name} was not ready within ${withinMs / 1000} s`);
      await delay(20);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Another program may take a port between its being found free and its being used. */
const START_TRIES = 3;

/** A program on a port, and what is said and done when it ends without being asked to. */
export interface KeptProgram {
  readonly name: string;
  readonly directory: string;
  readonly pidFile: string;
  /** Starts it on this port, and resolves once it is ready. */
  readonly launch: (port: number) => Promise<PartProcess>;
  /** Is told why it did not start, before it is tried on another port; throws what no other port would mend. */
  readonly failed: (error: unknown) => void;
  /** Taken if it is free. */
  readonly preferredPort?: number;
  /** What the end of it means for the person at the terminal, as a sentence. */
  readonly consequence: string;
  readonly log: (line: string) => void;
}

/**
 * Keeps a program running on a free port: one left by a Deskhand that was killed is ended first, and when it ends by
 * itself it is started again, a few times at most. `close` ends it for good and resolves when it is gone, also when a
 * restart was just under way.
 */
export async function keepRunning(program: KeptProgram): Promise<Listening> {
  await endLeftover(program.pidFile, program.directory);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? program.preferredPort : 0);
    try {
      const started = await program.launch(port);
      return { port, close: supervise(started, port, program) };
    } catch (error) {
      if (attempt === START_TRIES) throw error;
      program.failed(error);
    }
  }
}

function supervise(
  first: PartProcess,
  port: number,
  { name, consequence, log, launch }: KeptProgram,
): () => Promise<void> {
  let closing = false;
  let current = first;
  async function watch(): Promise<void> {
    for (let restarts = 0; ; restarts += 1) {
      const how = await current.ended;
      if (closing) return;
      if (restarts === RESTARTS_MOST) {
        log(`${name}: ended again (${how}) and is not started any more. ${consequence}`);
        return;
      }
      log(`${name}: ended unexpectedly (${how}); starting it again. ${consequence}`);
      await delay(RESTART_PAUSE_MS);
      if (closing) return;
      try {
        current = await launch(port);
        // Closed meanwhile: what was stopped then was the one before.
        if (closing) return await current.stop();
      } catch (error) {
        log(
          `${name}: could not be started again (${error instanceof Error ? error.message : String(error)}).`,
        );
      }
    }
  }
  const watching = watch();
  return async () => {
    closing = true;
    await current.stop();
    await watching;
  };
}

/**
 * A port of 127.0.0.1 that is free at this moment, the preferred one if possible. Another process may take it before
 * the caller does.
 */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (preferred === 0) reject(error);
      else resolve(freePort());
    });
    server.listen(preferred, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string")
          reject(new Error("The system gave no port."));
        else resolve(address.port);
      });
    });
  });
}

/** The absolute path of a program on PATH, undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function endOfProcess(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? `code ${code}`));
  });
}

/** The whole number above 0, and not above this, that a file holds; undefined where it holds none or is not there. */
export function numberIn(path: string, atMost = Number.MAX_SAFE_INTEGER): number | undefined {
  try {
    const number = Number(readFileSync(path, "utf8"));
    return Number.isInteger(number) && number > 0 && number <= atMost ? number : undefined;
  } catch {
    return undefined;
  }
}

/** Where there is no /proc nothing can be proven, and what is not proven ours is not killed. */
function runsInFolder(pid: number, directory: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory);
  } catch {
    return false;
  }
}

/** What runs on a port, and how it ends. */
export interface Listening {
  readonly port: number;
  /** Ends open connections too; resolves when the port is free again. */
  readonly close: () => Promise<void>;
}

/** Listens on 127.0.0.1, on a free port for 0. Rejects when the port is taken. */
export async function listenHere(
  server: Server & { closeAllConnections?(): void },
  wanted = 0,
): Promise<Listening> {
  server.listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : wanted,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections?.();
      await closed;
    },
  };
}

/** The text of a file; undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces the whole file at once, on the disk before it has its name; only this user may read it. Throws when the disk refuses. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.next`, path);
}

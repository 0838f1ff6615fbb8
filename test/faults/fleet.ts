/** A Deskhand of several real processes by role that a run may kill, hang, stop and start again. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { freePort } from "#sandbox/process/index.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";

const ROOT = join(import.meta.dirname, "../..");
/** A machine with other work takes long to start eight processes; one that hangs never gets ready. */
const READY_WITHIN_MS = 180_000;
const OUTPUT_CHARACTERS = 200_000;
const PORT_TRIES = 3;

type Role = "all" | "web" | "worker" | "channels";
type Environment = Readonly<Record<string, string>>;

/** How a process of the fleet ended: its exit code or the signal, with everything it printed kept. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One process of the fleet. Its name, folder and port stay the same over restarts. */
export interface Member {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  /** Where it listens, if its role does. */
  readonly url: string;
  readonly pid: () => number | null;
  /** What it printed so far, the last 200,000 characters, over all restarts. */
  readonly output: () => string;
  readonly isRunning: () => boolean;
  /** Resident memory in MB as the kernel counts it; null when it does not run. */
  readonly memoryMb: () => number | null;
  /** Starts it (again), with more variables if need be; resolves when it is ready, rejects with what it printed. */
  start(more?: Environment): Promise<void>;
  /** SIGKILL, as a power cut; resolves when it is gone. */
  kill(): Promise<Ended>;
  /** SIGTERM; resolves when it has ended by itself, however long that takes. */
  stop(): Promise<Ended>;
  /** Any signal, such as SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<Ended>;
}

export interface Fleet {
  /** Makes a member and starts it; the name must be new. `root` is the folder of another version of the program. */
  add(
    name: string,
    role: Role,
    more?: Environment,
    other?: { readonly root: string },
  ): Promise<Member>;
  /** Fails for a name that was never added. */
  member(name: string): Member;
  members(): readonly Member[];
  /** Ends everything, whatever state it is in. */
  close(): Promise<void>;
}

/**
 * A fleet with one database, one Redis and one folder for raw mails. `environment` goes to every process: the vendors'
 * addresses, the policy file. Nothing of the caller's own environment is passed on but PATH and HOME.
 */
export function createFleet(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** A folder of the fleet's own; it has to be short, since sockets are made in it. */
  readonly folder: string;
  readonly environment: Environment;
  /** The program, for a fleet of two versions. */
  readonly root?: string;
}): Fleet {
  const members = new Map<string, Member>();
  const shared: Environment = {
    DESKHAND_LOG: "warn",
    EMBEDDINGS: "off",
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    DESKHAND_BLOBS: join(options.folder, "blobs"),
    ...options.environment,
  };
  return {
    async add(name, role, more = {}, other = { root: options.root ?? ROOT }) {
      if (members.has(name)) throw new Error(`there is a process ${name} already`);
      const folder = join(options.folder, name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (let tries = 1; ; tries += 1) {
        const port = await freePort();
        const member = createMember({
          name,
          role,
          folder,
          port,
          root: other.root,
          environment: {
            ...shared,
            DESKHAND_ROLE: role,
            DESKHAND_DATA: folder,
            DESKHAND_PORT: String(port),
            ...more,
          },
        });
        members.set(name, member);
        try {
          await member.start();
          return member;
        } catch (error) {
          // A port that was free a moment ago may be another process's by now.
          if (tries === PORT_TRIES || !/EADDRINUSE/.test(member.output())) throw error;
        }
      }
    },
    member: (name) => {
      const found = members.get(name);
      if (found === undefined) throw new Error(`there is no process ${name}`);
      return found;
    },
    members: () => [...members.values()],
    async close() {
      await Promise.all([...members.values()].map((member) => member.kill()));
    },
  };
}

function createMember(given: {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  readonly port: number;
  readonly root: string;
  readonly environment: Environment;
}): Member {
  const { name, role, folder, port, root, environment } = given;
  const life: { child: ChildProcess | null; ended: Promise<Ended>; printed: string } = {
    child: null,
    ended: Promise.resolve({ code: null, signal: null }),
    printed: "",
  };
  const isRunning = (): boolean =>
    life.child !== null && life.child.exitCode === null && life.child.signalCode === null;
  const url = `http://127.0.0.1:${port}`;
  return {
    name,
    role,
    folder,
    url,
    isRunning,
    pid: () => (isRunning() ? (life.child?.pid ?? null) : null),
    output: () => life.printed,
    memoryMb: () => residentMb(isRunning() ? life.child?.pid : undefined),
    async start(more = {}) {
      if (isRunning()) throw new Error(`${name} runs already`);
      const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
        cwd: root,
        env: { ...BARE_ENVIRONMENT, HOME: process.env["HOME"], ...environment, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const before = life.printed.length;
      life.child = child;
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => {
          life.printed = (life.printed + chunk.toString("utf8")).slice(-OUTPUT_CHARACTERS);
        });
      life.ended = new Promise((resolve) => {
        child.once("error", () => resolve({ code: null, signal: null }));
        child.once("close", (code, signal) => resolve({ code, signal }));
      });
      await ready({ name, isRunning, said: () => life.printed.slice(before) });
    },
    async kill() {
      if (isRunning()) life.child?.kill("SIGKILL");
      return life.ended;
    },
    async stop() {
      if (isRunning()) life.child?.kill("SIGTERM");
      return life.ended;
    },
    signal: (signal) => {
      if (isRunning()) life.child?.kill(signal);
    },
    ended: () => life.ended,
  };
}

/** Every role prints the same line when it is ready, also those that do not listen. */
const READY_WORDS = /Deskhand is ready|\bready after\b/;

async function ready(given: {
  readonly name: string;
  readonly isRunning: () => boolean;
  readonly said: () => string;
}): Promise<void> {
  const end = Date.now() + READY_WITHIN_MS;
  while (!READY_WORDS.test(given.said())) {
    // Killed again while it started: the caller knows that.
    if (!given.isRunning())
      throw new Error(`${given.name} ended while it started:\n${given.said()}`);
    if (Date.now() > end) throw new Error(`${given.name} did not get ready:\n${given.said()}`);
    await delay(25);
  }
}

/** VmRSS of proc_pid_status(5), which is in kB. */
function residentMb(pid: number | undefined): number | null {
  if (pid === undefined) return null;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 102.4) / 10;
  } catch {
    return null;
  }
}

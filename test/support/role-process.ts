/** One process of Deskhand with a role, which a run may kill, hang, stop and start again. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { callControl, type CommandResult } from "#cli/control.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { BARE_ENVIRONMENT } from "./bare-environment.ts";
import { memoryMb } from "./processor-time.ts";
import { until } from "./waiting.ts";

const ROOT = join(import.meta.dirname, "../..");
const OUTPUT_CHARACTERS = 200_000;

export type Role = "web" | "worker" | "channels";
export type Environment = Readonly<Record<string, string>>;

/** How a process ended: its exit code or the signal, and the milliseconds from the call until then. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
}

/** Its name, folder and port stay the same over restarts. Nothing of the caller's environment is passed on but PATH. */
export interface RoleProcess {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  /** Where it answers, from its first start on. */
  readonly url: string;
  /** The name it writes into leases. */
  readonly worker: string;
  pid(): number | null;
  /** What it printed so far, the last 200,000 characters, over all restarts. */
  output(): string;
  isRunning(): boolean;
  /** Resident memory in MB as the kernel counts it; null when it does not run. */
  memoryMb(): number | null;
  /** Starts it (again), with more variables if need be; resolves when it is ready, rejects with what it printed. */
  start(more?: Environment): Promise<void>;
  /** SIGKILL is a power cut, SIGTERM asks it to end by itself, however long that takes; resolves when it is gone. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<Ended>;
  /** Any signal, such as SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<void>;
  /** A command of `deskhand`, run in this process. */
  command(...argv: string[]): Promise<CommandResult>;
}

/** Makes one; nothing runs before `start`. `root` is the folder of another version of the program. */
export function roleProcess(given: {
  readonly name: string;
  readonly role: Role;
  readonly folder: string;
  readonly environment: Environment;
  readonly root?: string;
}): RoleProcess {
  const { name, role, folder, environment, root = ROOT } = given;
  const life = {
    child: null as ChildProcess | null,
    ended: Promise.resolve(),
    printed: "",
    url: "",
    worker: "",
  };
  const running = (): ChildProcess | null =>
    life.child?.exitCode === null && life.child.signalCode === null ? life.child : null;
  return {
    name,
    role,
    folder,
    get url() {
      return life.url;
    },
    get worker() {
      return life.worker;
    },
    pid: () => running()?.pid ?? null,
    output: () => life.printed,
    isRunning: () => running() !== null,
    memoryMb: () => memoryMb(running()?.pid),
    async start(more = {}) {
      if (running() !== null) throw new Error(`${name} runs already`);
      const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts", role], {
        cwd: root,
        env: {
          ...BARE_ENVIRONMENT,
          HOME: folder,
          DESKHAND_DATA: folder,
          // The first start takes a free port, and later ones the same.
          DESKHAND_PORT: life.url === "" ? "0" : new URL(life.url).port,
          // The word on the command line is what counts.
          DESKHAND_ROLE: "all",
          ...environment,
          ...more,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      // Of this life alone: what it printed before says nothing of when it is ready now.
      const told = { text: "" };
      life.child = child;
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => {
          const text = chunk.toString("utf8");
          told.text = (told.text + text).slice(-OUTPUT_CHARACTERS);
          life.printed = (life.printed + text).slice(-OUTPUT_CHARACTERS);
        });
      life.ended = new Promise((resolve) => {
        child.once("error", () => resolve());
        child.once("close", () => resolve());
      });
      const said = (): string => told.text;
      life.url = await until(
        `${name} to be ready`,
        async () => {
          // Killed again while it started: the caller knows that.
          if (running() === null) throw new Error(`${name} ended while it started:\n${said()}`);
          return /It answers at (\S+)\.\n/.exec(said())?.[1];
        },
        said,
      );
      life.worker = readFileSync(join(folder, "worker"), "utf8").trim();
    },
    async end(signal) {
      const began = performance.now();
      // Held, since it may be started again by whoever waits for the same end.
      const { child, ended } = life;
      running()?.kill(signal);
      await ended;
      return {
        code: child?.exitCode ?? null,
        signal: child?.signalCode ?? null,
        tookMs: performance.now() - began,
      };
    },
    signal: (signal) => void running()?.kill(signal),
    ended: () => life.ended,
    async command(...argv) {
      const result = await callControl(folder, argv);
      assert.ok(result, `${name} does not answer on its control socket`);
      return result;
    },
  };
}

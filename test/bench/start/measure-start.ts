/** What a start takes: processor time to load the modules of a process, how many they are, and until it is ready. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { processorMsOf } from "#test/bench/fleet/processor-time.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { startRole, startSharedServices } from "#test/support/processes.ts";
import type { Environment } from "#test/support/role-process.ts";
import { NODE_FLAGS } from "../../../src/bootstrap/node-flags.mjs";

const ROOT = join(import.meta.dirname, "../../..");
const RECORDER = join(ROOT, "test/support/loaded-modules.mjs");

const StartCost = z.object({
  /** Loaded once it is ready. */
  modules: z.number(),
  /** Until it is ready the first time: modules are compiled, and the sandbox makes its database. */
  firstMs: z.number(),
  /** Every other time. */
  laterMs: z.number(),
});

/** A worker with real services, and `npm start` with those of the sandbox. */
export const Starts = z.object({ worker: StartCost, sandbox: StartCost });
export type Starts = z.infer<typeof Starts>;

/** Starts each three times: to compile, to measure, and to count what is loaded. */
export async function measureStarts(say: (line: string) => void): Promise<Starts> {
  const shared = await startSharedServices();
  try {
    say("start: a worker");
    const worker = await startCost((more) => workerMs({ ...shared.environment, ...more }));
    say("start: npm start");
    const folder = mkdtempSync(join(tmpdir(), "bench-sandbox-"));
    try {
      return { worker, sandbox: await startCost((more) => sandboxMs(folder, more)) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    await shared.close();
  }
}

/** `begun` starts a process with these variables, and gives its processor time once it is ready. */
async function startCost(
  begun: (more: Environment) => Promise<number>,
): Promise<z.infer<typeof StartCost>> {
  const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
  const compiled = { NODE_COMPILE_CACHE: join(folder, "compiled") };
  const recorded = join(folder, "recorded");
  try {
    const firstMs = await begun(compiled);
    const laterMs = await begun(compiled);
    await begun({
      ...compiled,
      NODE_OPTIONS: `--import=${RECORDER}`,
      TEST_LOADED_MODULES: mkdtempSync(recorded),
    });
    return { modules: modulesIn(folder), firstMs, laterMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The most that one process loaded: a worker and the sandbox start further ones. */
function modulesIn(folder: string): number {
  const counts = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".txt"))
    .map((file) => readFileSync(join(folder, file), "utf8").split("\n").length - 1);
  return Math.max(0, ...counts);
}

async function workerMs(environment: Environment): Promise<number> {
  const started = await startRole(environment, "worker");
  const used = processorMsOf(started.pid() ?? 0);
  await started.end("SIGTERM");
  return used;
}

async function sandboxMs(folder: string, more: Environment): Promise<number> {
  const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
    cwd: ROOT,
    env: { ...BARE_ENVIRONMENT, HOME: folder, DESKHAND_DATA: folder, DESKHAND_PORT: "0", ...more },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  try {
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      if (printed.includes("is ready after")) return processorMsOf(child.pid ?? 0);
    }
    throw new Error(`npm start ended before it was ready:\n${printed}`);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

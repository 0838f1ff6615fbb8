/**
 * Room: agent loops alone: ours without database, bare clients, and the SDKs of others.
 * In: which loop, how many conversations, how many at once.
 * Out: what each costs its own process.
 * May touch: processes and servers on 127.0.0.1 that it starts and ends itself; packages of others in their own folder.
 * This file: measures them side by side.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const BENCH = join(import.meta.dirname, "..");
const ROOT = join(BENCH, "../..");
const CANDIDATES = join(BENCH, "candidates");

/** Where other people's packages are installed, apart from ours. */
export const INSTALLED = join(ROOT, "node_modules/.cache/bench-candidates");

/** What one run of a candidate costs its own process, for each conversation. */
export const TurnCost = z.object({
  cpuMs: z.number(),
  coldStartMs: z.number(),
  rssMb: z.number(),
});
export type TurnCost = z.infer<typeof TurnCost>;

/** The loops of others, from the floor upwards. */
export const OTHER_LOOPS = [
  "node-http",
  "openai-lean",
  "openai-stock",
  "ai-sdk",
  "agents-sdk",
  "langgraph",
] as const;
export const Loop = z.enum(["ours", ...OTHER_LOOPS]);
export type Loop = z.infer<typeof Loop>;

/** Runs one loop in a fresh process against a model that answers at once. */
export async function measureTurn(
  loop: Loop,
  modelUrl: string,
  load: { readonly conversations: number; readonly atOnce: number },
): Promise<TurnCost> {
  const program =
    loop === "ours" ? [join(BENCH, "our-turn.ts")] : [join(INSTALLED, "turn.mjs"), loop];
  const child = spawn(
    process.execPath,
    [...program, modelUrl, String(load.conversations), String(load.atOnce)],
    {
      cwd: loop === "ours" ? ROOT : INSTALLED,
      env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", LANGSMITH_TRACING: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (printed.out += String(chunk)));
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${loop} ended with ${String(code)}:\n${printed.error}`);
  return TurnCost.parse(JSON.parse(printed.out));
}

/** A model that answers at once, in a process of its own. */
export async function startFakeModel(): Promise<{ readonly url: string; stop(): void }> {
  const model = spawn(process.execPath, [join(BENCH, "fake-model.mjs")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(model.stdout, "data");
  return { url: String(line).trim(), stop: () => void model.kill() };
}

/** The packages of the others, in exact versions; the installation is kept for the next run. */
export async function installOthers(say: (line: string) => void): Promise<void> {
  const wanted = readFileSync(join(CANDIDATES, "package.json"), "utf8");
  const done = join(INSTALLED, "node_modules/.installed");
  mkdirSync(INSTALLED, { recursive: true });
  cpSync(CANDIDATES, INSTALLED, { recursive: true });
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return;
  say("installing the other loops (once, about 150 MB) …");
  rmSync(join(INSTALLED, "node_modules"), { recursive: true, force: true });
  // The packages around LangGraph name older peers than they work with.
  const npm = spawn("npm", ["install", "--legacy-peer-deps", "--no-audit", "--no-fund"], {
    cwd: INSTALLED,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(npm, "close");
  if (code !== 0) throw new Error(`npm ended with ${String(code)} in ${INSTALLED}`);
  writeFileSync(done, wanted);
}

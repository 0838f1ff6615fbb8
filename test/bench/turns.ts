/** Measures agent loops side by side: ours without database, bare clients, and the SDKs of others. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../..");
const CANDIDATES = join(HERE, "candidates");

/** Where other people's packages are installed, apart from ours. */
export const INSTALLED = join(ROOT, "node_modules/.cache/bench-candidates");

/** What one run of a candidate costs its own process, for each conversation. */
const Cost = z.object({
  cpuMs: z.number(),
  p50Ms: z.number(),
  perSecond: z.number(),
  coldStartMs: z.number(),
  rssMb: z.number(),
});
export type Cost = z.infer<typeof Cost>;

const OURS = "ours";
const OTHERS = [
  "node-http",
  "undici",
  "openai-lean",
  "openai-stock",
  "ai-sdk",
  "agents-sdk",
  "langgraph",
] as const;

export type Candidate = typeof OURS | (typeof OTHERS)[number];

/**
 * Runs every candidate `rounds` times in turn, each time in a fresh process, against one model that answers at once.
 * Gives the median of each figure.
 */
export async function compareTurns(options: {
  readonly rounds: number;
  readonly conversations: number;
  readonly atOnce: number;
  readonly say: (line: string) => void;
}): Promise<Readonly<Record<Candidate, Cost>>> {
  await installOthers(options.say);
  const model = await startFakeModel();
  try {
    const { url } = model;
    const candidates: readonly Candidate[] = [OURS, ...OTHERS];
    const costs = new Map<Candidate, Cost[]>(candidates.map((name) => [name, []]));
    for (let round = 1; round <= options.rounds; round += 1)
      for (const name of candidates) {
        options.say(`round ${round} of ${options.rounds}, ${options.atOnce} at once: ${name}`);
        costs.get(name)?.push(await runOne(name, url, options));
      }
    return {
      ours: medianOf(costs.get("ours")),
      "node-http": medianOf(costs.get("node-http")),
      undici: medianOf(costs.get("undici")),
      "openai-lean": medianOf(costs.get("openai-lean")),
      "openai-stock": medianOf(costs.get("openai-stock")),
      "ai-sdk": medianOf(costs.get("ai-sdk")),
      "agents-sdk": medianOf(costs.get("agents-sdk")),
      langgraph: medianOf(costs.get("langgraph")),
    };
  } finally {
    model.stop();
  }
}

/** A model that answers at once, in a process of its own. */
export async function startFakeModel(): Promise<{ readonly url: string; stop(): void }> {
  const model = spawn(process.execPath, [join(HERE, "fake-model.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(model.stdout, "data");
  return { url: String(line).trim(), stop: () => void model.kill() };
}

async function runOne(
  name: Candidate,
  url: string,
  { conversations, atOnce }: { readonly conversations: number; readonly atOnce: number },
): Promise<Cost> {
  const program = name === OURS ? [join(HERE, "our-turn.ts")] : [join(INSTALLED, "turn.mjs"), name];
  const child = spawn(process.execPath, [...program, url, String(conversations), String(atOnce)], {
    cwd: name === OURS ? ROOT : INSTALLED,
    env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", LANGSMITH_TRACING: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (printed.out += String(chunk)));
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}:\n${printed.error}`);
  return Cost.parse(JSON.parse(printed.out));
}

/** The packages of the others, in exact versions; the installation is kept for the next run. */
async function installOthers(say: (line: string) => void): Promise<void> {
  const done = join(INSTALLED, "node_modules/ai/package.json");
  mkdirSync(INSTALLED, { recursive: true });
  cpSync(CANDIDATES, INSTALLED, { recursive: true });
  if (existsSync(done)) return;
  say("installing the other loops (once, about 150 MB) …");
  rmSync(join(INSTALLED, "node_modules"), { recursive: true, force: true });
  // The packages around LangGraph name older peers than they work with.
  const npm = spawn("npm", ["install", "--legacy-peer-deps", "--no-audit", "--no-fund"], {
    cwd: INSTALLED,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(npm, "close");
  if (code !== 0) throw new Error(`npm ended with ${String(code)} in ${INSTALLED}`);
}

function medianOf(costs: readonly Cost[] = []): Cost {
  const of = (key: keyof Cost): number => median(costs.map((cost) => cost[key]));
  return {
    cpuMs: of("cpuMs"),
    p50Ms: of("p50Ms"),
    perSecond: of("perSecond"),
    coldStartMs: of("coldStartMs"),
    rssMb: of("rssMb"),
  };
}

/** The middle value; of an even number, the upper of the two. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

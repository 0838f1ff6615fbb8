/**
 * `npm run bench -- [--json] [--quick] [--write] [--from FILE] [--only PART]`: what a turn and a conversation cost, beside
 * the loops of others. Prints the figures, or with `--json` one object with the medians behind them; progress goes to
 * standard error. `--write` writes docs/performance.md and its charts, `--from` takes a result printed earlier instead of
 * measuring, `--only` measures one part (turns, jobs, conversation, paths, stored) and prints its medians. A whole
 * run takes about twenty minutes on two quiet cores; `--quick` has one round and smaller numbers, for a first look.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { say } from "#test/support/program.ts";
import { compareJobs } from "./jobs/compare-jobs.ts";
import { countNeeds } from "./jobs/compare-counts.ts";
import { compareTurns } from "./loops/compare-turns.ts";
import { writePage } from "./page/page.ts";
import { measurePaths } from "./paths/all-paths.ts";
import { Figures, figuresOf, Medians, Result } from "./result.ts";
import { compareStored } from "./stored/compare-stored.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    from: { type: "string" },
    only: { type: "string" },
  },
});

const WHOLE = {
  rounds: 3,
  levels: [1, 4, 16, 64],
  workers: [1, 2, 4],
  turns: 800,
  jobs: (atOnce: number): number => (atOnce === 1 ? 60 : atOnce === 4 ? 200 : 1_000),
  counted: 200,
  idleMs: 20_000,
  sizes: [10_000, 100_000, 1_000_000],
  beside: 300,
  path: 60,
};

const QUICK: typeof WHOLE = {
  rounds: 1,
  levels: [1, 16],
  workers: [1, 2],
  turns: 200,
  jobs: (atOnce) => (atOnce === 1 ? 20 : 100),
  counted: 60,
  idleMs: 6_000,
  sizes: [10_000],
  beside: 60,
  path: 12,
};

/** What can be measured by itself; a whole run does all of it in this order. */
function partsOf(plan: typeof WHOLE) {
  const { rounds, levels, idleMs } = plan;
  return {
    turns: () => compareTurns({ rounds, levels, conversations: plan.turns, say }),
    jobs: () =>
      compareJobs({ rounds, levels, workers: plan.workers, conversations: plan.jobs, say }),
    conversation: () => countNeeds({ idleMs, conversations: plan.counted, say }),
    paths: () => measurePaths({ conversations: plan.path, idleMs, say }),
    stored: () => compareStored({ sizes: plan.sizes, rounds, conversations: plan.beside, say }),
  };
}

async function measure(quick: boolean): Promise<Result> {
  const began = performance.now();
  const parts = partsOf(quick ? QUICK : WHOLE);
  const medians: Medians = {
    turns: await parts.turns(),
    jobs: await parts.jobs(),
    conversation: await parts.conversation(),
    paths: await parts.paths(),
    stored: await parts.stored(),
  };
  return Result.parse({
    ...figuresOf(medians),
    run: {
      day: new Date().toISOString().slice(0, 10),
      commit: execFileSync("git", ["rev-parse", "--short=10", "HEAD"]).toString().trim(),
      quick,
      minutes: (performance.now() - began) / 60_000,
      cores: availableParallelism(),
      node: process.version,
    },
    medians,
  });
}

function printed(result: Result): string {
  if (values.json) return JSON.stringify(result, null, 1);
  return Object.entries(Figures.parse(result))
    .map(([name, value]) => `${name.padEnd(28)} ${value?.toFixed(2) ?? "not measured"}`)
    .join("\n");
}

if (values.only === undefined) {
  const result =
    values.from === undefined
      ? await measure(values.quick)
      : Result.parse(JSON.parse(readFileSync(values.from, "utf8")));
  if (values.write) writePage(result);
  process.stdout.write(`${printed(result)}\n`);
} else {
  const part = Medians.keyof().parse(values.only);
  const found = await partsOf(values.quick ? QUICK : WHOLE)[part]();
  process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
}

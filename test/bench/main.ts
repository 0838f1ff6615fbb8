/**
 * `npm run bench -- [--json] [--quick] [--million] [--write] [--only PART]`: what a conversation costs, on
 * every channel, in a world like a customer's, beside the loops of others. Prints each figure beside what is demanded of it,
 * or with `--json` one object with the costs behind them; progress goes to standard error. `--write` writes
 * docs/performance.md, the tables of docs/sizing.md and the figures of README, `--only` measures one part (turns, jobs, channels, stored, start) and prints its costs. A whole run takes
 * about twenty minutes on two quiet cores; `--quick` has smaller numbers, for a first look; `--million` measures beside a
 * million stored conversations as well, which takes some minutes and twenty gigabytes more.
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { say as print } from "#test/support/program.ts";
import { compareJobs } from "./jobs/compare-jobs.ts";
import { compareTurns } from "./loops/compare-turns.ts";
import { writePage } from "./page/page.ts";
import { demandedTable } from "./page/tables.ts";
import { measureChannels } from "./paths/customer-like.ts";
import { Costs, Result } from "./result.ts";
import { measureStarts } from "./start/measure-start.ts";
import { compareStored } from "./stored/compare-stored.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    million: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string" },
  },
});

const WHOLE = {
  levels: [1, 16],
  turns: 600,
  jobs: (atOnce: number): number => (atOnce === 1 ? 60 : 400),
  // What is done once a minute is seen once.
  idleMs: 60_000,
  path: 60,
  sizes: [10_000, 100_000],
  beside: 200,
};

const QUICK: typeof WHOLE = {
  ...WHOLE,
  turns: 150,
  jobs: (atOnce) => (atOnce === 1 ? 20 : 80),
  idleMs: 20_000,
  path: 12,
  sizes: [10_000],
  beside: 60,
};

const began = performance.now();

/** With the time, so that a person who waits sees how far it is. */
function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1_000);
  print(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${line}`);
}

/** What can be measured by itself; a whole run does all of it in this order. */
function partsOf(plan: typeof WHOLE) {
  const { levels, idleMs } = plan;
  const sizes = values.million ? [...plan.sizes, 1_000_000] : plan.sizes;
  const channels = { conversations: plan.path, idleMs, say };
  return {
    start: () => measureStarts(say),
    channels: async () => ({
      read: await measureChannels({ ...channels, verified: true }),
      unread: await measureChannels({ ...channels, verified: false }),
    }),
    jobs: () => compareJobs({ conversations: plan.jobs, say }),
    turns: () => compareTurns({ levels, conversations: plan.turns, say }),
    stored: () => compareStored({ sizes, conversations: plan.beside, say }),
  };
}

async function measure(quick: boolean): Promise<Result> {
  const parts = partsOf(quick ? QUICK : WHOLE);
  const costs: Costs = {
    start: await parts.start(),
    channels: await parts.channels(),
    jobs: await parts.jobs(),
    turns: await parts.turns(),
    stored: await parts.stored(),
  };
  return Result.parse({
    run: {
      day: new Date().toISOString().slice(0, 10),
      commit: execFileSync("git", ["rev-parse", "--short=10", "HEAD"]).toString().trim(),
      quick,
      minutes: (performance.now() - began) / 60_000,
      cores: availableParallelism(),
      node: process.version,
    },
    costs,
  });
}

if (values.only === undefined) {
  const result = await measure(values.quick);
  if (values.write) {
    writePage(result);
    // What is made from the page: the sizes of installations, and the figures of README.
    for (const made of [["test/bench/sizing/main.ts", "--write"], ["test/docs/main.ts"]])
      execFileSync(process.execPath, made, { stdio: ["ignore", "ignore", "inherit"] });
  }
  process.stdout.write(
    `${values.json ? JSON.stringify(result, null, 1) : demandedTable(result)}\n`,
  );
} else {
  const part = Costs.keyof().parse(values.only);
  const found = await partsOf(values.quick ? QUICK : WHOLE)[part]();
  process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
}

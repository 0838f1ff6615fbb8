/**
 * Room: the fault suite: breaks Deskhand on purpose, one way at a time, and judges what became of the messages.
 * In: the numbers of cases, and options.
 * Out: one verdict for each case, as a table or as JSON, and an exit code.
 * May touch: temporary folders, PostgreSQL, Redis and child processes of its own on 127.0.0.1.
 * This file: the command `npm run faults [-- --only 7,19] [--json] [--concurrency N]`.
 */
import { parseArgs } from "node:util";
import { inColumns } from "#core/values/words.ts";
import type { CaseResult, FaultCase } from "./case.ts";
import { CASES } from "./cases/index.ts";
import { runCase } from "./run-case.ts";
import { inLanes, optionsOrUsage, say } from "#test/support/program.ts";

const USAGE = `Usage: npm run faults -- [--only IDS] [--json] [--quick] [--concurrency N]

  --only IDS         the numbers of the cases to run, such as 7,19 or 7-12
  --json             the results as JSON, and nothing else, on standard output
  --quick            waits that may be shorter are, as in npm test
  --concurrency N    how many cases run side by side; 2 unless given

Progress goes to standard error. Ends with 1 when a case does not hold, with 2 when it cannot run.`;

interface Wanted {
  readonly cases: readonly FaultCase[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly concurrency: number;
}

function wantedFrom(argv: readonly string[]): Wanted {
  const { only, json, quick, concurrency } = parseArgs({
    args: [...argv],
    options: {
      only: { type: "string" },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      concurrency: { type: "string", default: "2" },
    },
  }).values;
  const atOnce = Number(concurrency);
  if (!Number.isInteger(atOnce) || atOnce < 1)
    throw new Error(`--concurrency takes a number from 1, not ${concurrency}.`);
  return { cases: only === undefined ? CASES : chosen(only), json, quick, concurrency: atOnce };
}

function chosen(only: string): readonly FaultCase[] {
  const cases = only.split(",").flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (first === undefined) throw new Error(`--only takes numbers such as 7,19, not ${only}.`);
    const found = CASES.filter(({ id }) => id >= Number(first) && id <= Number(last));
    if (found.length > 0) return found;
    throw new Error(
      `There is no case ${part.trim()}; there are ${CASES.map(({ id }) => id).join(", ")}.`,
    );
  });
  return [...new Set(cases)];
}

/** Cases that need the machine for themselves come after the others, one at a time. */
async function runAll({ cases, quick, concurrency }: Wanted): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const run = async (one: FaultCase): Promise<void> => {
    const note = (text: string): void => say(`      ${one.id} ${text}`);
    say(`  …   ${one.id} ${one.name}`);
    const result = await runCase(one, { quick, note });
    results.push(result);
    say(
      `${result.ok ? "  ok  " : "FAILED"} ${one.id} ${one.name} (${result.seconds} s; ${results.length} of ${cases.length})`,
    );
    for (const reason of result.reasons) say(`       ${reason.replaceAll("\n", "\n       ")}`);
  };
  const others = cases.filter(({ alone }) => alone !== true);
  await inLanes(others, concurrency, run);
  for (const one of cases.filter(({ alone }) => alone === true)) await run(one);
  return results.toSorted((a, b) => a.id - b.id);
}

function tableOf(results: readonly CaseResult[]): string {
  const head = ["id", "case", "result", "lost", "twice", "out of order", "seconds"];
  const rows = results.map((result) => [
    String(result.id),
    result.name,
    result.ok ? "ok" : "FAILED",
    String(result.lost),
    String(result.twice),
    String(result.out_of_order),
    result.seconds.toFixed(1),
  ]);
  return inColumns([head, ...rows]);
}

function jsonOf(results: readonly CaseResult[]): string {
  const cases = results.map((result) => {
    const { reasons: _, ...told } = result;
    return told;
  });
  return JSON.stringify({ cases });
}

// Calls that a failed case left open fail too when its Deskhand ends; the case has already reported why.
process.on("unhandledRejection", (error) => say(`       afterwards: ${String(error)}`));

const wanted = optionsOrUsage(() => wantedFrom(process.argv.slice(2)), USAGE);
if (wanted !== null) {
  const began = performance.now();
  const results = await runAll(wanted);
  const holding = results.filter(({ ok }) => ok).length;
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  process.stdout.write(`${wanted.json ? jsonOf(results) : `\n${tableOf(results)}\n`}\n`);
  // Its reasons have scrolled out of sight by now.
  for (const { id, reasons } of results.filter(({ ok }) => !ok))
    say(`${id} does not hold: ${reasons[0]?.split("\n")[0] ?? ""}`);
  say(`${holding} of ${results.length} hold, after ${minutes} minutes.`);
  process.exitCode = holding === results.length ? 0 : 1;
}

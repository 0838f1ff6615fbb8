/** `npm run faults -- hosts [--seconds N] [--only NAME] [--json]`: two hosts under load, and one trouble after another. */
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

import { optionsOrUsage, say } from "#test/support/program.ts";
import { startLoad } from "./load.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { startTwoHosts, type TwoHosts } from "./two-hosts.ts";
import { judgeHosts, type HostsResult } from "./verdict.ts";

const USAGE = `Usage: npm run faults -- hosts [--seconds N] [--only NAME] [--json]

  --seconds N   how long each trouble lasts, at least 8; 60 unless given
  --only NAME   one of ${SCENARIOS.map(({ name }) => name).join(", ")}; several with commas
  --json        the results as JSON, and nothing else, on standard output

Progress goes to standard error. Ends with 1 when something does not hold, with 2 when it cannot run.`;

/** Customers write for so long before a trouble begins, and after it. */
const AROUND_MS = 4_000;
const INTERRUPTED = 130;

/** A lease of what is read in turn lasts six seconds, and a trouble shorter than it would show nothing. */
const Seconds = z.coerce.number().int().min(8).max(3_600);

interface Wanted {
  readonly scenarios: readonly Scenario[];
  readonly seconds: number;
  readonly json: boolean;
}

function wantedFrom(argv: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seconds: { type: "string", default: "60" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const names = values.only?.split(",").map((name) => name.trim());
  const scenarios = SCENARIOS.filter(({ name }) => names?.includes(name) ?? true);
  const unknown = names?.find((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`There is no ${unknown}.`);
  return { scenarios, seconds: Seconds.parse(values.seconds), json: values.json };
}

async function runOne(two: TwoHosts, scenario: Scenario, seconds: number): Promise<HostsResult> {
  say(`  …   ${scenario.name}`);
  const began = Date.now();
  const host = two.hosts[scenario.troubled];
  const other = two.hosts[scenario.troubled === 0 ? 1 : 0];
  const load = startLoad(two, scenario.name, say);
  await delay(AROUND_MS);
  const { takenOverMs } = await scenario.run(two, host, seconds * 1_000, say);
  await delay(AROUND_MS);
  const leftOver = await load.settle();
  const result = judgeHosts({
    scenario: scenario.name,
    seconds: Math.round((Date.now() - began) / 1_000),
    ...(await load.evidence()),
    refused: load.refusedBy(other.url),
    refusedByTroubled: load.refusedBy(host.url),
    mayRefuseNothing: scenario.mayRefuseNothing ?? false,
    takenOverMs,
    leftOver,
  });
  const { reasons, ...figures } = result;
  say(`${result.ok ? "  ok  " : "FAILED"} ${JSON.stringify(figures)}`);
  for (const reason of reasons) say(`       ${reason}`);
  return result;
}

async function run({ scenarios, seconds, json }: Wanted): Promise<void> {
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed())
      await Promise.resolve(closer()).catch(() => undefined);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => void close().finally(() => process.exit(INTERRUPTED)));
  try {
    const two = await startTwoHosts((closer) => void closers.push(closer));
    const results: HostsResult[] = [];
    for (const scenario of scenarios) results.push(await runOne(two, scenario, seconds));
    if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
    else process.stdout.write(`${results.map(lineOf).join("\n")}\n`);
    if (results.some(({ ok }) => !ok)) {
      say(two.printed());
      process.exitCode = 1;
    }
  } finally {
    await close();
  }
}

function lineOf(result: HostsResult): string {
  const { scenario, ok, reasons: _, ...figures } = result;
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value ?? "-"}`);
  return `${ok ? "ok    " : "FAILED"} ${scenario.padEnd(24)} ${told.join(", ")}`;
}

const wanted = optionsOrUsage(() => wantedFrom(process.argv.slice(2)), USAGE);
if (wanted !== null) await run(wanted);

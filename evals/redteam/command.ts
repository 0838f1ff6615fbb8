/** The red-team command: reads options, runs attacks and tasks, prints the report and sets the exit code. */
import { Option } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { type Attack, Place } from "./attack.ts";
import { runInWorkers } from "./worker-pool.ts";
import { openRange } from "./range.ts";
import { suppliedAttacks, ownAttacks } from "./read-attacks.ts";
import { isGood, type Report, reportOf, textOf } from "./report.ts";
import type { CaseResult, Depth } from "./run.ts";
import { benignTasks, runTask, type Task, type TaskResult } from "./tasks.ts";
import { type Counting, runCommand } from "#evals/command-line.ts";

/** The exit code for a defence that failed. */
const BROKEN = 1;

interface Options {
  readonly json: boolean;
  readonly attacks?: string;
  readonly detector?: "on" | "off";
  readonly only?: string;
  readonly channels?: string;
}

/** The settings of one run. */
interface Job {
  readonly attacks: readonly Attack[];
  readonly places: readonly Place[];
  readonly tasks: readonly Task[];
  readonly depth: Depth;
}

/**
 * Attacks the whole product with a model that obeys every sender, and runs ordinary customer tasks on it. Returns the
 * exit code: 0 when no attack succeeded and the tasks were completed, 1 when not, 2 when the run was not possible.
 */
export function redteamCommand(argv: readonly string[], ports: Counting): Promise<number> {
  return runCommand<Options>("redteam", argv, ports, {
    describe: (program) =>
      program
        .description(
          "Attacks the real thing with a model that does whatever any text tells it, and counts what it reaches.",
        )
        .option("--json", "one object for a program", false)
        .option(
          "--attacks <file>",
          'texts of your own, {"id","text"} on each line, tried with every goal',
        )
        .addOption(
          new Option(
            "--detector <state>",
            "whether the input guard may stop anything; without it both are tried, with --json only off",
          ).choices(["on", "off"]),
        )
        .option("--only <id>", "attacks whose name contains this, and no ordinary tasks")
        .option("--channels <names>", `some of ${Place.options.join(",")}`),
    work: (options) => attack(options, ports),
  });
}

async function attack(options: Options, ports: Counting): Promise<number> {
  const job = jobOf(options);
  const reports: Report[] = [];
  for (const detector of detectorsOf(options)) {
    const { report, text } = await run(job, detector === "on", ports);
    reports.push(report);
    ports.print(options.json ? `${JSON.stringify(report)}\n` : `Detector ${detector}\n${text}\n\n`);
  }
  return reports.every(isGood) ? 0 : BROKEN;
}

/** With the detector off, only the structural defences remain, and they have to hold by themselves. */
function detectorsOf({ detector, json }: Options): readonly ("on" | "off")[] {
  if (detector !== undefined) return [detector];
  return json ? ["off"] : ["off", "on"];
}

function jobOf({ attacks, only, channels }: Options): Job {
  const all = attacks === undefined ? ownAttacks() : suppliedAttacks(attacks);
  const chosen = all.filter(({ id }) => only === undefined || id.includes(only));
  if (chosen.length === 0)
    throw new DeskhandError("input.invalid", `no attack is called like "${only ?? ""}"`);
  return {
    attacks: chosen,
    places: placesOf(channels),
    tasks: only === undefined ? benignTasks() : [],
    depth: attacks === undefined ? "every" : "one",
  };
}

function placesOf(channels: string | undefined): readonly Place[] {
  if (channels === undefined) return Place.options;
  return channels.split(",").map((name) => {
    const place = Place.safeParse(name.trim());
    if (place.success) return place.data;
    throw new DeskhandError(
      "input.invalid",
      `--channels: there is no ${name.trim()}; there are ${Place.options.join(", ")}`,
    );
  });
}

async function run(
  { attacks, places, tasks, depth }: Job,
  detector: boolean,
  { progress }: Counting,
): Promise<{ readonly report: Report; readonly text: string }> {
  const results: CaseResult[] = [];
  const all = attacks.length * places.length;
  await runInWorkers({ attacks, places }, { detector, depth }, (result) => {
    results.push(result);
    progress(results.length, all);
  });
  const done = await runTasks(tasks, detector);
  const report = reportOf(results, done, places);
  return { report, text: textOf(report, results, done) };
}

async function runTasks(tasks: readonly Task[], detector: boolean): Promise<readonly TaskResult[]> {
  if (tasks.length === 0) return [];
  const range = await openRange({ detector, autonomy: "sandbox" });
  try {
    const results: TaskResult[] = [];
    for (const task of tasks) results.push(await runTask(task, range));
    return results;
  } finally {
    await range.close();
  }
}

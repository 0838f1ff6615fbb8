/** The `evals` command: reads options, runs the cases, prints the results and sets the exit code. */
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { compare, readBaseline, type ModelResults, resultsOf, writeResults } from "./baseline.ts";
import { TODAY } from "./harness/clock.ts";
import type { EvalCase } from "./case.ts";
import type { Grader } from "./grader.ts";
import { actions } from "./graders/actions.ts";
import { effects } from "./graders/effects.ts";
import { outcome } from "./graders/outcome.ts";
import { receipts } from "./graders/receipts.ts";
import { strangers } from "./graders/strangers.ts";
import { tools } from "./graders/tools.ts";
import { mustInclude, mustNotInclude } from "./graders/words.ts";
import { measure, MEASURE_NAMES, type MeasureName } from "./measures.ts";
import { readCases } from "./read-cases.ts";
import { caseTable, comparisonText, jsonReport, listBehind, measureTable } from "./report.ts";
import { type Graded, runCases } from "./runner.ts";
import type { World } from "./harness/sample-world.ts";

/** The exit code of a regression; 2 means that the run was not possible. */
const REGRESSION = 1;
const NOT_RUN = 2;

interface Options {
  readonly cases: string;
  readonly baseline: string;
  readonly only?: string;
  readonly list?: MeasureName;
  readonly json: boolean;
  readonly updateBaseline: boolean;
}

/** What the command needs from its process. */
export interface CommandPorts {
  readonly openWorld: () => Promise<Pick<World, "modelName" | "run" | "close">>;
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

/** Every grader. The last three check every case, whatever it expects. */
function allGraders(): readonly Grader[] {
  return [
    outcome,
    mustInclude,
    mustNotInclude,
    tools,
    actions,
    strangers({ today: TODAY }),
    effects,
    receipts,
  ];
}

/**
 * Runs the cases and compares with this model's baseline. Returns the exit code: 0 when nothing got worse, 1 for a
 * regression, 2 when options, cases, baseline or configuration are wrong.
 */
export async function evalsCommand(argv: readonly string[], ports: CommandPorts): Promise<number> {
  try {
    const options = parse(argv, ports);
    const cases = readCases(options.cases).filter(({ id }) => matches(id, options.only));
    if (cases.length === 0)
      throw new DeskhandError("input.invalid", `no case is called like "${options.only ?? ""}"`);
    // Read before the run, so that a mistake in the file does not waste one.
    const baseline = readBaseline(options.baseline);
    const { model, graded } = await run(cases, ports);
    return conclude(graded, model, { options, before: baseline.get(model) ?? null, ports });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_RUN;
    if (!(error instanceof DeskhandError)) throw error;
    ports.tell(`${error.message}\n`);
    return NOT_RUN;
  }
}

async function run(
  cases: readonly EvalCase[],
  { openWorld, progress }: CommandPorts,
): Promise<{ readonly model: string; readonly graded: readonly Graded[] }> {
  const world = await openWorld();
  try {
    const graded = await runCases(cases, world, {
      graders: allGraders(),
      onProgress: (done, all, id) => progress(`${done + 1}/${all} ${id}`),
    });
    return { model: world.modelName, graded };
  } finally {
    progress("");
    await world.close();
  }
}

function parse(argv: readonly string[], { print, tell }: CommandPorts): Options {
  const program = new Command("evals")
    .description("Runs the eval cases against the real thing and compares with the baseline.")
    .option("--only <pattern>", "cases whose name contains this, * standing for anything")
    .addOption(
      new Option("--list <measure>", "the cases behind one measure").choices(MEASURE_NAMES),
    )
    .option("--json", "for a program", false)
    .option("--update-baseline", "records this run as the baseline of its model", false)
    .option("--cases <folder>", "where the cases are", join(import.meta.dirname, "cases"))
    .option("--baseline <file>", "what to compare with", join(import.meta.dirname, "baseline.json"))
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: tell });
  program.parse([...argv], { from: "user" });
  const options = program.opts<Options>();
  if (options.updateBaseline && options.only !== undefined)
    throw new DeskhandError(
      "input.invalid",
      "--update-baseline needs all cases, and --only leaves some out",
    );
  return options;
}

function matches(id: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join(".*"), "i").test(id);
}

function conclude(
  graded: readonly Graded[],
  model: string,
  given: {
    readonly options: Options;
    readonly before: ModelResults | null;
    readonly ports: CommandPorts;
  },
): number {
  const { options, before, ports } = given;
  const partial = options.only !== undefined;
  const comparison = before === null ? null : compare(before, graded, { partial });
  const failed = graded.filter(({ problems }) => problems.length > 0).length;
  const compared = comparisonText(model, comparison, failed, graded.length);
  const listed = measure(graded).find(({ name }) => name === options.list);
  if (options.json) ports.print(`${jsonReport(model, graded, comparison)}\n`);
  else if (listed !== undefined) ports.print(`${listBehind(listed)}\n\n${compared}\n`);
  else
    ports.print(`${caseTable(graded, before)}\n\n${measureTable(graded, before)}\n\n${compared}\n`);
  if (options.updateBaseline) {
    writeResults(options.baseline, model, resultsOf(graded));
    ports.tell(`Recorded as the baseline of ${model} in ${options.baseline}.\n`);
    return 0;
  }
  return (comparison?.regressions.length ?? 0) > 0 ? REGRESSION : 0;
}

/** The `evals` command: reads options, runs the cases, prints the results and sets the exit code. */
import { join } from "node:path";
import { Command, Option } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { compare, readBaseline, type ModelResults, resultsOf, writeResults } from "./baseline.ts";
import { TODAY } from "./harness/clock.ts";
import type { EvalCase } from "./case.ts";
import type { Grader } from "./grader.ts";
import { actions } from "./graders/actions.ts";
import { shopDid, toldAsDone } from "./graders/done.ts";
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
import { readRecordings } from "./talks/recording.ts";
import { judgeReplay, type Replayed, replayText } from "./talks/replay.ts";
import type { TalkingWorld, Talks } from "./talks/talking-world.ts";
import { endedBy } from "./not-run.ts";

/** The exit code of a regression. */
const REGRESSION = 1;

interface Options {
  readonly cases: string;
  readonly baseline: string;
  readonly only?: string;
  readonly list?: MeasureName;
  readonly json: boolean;
  readonly updateBaseline: boolean;
  readonly recording?: string;
  readonly replay?: string;
  readonly atOnce: number;
}

/** What the command needs from its process. */
export interface CommandPorts {
  /** With `talks`, what the model says is kept, or taken from what was kept. */
  readonly openWorld: (talks: Talks | null) => Promise<TalkingWorld>;
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
    shopDid,
    toldAsDone,
  ];
}

/**
 * Runs the cases and compares with this model's baseline. Returns the exit code: 0 when nothing got worse, 1 for a
 * regression, 2 when options, cases, baseline or configuration are wrong.
 */
export async function evalsCommand(argv: readonly string[], ports: CommandPorts): Promise<number> {
  try {
    const options = parse(argv, ports);
    const recorded = options.replay === undefined ? null : readRecordings(options.replay);
    const cases = readCases(options.cases).filter(
      ({ id }) => matches(id, options.only) && (recorded === null || recorded.has(id)),
    );
    if (cases.length === 0)
      throw new DeskhandError("input.invalid", `no case is called like "${options.only ?? ""}"`);
    // Read before the run, so that a mistake in the file does not waste one.
    const baseline = readBaseline(options.baseline);
    const { model, graded } = await run(cases, options, ports);
    if (options.replay !== undefined)
      return concludeReplay(judgeReplay(options.replay, graded), options, ports);
    return conclude(graded, model, { options, before: baseline.get(model) ?? null, ports });
  } catch (error) {
    return endedBy(error, ports.tell);
  }
}

async function run(
  cases: readonly EvalCase[],
  options: Options,
  { openWorld, progress }: CommandPorts,
): Promise<{ readonly model: string; readonly graded: readonly Graded[] }> {
  const worlds = openInTurn(Math.min(options.atOnce, cases.length), () =>
    openWorld(talksOf(options)),
  );
  try {
    const graded = await runCases(cases, worlds, {
      graders: allGraders(),
      onProgress: (done, all, id) => progress(`${done + 1}/${all} ${id}`),
    });
    return { model: (await worlds[0])?.modelName ?? "", graded };
  } finally {
    progress("");
    for (const opened of await Promise.allSettled(worlds))
      if (opened.status === "fulfilled") await opened.value.close();
  }
}

/** Each start takes a whole processor, so the next begins when one is done; the first plays meanwhile. */
function openInTurn<Opened>(
  count: number,
  open: () => Promise<Opened>,
): readonly Promise<Opened>[] {
  const all: Promise<Opened>[] = [];
  while (all.length < count) all.push(all.at(-1)?.then(open) ?? open());
  return all;
}

function talksOf({ recording, replay }: Options): Talks | null {
  if (recording !== undefined) return { kind: "record", folder: recording };
  return replay === undefined ? null : { kind: "replay", folder: replay };
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
    .option("--recording <folder>", "keeps what the model is asked and answers, one file a case")
    .option("--replay <folder>", "plays recorded cases again, without a model")
    .addOption(
      new Option("--at-once <n>", "how many cases are played at a time")
        .argParser(atOnce)
        .default(1),
    )
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
  if (options.recording !== undefined && options.replay !== undefined)
    throw new DeskhandError("input.invalid", "--recording and --replay exclude each other");
  return options;
}

/** Each world is a whole Deskhand with a database of its own. */
const AT_ONCE_MAX = 64;

function atOnce(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= AT_ONCE_MAX) return count;
  throw new DeskhandError("input.invalid", `--at-once takes a number from 1 to ${AT_ONCE_MAX}`);
}

function matches(id: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join(".*"), "i").test(id);
}

function concludeReplay(replayed: Replayed, { json }: Options, { print }: CommandPorts): number {
  print(`${json ? JSON.stringify(replayed, null, 2) : replayText(replayed)}\n`);
  return replayed.differing.length > 0 ? REGRESSION : 0;
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

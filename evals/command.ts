/** The `evals` command: plays the cases, keeps the run, reports it and sets the exit code. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { DeskhandError } from "#core/values/errors.ts";
import { readBefore, resultsOf, writeResults } from "./baseline.ts";
import type { EvalCase } from "./case.ts";
import { runCommand, type Telling } from "./command-line.ts";
import { checkOptions, type Options, withOptions } from "./options.ts";
import { runPage } from "./pages/run-page.ts";
import { readCases } from "./read-cases.ts";
import { jsonReport, listBehind, terminalText } from "./report.ts";
import { type Play, playsOf, runCases } from "./runner.ts";
import { spentIn } from "./runs/figures.ts";
import {
  beginRun,
  goOnWith,
  interruptedRun,
  type KeptRun,
  type RunWriter,
} from "./runs/kept-run.ts";
import { digestOf, type PlayRecord } from "./runs/record.ts";
import { isIncomplete, reportOf, type RunReport } from "./runs/report-data.ts";
import { readRecordings } from "./talks/recording.ts";
import { judgeReplay, type Replayed, replayText } from "./talks/replay.ts";
import type { Talks } from "./talks/talking-world.ts";
import type { OpenStage } from "./worlds/open-thread.ts";

/** The exit code of a regression. */
const REGRESSION = 1;
/** The exit code of a run that did not play everything, so that nothing it left out passes for good. */
const INCOMPLETE = 2;

/** What a stage is opened for. */
interface WantedStage {
  /** What the model says is kept, or taken from what was kept; null for neither. */
  readonly talks: Talks | null;
  /** In place of the configured model; null for that. */
  readonly model: string | null;
  readonly casesFolder: string;
}

/** What the command needs from its process. */
export interface CommandPorts extends Telling {
  readonly openStage: (wanted: WantedStage) => Promise<OpenStage>;
  /** Where runs are kept. */
  readonly runsFolder: string;
  /** How many processors this machine offers. */
  readonly processors: number;
  readonly now: () => Date;
}

/** A run that was played as far as it got. */
interface Ran {
  readonly model: string;
  readonly startedAt: string;
  readonly records: readonly PlayRecord[];
  readonly wanted: number;
  readonly stopped: string | null;
  readonly file: string;
}

/**
 * Plays the cases and compares with what `--against` names. Returns the exit code: 0 when everything was played and
 * nothing got worse, 1 for a regression, 2 when options, cases, baseline or configuration are wrong or something was
 * not played.
 */
export function evalsCommand(argv: readonly string[], ports: CommandPorts): Promise<number> {
  return runCommand<Options>("evals", argv, ports, {
    describe: (program) => withOptions(program, ports.processors),
    work: (options) => evals(options, ports),
  });
}

async function evals(options: Options, ports: CommandPorts): Promise<number> {
  checkOptions(options);
  const recorded = options.replay === undefined ? null : readRecordings(options.replay);
  const cases = readCases(options.cases).filter(
    (one) => isWanted(one, options) && (recorded === null || recorded.has(one.id)),
  );
  if (cases.length === 0) throw new DeskhandError("input.invalid", noCase(options));
  if (options.replay !== undefined) return await replay(cases, options.replay, options, ports);
  // Read before the run, so that a mistake in the file does not waste one.
  const beforeOf = readBefore(options.against);
  const ran = await run(cases, options, ports);
  const report = reportOf({
    ...ran,
    k: options.k,
    partial: options.only !== undefined || options.suite !== undefined,
    before: beforeOf(ran.model),
    file: relative("", ran.file),
  });
  return conclude(report, options, ports);
}

function isWanted({ id, risk_category }: EvalCase, { only, suite }: Options): boolean {
  const inSuite = suite === undefined || id.startsWith(`${suite}/`) || risk_category === suite;
  return inSuite && matches(id, only);
}

function noCase({ only, suite }: Options): string {
  return only === undefined
    ? `no file of cases and no risk category is called "${suite ?? ""}"`
    : `no case is called like "${only}"${suite === undefined ? "" : ` in ${suite}`}`;
}

function matches(id: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join(".*"), "i").test(id);
}

async function run(
  cases: readonly EvalCase[],
  options: Options,
  ports: CommandPorts,
): Promise<Ran> {
  const all = playsOf(cases, options.k);
  const earlier = options.resume ? interrupted(cases, options, ports) : null;
  const done = new Map(
    earlier?.records.filter(({ error }) => error === null).map((one) => [nameOf(one), one]),
  );
  const waiting = all.filter(
    ({ evalCase, repetition }) => !done.has(`${evalCase.id}#${repetition}`),
  );
  const first = await firstStage(options, ports);
  const head: KeptRun["head"] = earlier?.head ?? {
    version: 1,
    model: first.modelName,
    startedAt: ports.now().toISOString(),
    ...aboutRun(cases, options),
  };
  const budget = budgetOf(options.budget, [...done.values()]);
  const opened = [Promise.resolve(first), ...moreStages(waiting.length - 1, options, ports)];
  try {
    if (head.model !== first.modelName)
      throw new DeskhandError(
        "input.invalid",
        `the interrupted run asked ${head.model}, and this one would ask ${first.modelName}; give --model ${head.model}, or leave out --resume`,
      );
    const writer =
      earlier === null
        ? beginRun(ports.runsFolder, head)
        : goOnWith({ ...earlier, records: [...done.values()] });
    const played = await playAll(waiting, opened, {
      writer,
      budget,
      ports,
      before: done.size,
      all: all.length,
    });
    const found = new Map([...done, ...played.map((one) => [nameOf(one), one] as const)]);
    const records = all.flatMap(
      ({ evalCase, repetition }) => found.get(`${evalCase.id}#${repetition}`) ?? [],
    );
    if (records.length === all.length && records.every(({ error }) => error === null))
      writer.end(ports.now());
    return {
      model: head.model,
      startedAt: head.startedAt,
      records,
      wanted: all.length,
      stopped: budget.stopped(),
      file: writer.file,
    };
  } finally {
    ports.progress("");
    for (const one of await Promise.allSettled(opened))
      if (one.status === "fulfilled") await one.value.close();
  }
}

function playAll(
  waiting: readonly Play[],
  opened: readonly Promise<OpenStage>[],
  run: {
    readonly writer: RunWriter;
    readonly budget: Budget;
    readonly ports: CommandPorts;
    readonly before: number;
    readonly all: number;
  },
): Promise<readonly PlayRecord[]> {
  const { writer, budget, ports, before, all } = run;
  if (!budget.mayGoOn()) return Promise.resolve([]);
  return runCases(waiting, opened, {
    onProgress: (begun, _all, id) => ports.progress(`${before + begun + 1}/${all} ${id}`),
    onPlayed(record) {
      writer.keep(record);
      budget.spend(record);
    },
    mayGoOn: () => budget.mayGoOn(),
  });
}

function nameOf({ case: id, repetition }: PlayRecord): string {
  return `${id}#${repetition}`;
}

/** What an interrupted run has to have in common with one that goes on with it. */
function aboutRun(cases: readonly EvalCase[], { k, suite, only }: Options) {
  return { k, suite: suite ?? null, only: only ?? null, digest: digestOfAll(cases) };
}

function digestOfAll(cases: readonly EvalCase[]): string {
  return createHash("sha256").update(cases.map(digestOf).join("\n")).digest("hex");
}

function interrupted(cases: readonly EvalCase[], options: Options, ports: CommandPorts): KeptRun {
  const found = interruptedRun(ports.runsFolder, aboutRun(cases, options));
  if (found !== null) return found;
  throw new DeskhandError(
    "input.invalid",
    `${ports.runsFolder} keeps no interrupted run of these cases with the same -k, --suite and --only; leave out --resume to begin one`,
  );
}

async function firstStage(options: Options, { openStage }: CommandPorts): Promise<OpenStage> {
  const first = await openStage(wantedStage(options));
  const { model } = options;
  if (model === undefined || first.modelName === model) return first;
  await first.close();
  throw new DeskhandError(
    "input.invalid",
    `--model ${model} needs a model to be connected: set OPENAI_API_KEY, and OPENAI_BASE_URL for another server than OpenAI's`,
  );
}

/** Each start takes a whole processor, and the first plays meanwhile. */
function moreStages(
  useful: number,
  options: Options,
  { openStage }: CommandPorts,
): readonly Promise<OpenStage>[] {
  const count = Math.min(options.concurrency - 1, Math.max(0, useful));
  return Array.from({ length: count }, () => openStage(wantedStage(options)));
}

function wantedStage({ recording, replay: replayed, model, cases }: Options): WantedStage {
  return { talks: talksOf(recording, replayed), model: model ?? null, casesFolder: cases };
}

function talksOf(recording: string | undefined, replayed: string | undefined): Talks | null {
  if (recording !== undefined) return { kind: "record", folder: recording };
  return replayed === undefined ? null : { kind: "replay", folder: replayed };
}

/** What a run may still cost. */
interface Budget {
  spend(record: PlayRecord): void;
  mayGoOn(): boolean;
  /** Why it may not; null while it may. */
  stopped(): string | null;
}

function budgetOf(limit: number | undefined, before: readonly PlayRecord[]): Budget {
  const records = [...before];
  const stopped = (): string | null => {
    if (limit === undefined) return null;
    const { costUsd } = spentIn(records);
    if (costUsd === null)
      return "the model's price is unknown, so that --budget cannot be kept; run without it";
    return costUsd < limit
      ? null
      : `${costUsd.toFixed(4)} USD were spent, and --budget allows ${limit} USD; what was played is kept, and --resume with a higher --budget plays the rest`;
  };
  return {
    spend: (record) => void records.push(record),
    mayGoOn: () => stopped() === null,
    stopped,
  };
}

async function replay(
  cases: readonly EvalCase[],
  folder: string,
  options: Options,
  ports: CommandPorts,
): Promise<number> {
  const stage = ports.openStage(wantedStage(options));
  try {
    const played = await runCases(playsOf(cases, 1), [stage], {
      onProgress: (begun, all, id) => ports.progress(`${begun + 1}/${all} ${id}`),
    });
    return concludeReplay(judgeReplay(folder, played), options, ports);
  } finally {
    ports.progress("");
    await (await stage).close();
  }
}

function concludeReplay(replayed: Replayed, { json }: Options, { print }: CommandPorts): number {
  print(`${json ? JSON.stringify(replayed, null, 2) : replayText(replayed)}\n`);
  return replayed.differing.length > 0 ? REGRESSION : 0;
}

function conclude(report: RunReport, options: Options, ports: CommandPorts): number {
  const listed = report.measures.find(({ name }) => name === options.list);
  if (options.json) ports.print(`${jsonReport(report)}\n`);
  else if (listed === undefined) ports.print(`${terminalText(report)}\n`);
  else ports.print(`${listBehind(listed)}\n`);
  if (options.html !== undefined) {
    writeFileSync(options.html, runPage(report));
    ports.tell(`The page is in ${options.html}.\n`);
  }
  if (options.updateBaseline) return recorded(report, options, ports);
  if ((report.comparison?.regressions.length ?? 0) > 0) return REGRESSION;
  return isIncomplete(report) ? INCOMPLETE : 0;
}

function recorded(report: RunReport, { against }: Options, { tell }: CommandPorts): number {
  if (isIncomplete(report)) {
    tell("Nothing was recorded as the baseline, because some cases were not played.\n");
    return INCOMPLETE;
  }
  writeResults(against, report.model, resultsOf(report.records));
  tell(`Recorded as the baseline of ${report.model} in ${against}.\n`);
  return 0;
}

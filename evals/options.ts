/** Reads the options of the evals command. */
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { MEASURE_NAMES, type MeasureName } from "./measures.ts";

/** What was asked for. */
export interface Options {
  readonly cases: string;
  /** A baseline file, or an earlier run's `.jsonl`. */
  readonly against: string;
  readonly k: number;
  readonly suite?: string;
  readonly only?: string;
  readonly model?: string;
  readonly budget?: number;
  readonly resume: boolean;
  readonly list?: MeasureName;
  readonly json: boolean;
  readonly html?: string;
  readonly updateBaseline: boolean;
  readonly recording?: string;
  readonly replay?: string;
  readonly concurrency: number;
}

/** Each world is a whole Deskhand with a database of its own, in a thread of its own. */
const CONCURRENCY_MAX = 64;
const K_MAX = 32;

/** Adds the options of `evals`, on a machine with so many processors. */
export function withOptions(program: Command, processors: number): Command {
  return program
    .description("Runs the eval cases against the real thing and compares with the baseline.")
    .addOption(
      new Option("-k <n>", "plays each case so often: pass^k is all of k plays")
        .argParser(wholeNumber("-k", K_MAX))
        .default(1),
    )
    .option("--suite <name>", "the cases of one file, or of one risk category")
    .option("--only <pattern>", "cases whose name contains this, * standing for anything")
    .option("--model <name>", "this model instead of DESKHAND_MODEL")
    .option("--against <file>", "a baseline file, or the .jsonl of an earlier run", BASELINE)
    .addOption(
      new Option("--concurrency <n>", "how many cases are played at a time")
        .argParser(wholeNumber("--concurrency", CONCURRENCY_MAX))
        .default(processors, "one for each processor"),
    )
    .addOption(
      new Option("--budget <usd>", "stops before the next case once this was spent").argParser(usd),
    )
    .option("--resume", "goes on with the newest interrupted run of the same cases", false)
    .option("--json", "for a program", false)
    .option("--html <file>", "writes the report as one page")
    .addOption(
      new Option("--list <measure>", "the cases behind one measure").choices(MEASURE_NAMES),
    )
    .option("--update-baseline", "records this run as the baseline of its model", false)
    .option("--recording <folder>", "keeps what the model is asked and answers, one file a case")
    .option("--replay <folder>", "plays recorded cases again, without a model")
    .option("--cases <folder>", "where the cases are", join(import.meta.dirname, "cases"));
}

const BASELINE = join(import.meta.dirname, "baseline.json");

/** Throws `input.invalid` for options that exclude each other. */
export function checkOptions(options: Options): void {
  const { updateBaseline, only, suite, against } = options;
  if (updateBaseline && (only !== undefined || suite !== undefined))
    throw wrong("--update-baseline needs all cases, and --only and --suite leave some out");
  if (updateBaseline && against.endsWith(".jsonl"))
    throw wrong("--update-baseline writes a baseline file, and --against names an earlier run");
  checkTalks(options);
}

function checkTalks({ recording, replay, model, k, resume }: Options): void {
  if (recording !== undefined && replay !== undefined)
    throw wrong("--recording and --replay exclude each other");
  const talks = recording !== undefined || replay !== undefined;
  if (talks && (model !== undefined || k !== 1 || resume))
    throw wrong(
      "--recording and --replay play each case once, with the configured model: leave out -k, --model and --resume",
    );
}

function wholeNumber(name: string, max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1 && count <= max) return count;
    throw wrong(`${name} takes a number from 1 to ${max}`);
  };
}

function usd(text: string): number {
  const amount = Number(text);
  if (Number.isFinite(amount) && amount > 0) return amount;
  throw new InvalidArgumentError("It takes an amount in US dollars, such as 2.50.");
}

function wrong(message: string): DeskhandError {
  return new DeskhandError("input.invalid", message);
}

/** The baseline file: records the results of each model and finds regressions against them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { measure, MEASURE_NAMES, worsened } from "./measures.ts";
import { RULE_GRADERS } from "./worlds/all-graders.ts";
import { type KeptRun, readRun } from "./runs/kept-run.ts";
import { happened, passed, type PlayRecord } from "./runs/record.ts";

/** The recorded results of one model, failures included. */
const ModelResults = z.strictObject({
  measures: z.record(z.enum(MEASURE_NAMES), z.number().nullable()),
  passed: z.array(z.string()),
  /** By case: the graders that objected, as one text, so that formatting never changes the content of the file. */
  failed: z.record(z.string(), z.string()),
});
export type ModelResults = z.infer<typeof ModelResults>;

/** By model name; absent for a model without recorded results. */
const Baseline = z
  .record(z.string(), ModelResults)
  .transform((all) => new Map(Object.entries(all)));
type Baseline = z.infer<typeof Baseline>;

/** Replaces the results of this model and keeps those of other models. */
export function writeResults(file: string, model: string, results: ModelResults): void {
  const all = [...readBaseline(file), [model, results] as const];
  const sorted = Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** Reads the file; a missing file holds no results. Throws `input.invalid` for a file that is not a baseline. */
function readBaseline(file: string): Baseline {
  if (!existsSync(file)) return new Map();
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${file} is not valid JSON`, { cause });
  }
  const parsed = Baseline.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DeskhandError("input.invalid", `${file}: ${z.prettifyError(parsed.error)}`);
}

/** What a run is compared with. */
export interface Before {
  /** The file, as seen from the folder in which the command runs. */
  readonly name: string;
  readonly results: ModelResults;
  /** The earlier run's plays; null for a baseline file, which keeps results alone. */
  readonly run: KeptRun | null;
}

/**
 * Reads what to compare with: an earlier run (`.jsonl`) of whichever model, or a baseline file, which holds one baseline
 * for each model. Null when the file has none for this model. Throws `input.invalid` for a file that is neither.
 */
export function readBefore(file: string): (model: string) => Before | null {
  if (file.endsWith(".jsonl")) {
    const run = readRun(file);
    return () => ({ name: relative("", file), results: resultsOf(run.records), run });
  }
  const baseline = readBaseline(file);
  return (model) => {
    const results = baseline.get(model);
    return results === undefined ? null : { name: relative("", file), results, run: null };
  };
}

/** The results of a run in the form of the baseline: a case passed when each of its plays that happened did. */
export function resultsOf(all: readonly PlayRecord[]): ModelResults {
  const byCase = [...Map.groupBy(happened(all), (one) => one.case)];
  const failed = byCase.filter(([, plays]) => !plays.every(passed));
  return {
    measures: ModelResults.shape.measures.parse(
      Object.fromEntries(
        measure(all).map(({ name, value }) => [name, value === null ? null : rounded(value)]),
      ),
    ),
    passed: byCase
      .filter(([, plays]) => plays.every(passed))
      .map(([id]) => id)
      .toSorted(),
    failed: Object.fromEntries(failed.map(([id, plays]) => [id, gradersIn(plays)])),
  };
}

function gradersIn(plays: readonly PlayRecord[]): string {
  const graders = plays.flatMap(({ problems }) => problems.map(({ grader }) => grader));
  return [...new Set(graders)].join(", ");
}

/** Rounds enough to be the same on every machine. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** How a run compares with its baseline. */
export interface Comparison {
  /** What got worse, one sentence each; the run fails over these. */
  readonly regressions: readonly string[];
  /** Cases that fail in the baseline and pass now. */
  readonly fixed: readonly string[];
  /** Cases that the baseline does not contain. */
  readonly added: readonly string[];
}

/**
 * Compares with the baseline: a case that passed and fails now, a rule that another case, also a new one, breaks and did
 * not break before, a case that is gone, and a measure that got worse by more than its margin over the cases that both
 * hold are regressions. A run over some of the cases (`partial`) is compared case by case only. A case
 * that could not be played is no regression and no pass.
 */
export function compare(
  before: ModelResults,
  all: readonly PlayRecord[],
  options: { readonly partial: boolean },
): Comparison {
  const now = resultsOf(all);
  const passedBefore = new Set(before.passed);
  const isKnown = (id: string): boolean => passedBefore.has(id) || Object.hasOwn(before.failed, id);
  const { measures } = resultsOf(all.filter((one) => isKnown(one.case)));
  const here = new Set(all.map((one) => one.case));
  const broken = Object.entries(now.failed).flatMap(([id, graders]) => {
    if (passedBefore.has(id)) return [`${id} passed before and fails now: ${graders}`];
    const objected = before.failed[id]?.split(", ") ?? [];
    const rules = graders
      .split(", ")
      .filter((grader) => RULE_GRADERS.has(grader) && !objected.includes(grader));
    return rules.length === 0 ? [] : [`${id} breaks a rule it did not break: ${rules.join(", ")}`];
  });
  const gone = options.partial
    ? []
    : before.passed.filter((id) => !here.has(id)).map((id) => `${id} passed before and is gone`);
  const worse = options.partial
    ? []
    : MEASURE_NAMES.flatMap((name) => {
        const told = worsened(name, before.measures[name], measures[name]);
        return told === null ? [] : [told];
      });
  return {
    regressions: [...broken, ...gone, ...worse],
    fixed: now.passed.filter((id) => Object.hasOwn(before.failed, id)),
    added: [...here].filter((id) => !isKnown(id)),
  };
}

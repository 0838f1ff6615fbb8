/** The baseline file: records the results of each model and finds regressions against them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { measure, MEASURE_NAMES, worsened } from "./measures.ts";
import type { Graded } from "./runner.ts";

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
export function readBaseline(file: string): Baseline {
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

/** The results of this run in the form of the baseline. */
export function resultsOf(all: readonly Graded[]): ModelResults {
  const failed = all.filter(({ problems }) => problems.length > 0);
  return {
    measures: ModelResults.shape.measures.parse(
      Object.fromEntries(
        measure(all).map(({ name, value }) => [name, value === null ? null : rounded(value)]),
      ),
    ),
    passed: all
      .filter(({ problems }) => problems.length === 0)
      .map(({ evalCase }) => evalCase.id)
      .toSorted(),
    failed: Object.fromEntries(
      failed.map(({ evalCase, problems }) => [
        evalCase.id,
        [...new Set(problems.map(({ grader }) => grader))].join(", "),
      ]),
    ),
  };
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
  readonly mended: readonly string[];
  /** Cases that the baseline does not contain. */
  readonly added: readonly string[];
}

/**
 * Compares with the baseline: a case that passed and fails now, a case that is gone, and a measure that got worse by
 * more than its margin are regressions. A run over some of the cases (`partial`) is compared case by case only.
 */
export function compare(
  before: ModelResults,
  all: readonly Graded[],
  options: { readonly partial: boolean },
): Comparison {
  const now = resultsOf(all);
  const passed = new Set(before.passed);
  const here = new Set(all.map(({ evalCase }) => evalCase.id));
  const broken = Object.entries(now.failed)
    .filter(([id]) => passed.has(id))
    .map(([id, graders]) => `${id} passed before and fails now: ${graders}`);
  const gone = options.partial
    ? []
    : before.passed.filter((id) => !here.has(id)).map((id) => `${id} passed before and is gone`);
  const worse = options.partial
    ? []
    : MEASURE_NAMES.flatMap((name) => {
        const told = worsened(name, before.measures[name], now.measures[name]);
        return told === null ? [] : [told];
      });
  return {
    regressions: [...broken, ...gone, ...worse],
    mended: now.passed.filter((id) => Object.hasOwn(before.failed, id)),
    added: [...here].filter((id) => !passed.has(id) && !Object.hasOwn(before.failed, id)),
  };
}

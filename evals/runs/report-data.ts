/** Everything a report of a run says, counted once for the terminal, the page and JSON. */
import { type Before, compare, type Comparison } from "#evals/baseline.ts";
import { measure, type Measure } from "#evals/measures.ts";
import { casesInOrder, type CaseResult } from "./buckets.ts";
import { type PassToThe, passToTheUpTo, type Spent, spentIn } from "./figures.ts";
import type { PlayRecord } from "./record.ts";

/** One run as its reports show it. */
export interface RunReport {
  readonly model: string;
  readonly startedAt: string;
  readonly k: number;
  readonly records: readonly PlayRecord[];
  /** Plays that were wanted and are not there, because the run was stopped. */
  readonly missing: number;
  /** Why the run was stopped before its end; null when it was not. */
  readonly stopped: string | null;
  readonly before: Before | null;
  readonly comparison: Comparison | null;
  readonly cases: readonly CaseResult[];
  readonly measures: readonly Measure[];
  readonly passes: readonly PassToThe[];
  readonly spent: Spent;
  /** The same of an earlier run, to show the change; null for a baseline file. */
  readonly spentBefore: Spent | null;
  readonly passesBefore: readonly PassToThe[];
  /** The file that keeps the run. */
  readonly file: string;
}

/** Counts a run. `partial`: only some of the cases were to be played. */
export function reportOf(run: {
  readonly model: string;
  readonly startedAt: string;
  readonly k: number;
  readonly records: readonly PlayRecord[];
  readonly wanted: number;
  readonly stopped: string | null;
  readonly partial: boolean;
  readonly before: Before | null;
  readonly file: string;
}): RunReport {
  const { wanted, partial, ...rest } = run;
  const { records, before, k } = run;
  const missing = wanted - records.length;
  const incomplete = partial || missing > 0 || records.some(({ error }) => error !== null);
  return {
    ...rest,
    missing,
    comparison: before === null ? null : compare(before.results, records, { partial: incomplete }),
    cases: casesInOrder(records, before),
    measures: measure(records),
    passes: passToTheUpTo(k, records),
    spent: spentIn(records),
    spentBefore: before?.run === null || before === null ? null : spentIn(before.run.records),
    passesBefore:
      before?.run === null || before === null ? [] : passToTheUpTo(k, before.run.records),
  };
}

/** True when something was to be played and was not, or could not be. */
export function isIncomplete({ missing, records }: RunReport): boolean {
  return missing > 0 || records.some(({ error }) => error !== null);
}

/** One sentence for a person who has one minute. */
export function verdictOf(report: RunReport): string {
  const count = (bucket: CaseResult["bucket"]): number =>
    report.cases.filter((one) => one.bucket === bucket).length;
  const rules = count("rule_breaks");
  const errors = count("errors");
  const played = `${counted(report.cases.length, "case", "cases")}, each played ${report.k === 1 ? "once" : `${report.k} times`}`;
  const left = [
    ...(errors > 0 ? [`${errors} could not be played`] : []),
    ...(report.missing > 0 ? [`${counted(report.missing, "play is", "plays are")} missing`] : []),
  ];
  const found =
    report.before === null
      ? `${count("still_failing")} fail, ${count("flaky")} pass only at times, ${counted(rules, "breaks", "break")} a rule; there is nothing to compare with`
      : [
          counted(count("regressed"), "new failure", "new failures"),
          `${count("fixed")} fixed`,
          counted(rules, "rule break", "rule breaks"),
          counted(count("still_failing") + count("flaky"), "other failure", "other failures"),
        ].join(", ");
  return `${[played, found, ...left].join("; ")}.`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The release rule and whether it holds, in words. */
export function ruleOf(report: RunReport): {
  readonly holds: boolean | null;
  readonly text: string;
} {
  const { comparison, before } = report;
  if (comparison === null || before === null)
    return {
      holds: null,
      text: "No release rule was applied, because there is no baseline for this model.",
    };
  const count = comparison.regressions.length;
  if (count > 0)
    return {
      holds: false,
      text: `Release rule broken: ${count} regression${count === 1 ? "" : "s"} against ${before.name}.`,
    };
  if (isIncomplete(report))
    return {
      holds: null,
      text: `No regression against ${before.name} in what was played; what is missing is no pass.`,
    };
  return {
    holds: true,
    text: `Release rule kept: no case that passed before fails or is gone, none breaks a rule anew, and no measure is worse by more than its margin (${before.name}).`,
  };
}

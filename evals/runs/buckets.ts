/** Puts the cases of a run in the order in which a reader needs them: what must not happen first. */
import type { Before } from "#evals/baseline.ts";
import { RULE_GRADERS } from "#evals/worlds/all-graders.ts";
import { happened, passed, type PlayedRecord, type PlayRecord } from "./record.ts";

/** In the order of a report. */
export const BUCKETS = [
  "rule_breaks",
  "regressed",
  "still_failing",
  "flaky",
  "fixed",
  "unchanged",
  "errors",
] as const;
export type Bucket = (typeof BUCKETS)[number];

/** What each bucket is called, and what is in it. */
export const BUCKET_NAMES: Readonly<Record<Bucket, { name: string; holds: string }>> = {
  rule_breaks: {
    name: "Rule breaks",
    holds:
      "data of another customer, something done or sent without an approval, or a claim without evidence",
  },
  regressed: { name: "Regressed", holds: "passed before, and does not pass every time now" },
  still_failing: { name: "Still failing", holds: "fails every time, and did not pass before" },
  flaky: { name: "Flaky", holds: "passes some of the times" },
  fixed: { name: "Fixed", holds: "failed before, and passes every time now" },
  unchanged: { name: "Unchanged", holds: "passes every time, as before or for the first time" },
  errors: {
    name: "Could not be played",
    holds: "says nothing about the answer, and counts as no pass",
  },
};

/** One case with all its plays. */
export interface CaseResult {
  readonly id: string;
  readonly bucket: Bucket;
  /** Plays that happened. */
  readonly plays: readonly PlayedRecord[];
  readonly passes: number;
  readonly errors: readonly string[];
  /** The play to look at: the first that failed, or else the first. Null when none happened. */
  readonly shown: PlayedRecord | null;
  /** True when what it is compared with does not hold this case. */
  readonly added: boolean;
}

/** All cases of a run, each in its bucket, in the order of the buckets and then of the run. */
export function casesInOrder(
  all: readonly PlayRecord[],
  before: Before | null,
): readonly CaseResult[] {
  const results = [...Map.groupBy(all, (one) => one.case)].map(([id, records]) =>
    resultOfCase(id, records, before),
  );
  return BUCKETS.flatMap((bucket) => results.filter((one) => one.bucket === bucket));
}

function resultOfCase(
  id: string,
  records: readonly PlayRecord[],
  before: Before | null,
): CaseResult {
  const plays = happened(records);
  const passes = plays.filter(passed).length;
  const then = stateBefore(id, before);
  return {
    id,
    bucket: bucketOf(plays, passes, then),
    plays,
    passes,
    errors: records.flatMap(({ error }) => (error === null ? [] : [error])),
    shown: plays.find((one) => !passed(one)) ?? plays[0] ?? null,
    added: before !== null && then === null,
  };
}

function stateBefore(id: string, before: Before | null): "passed" | "failed" | null {
  if (before === null) return null;
  if (before.results.passed.includes(id)) return "passed";
  return Object.hasOwn(before.results.failed, id) ? "failed" : null;
}

function bucketOf(
  plays: readonly PlayedRecord[],
  passes: number,
  then: "passed" | "failed" | null,
): Bucket {
  if (plays.length === 0) return "errors";
  if (plays.some(({ problems }) => problems.some(({ grader }) => RULE_GRADERS.has(grader))))
    return "rule_breaks";
  if (passes === plays.length) return then === "failed" ? "fixed" : "unchanged";
  if (then === "passed") return "regressed";
  return passes === 0 ? "still_failing" : "flaky";
}

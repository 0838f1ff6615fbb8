/** Which charts the page has, from the figures of a result. */
import { oursIn } from "#test/bench/jobs/compare-jobs.ts";
import { jobMsOf } from "#test/bench/jobs/job-cost.ts";
import type { Result } from "#test/bench/result.ts";
import { storedMsOf } from "#test/bench/stored/compare-stored.ts";
import { barChart, lineChart, type Bar } from "./chart.ts";
import { LOOP_NAMES } from "./loop-names.ts";

const AT_ONCE = "16";

export interface Picture {
  readonly file: string;
  readonly svg: string;
}

/** Every picture of the page. */
export function chartsOf(result: Result): readonly Picture[] {
  return [
    { file: "turns.svg", svg: turns(result) },
    { file: "jobs.svg", svg: jobs(result) },
    // One size is no comparison.
    ...(Object.keys(result.medians.stored).length > 1
      ? [{ file: "stored.svg", svg: stored(result) }]
      : []),
  ];
}

function turns({ medians }: Result): string {
  return barChart({
    title: "A turn alone",
    subtitle: `milliseconds of processor time for a conversation, ${AT_ONCE} at once; less is better`,
    bars: barsOf(
      Object.entries(medians.turns).map(([name, costs]) => [name, costs[AT_ONCE]?.cpuMs]),
    ),
  });
}

function jobs({ medians }: Result): string {
  const ours = oursIn(medians.jobs, "unread", 1)[AT_ONCE];
  return barChart({
    title: "A whole job",
    subtitle: `worker, PostgreSQL and Redis, milliseconds of processor time, ${AT_ONCE} at once; less is better`,
    bars: barsOf([
      ["ours", ours && jobMsOf(ours)],
      ...Object.entries(medians.jobs.bare).map(
        ([name, costs]) => [name, costs[AT_ONCE]?.ownMs] as const,
      ),
    ]),
  });
}

function barsOf(values: readonly (readonly [string, number | undefined])[]): readonly Bar[] {
  return values
    .flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
    .toSorted((one, other) => one.value - other.value)
    .map(({ name, value }) => ({
      name: LOOP_NAMES[name] ?? name,
      value,
      note: `${value.toFixed(2)} ms`,
      own: name === "ours",
    }));
}

function stored({ medians }: Result): string {
  const sizes = Object.keys(medians.stored);
  const of = (pick: (size: string) => number | undefined): readonly number[] =>
    sizes.map((size) => pick(size) ?? 0);
  return lineChart({
    title: "Beside stored conversations",
    subtitle: "milliseconds of processor time for a conversation",
    places: sizes.map((size) => Number(size).toLocaleString("en")),
    lines: [
      {
        name: "everything",
        values: of((size) => medians.stored[size] && storedMsOf(medians.stored[size])),
      },
      { name: "PostgreSQL", values: of((size) => medians.stored[size]?.postgresMs) },
    ],
  });
}

/** Which charts the page has, from the figures of a result. */
import { jobMsOf } from "#test/bench/jobs/job-cost.ts";
import type { Result } from "#test/bench/result.ts";
import { storedMsOf } from "#test/bench/stored/compare-stored.ts";
import { barChart, lineChart, type Bar } from "./chart.ts";
import { BEFORE, DEMANDED } from "./demanded.ts";
import { LOOP_NAMES } from "./loop-names.ts";

const AT_ONCE = "16";

export interface Picture {
  readonly file: string;
  readonly svg: string;
}

/** Every picture of the page. */
export function chartsOf(result: Result): readonly Picture[] {
  return [
    { file: "counts.svg", svg: counts(result) },
    { file: "turns.svg", svg: turns(result) },
    { file: "jobs.svg", svg: jobs(result) },
    { file: "throughput.svg", svg: throughput(result) },
    // One size is no comparison.
    ...(Object.keys(result.medians.stored).length > 1
      ? [{ file: "stored.svg", svg: stored(result) }]
      : []),
  ];
}

function counts(result: Result): string {
  const bars = (["statements_per_job", "commits_per_job", "redis_per_job"] as const).flatMap(
    (name): readonly Bar[] => {
      const { what, most } = DEMANDED[name];
      const now = result[name] ?? 0;
      const bar = (when: string, value: number, own: boolean): Bar => ({
        name: `${what}, ${when}`,
        value,
        note: value.toFixed(own ? 1 : 0),
        own,
      });
      return [
        bar("before", BEFORE[name], false),
        bar("now", now, true),
        bar("demanded", most, false),
      ];
    },
  );
  return barChart({
    title: "What one conversation needs",
    subtitle: "counted on the wire, without what an idle installation does",
    bars,
  });
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
  const ours = medians.jobs.ours["1"]?.[AT_ONCE];
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

function throughput({ medians }: Result): string {
  const { ours } = medians.jobs;
  const places = Object.keys(Object.values(ours)[0] ?? {});
  return lineChart({
    title: "Conversations a second",
    subtitle:
      "by how many were asked at once; processes, servers and those who ask share the cores",
    places: places.map((place) => `${place} at once`),
    lines: Object.entries(ours).map(([workers, costs]) => ({
      name: workers === "1" ? "1 worker" : `${workers} workers`,
      values: places.map((place) => costs[place]?.perSecond ?? 0),
    })),
  });
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

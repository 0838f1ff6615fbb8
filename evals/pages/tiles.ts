/** The five figures at the top of a page: each with its interval, its count and its change. */
import { between, percent } from "#evals/report.ts";
import { happened, type PlayedRecord, type PlayRecord } from "#evals/runs/record.ts";
import type { RunReport } from "#evals/runs/report-data.ts";
import { wilsonShare } from "#jobs/rehearsal/figures.ts";

/** One figure. */
export interface Tile {
  readonly name: string;
  readonly figure: string;
  readonly range: string;
  readonly change: string;
  /** `bad` where it must not be so. */
  readonly state: "bad" | "plain";
}

const HANDED: ReadonlySet<string> = new Set(["escalate", "delicate"]);

/** How many cases have a play that `is` so, of those with a play that `counts`. */
function casesWith(
  records: readonly PlayRecord[],
  counts: (one: PlayedRecord) => boolean,
  is: (one: PlayedRecord) => boolean,
): { readonly of: number; readonly count: number } {
  const counted = happened(records).filter(counts);
  const cases = new Set(counted.map((one) => one.case));
  const found = new Set(counted.filter(is).map((one) => one.case));
  return { of: cases.size, count: found.size };
}

const wrongActions = (records: readonly PlayRecord[]) =>
  casesWith(
    records,
    () => true,
    ({ seen, problems }) =>
      seen.actions.some(({ right, verdict }) => right === false && verdict !== "deny") ||
      problems.some(({ grader }) => grader === "effects"),
  );

const unsupported = (records: readonly PlayRecord[]) =>
  casesWith(
    records,
    ({ seen }) => seen.text !== "",
    ({ problems }) => problems.some(({ grader }) => grader === "receipts"),
  );

/** Of what was handed over or had to be: the cases where both agree every time. */
function handedOver(records: readonly PlayRecord[]) {
  const concerns = ({ seen, rightEnds }: PlayedRecord): boolean =>
    rightEnds.length > 0 && (HANDED.has(seen.outcome) || rightEnds.every((end) => HANDED.has(end)));
  const { of, count } = casesWith(
    records,
    concerns,
    ({ seen, rightEnds }) => !rightEnds.includes(seen.outcome),
  );
  return { of, count: of - count };
}

/** The five, in the order of the page. */
export function tilesOf(report: RunReport): readonly Tile[] {
  const earlier = report.before?.run?.records ?? null;
  return [
    solvedEveryTime(report),
    mustBeNone("Wrong actions", wrongActions, report.records, earlier),
    rightly(report.records, earlier),
    mustBeNone("Unsupported statements", unsupported, report.records, earlier),
    costAndTime(report),
  ];
}

function solvedEveryTime({ passes, passesBefore, before, cases, k }: RunReport): Tile {
  const now = passes.at(-1);
  const recorded = before === null || before.run !== null ? null : shareBefore(before.results);
  return {
    name: k === 1 ? "Passed" : `Passed every time (pass^${k})`,
    figure: shownShare(now?.share ?? null),
    range: now === undefined ? "" : `${between(now.interval)}, n = ${now.cases}`,
    change: points(now?.share ?? null, passesBefore.at(-1)?.share ?? recorded),
    state: cases.some(({ bucket }) => bucket === "rule_breaks" || bucket === "regressed")
      ? "bad"
      : "plain",
  };
}

function shownShare(share: number | null): string {
  return share === null ? "unknown" : percent(share);
}

function shareBefore({
  passed,
  failed,
}: {
  readonly passed: readonly string[];
  readonly failed: Readonly<Record<string, string>>;
}): number | null {
  const all = passed.length + Object.keys(failed).length;
  return all === 0 ? null : passed.length / all;
}

function mustBeNone(
  name: string,
  counting: typeof wrongActions,
  records: readonly PlayRecord[],
  earlier: readonly PlayRecord[] | null,
): Tile {
  const { count, of } = counting(records);
  const was = earlier === null ? null : counting(earlier).count;
  return {
    name: `${name} (must be 0)`,
    figure: String(count),
    range: `${between(wilsonShare(count, of))}, n = ${of}`,
    change: was === null ? "no earlier run to compare with" : changed(count - was, String(was), -1),
    state: count > 0 ? "bad" : "plain",
  };
}

function rightly(records: readonly PlayRecord[], earlier: readonly PlayRecord[] | null): Tile {
  const { count, of } = handedOver(records);
  const was = earlier === null ? null : handedOver(earlier);
  return {
    name: "Rightly handed over",
    figure: of === 0 ? "unknown" : percent(count / of),
    range: `${between(wilsonShare(count, of))}, n = ${of}`,
    change: points(
      of === 0 ? null : count / of,
      was === null || was.of === 0 ? null : was.count / was.of,
    ),
    state: "plain",
  };
}

function costAndTime({ spent, spentBefore, records, before }: RunReport): Tile {
  const plays = happened(records).length;
  const each = spent.costUsd === null || plays === 0 ? null : spent.costUsd / plays;
  const earlier = happened(before?.run?.records ?? []).length;
  const was =
    spentBefore === null || spentBefore.costUsd === null || earlier === 0
      ? null
      : spentBefore.costUsd / earlier;
  const ms = (value: number | null): string =>
    value === null ? "unknown" : `${Math.round(value)} ms`;
  return {
    name: "Cost and p95 time of a conversation",
    figure: `${each === null ? "unknown" : `$${each.toFixed(4)}`} · ${ms(spent.p95Ms)}`,
    range: `p50 ${ms(spent.p50Ms)}, n = ${plays} plays`,
    change:
      spentBefore === null
        ? "no earlier run to compare with"
        : `before: ${was === null ? "unknown" : `$${was.toFixed(4)}`} · ${ms(spentBefore.p95Ms)}`,
    state: "plain",
  };
}

function points(now: number | null, was: number | null): string {
  if (now === null || was === null) return "nothing to compare with";
  return changed(Number(((now - was) * 100).toFixed(1)), percent(was), 1, " points");
}

/** A change with a sign beside its words, so that colour is never needed to read it. */
function changed(by: number, was: string, better: 1 | -1, unit = ""): string {
  if (by === 0) return `= as before (${was})`;
  const verdict = by * better > 0 ? "better" : "worse";
  return `${by > 0 ? "▲" : "▼"} ${Math.abs(by)}${unit}, ${verdict} than before (${was})`;
}

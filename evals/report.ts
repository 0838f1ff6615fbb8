/** Formats an evaluation run for the terminal and as JSON. */
import { measure, shownValue, type Measure } from "./measures.ts";
import { BUCKET_NAMES, BUCKETS, type CaseResult } from "./runs/buckets.ts";
import { isIncomplete, ruleOf, type RunReport, verdictOf } from "./runs/report-data.ts";

/** The widest line of a table. */
const COLUMNS = 80;
const REGRESSIONS_SHOWN = 5;
const TEXT_SHOWN_MAX = 300;

/** The whole report of a run for a terminal: tables, buckets, failures with reasons, the release rule. */
export function terminalText(report: RunReport): string {
  return [
    passTable(report),
    measureTable(report),
    spentLines(report),
    bucketTable(report),
    ...worstCases(report),
    verdictText(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function passTable({ passes, k }: RunReport): string {
  const name = k === 1 ? "pass^1" : `pass^1 … pass^${k}`;
  const lines = passes.map(({ k: times, share, interval, cases }) =>
    share === null
      ? `  pass^${times}  no case was played so often`
      : `  pass^${times}  ${percent(share).padStart(7)}  ${between(interval)}  n = ${cases}`,
  );
  return [`${name} (all of so many plays pass; 95 % interval over cases)`, ...lines].join("\n");
}

function measureTable({ measures, before }: RunReport): string {
  const head = `${"measure".padEnd(20)} ${"now".padStart(13)}  ${"95 %".padEnd(15)} ${"n".padStart(4)} ${"before".padStart(13)}`;
  const lines = measures.map(({ name, value, interval, cases }) => {
    const was = before?.results.measures[name];
    const then = was === undefined ? "–" : shownValue(name, was);
    const range = interval === null ? "" : between(interval);
    return `${name.padEnd(20)} ${shownValue(name, value).padStart(13)}  ${range.padEnd(15)} ${String(cases).padStart(4)} ${then.padStart(13)}`;
  });
  return [head, ...lines].join("\n");
}

function spentLines({ spent }: RunReport): string {
  const { p50Ms, p95Ms, inputTokens, cachedTokens, outputTokens, costUsd } = spent;
  const ms = (value: number | null): string => (value === null ? "–" : `${Math.round(value)} ms`);
  return [
    `time for a play   p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}`,
    `tokens            ${inputTokens} in, ${cachedTokens} of them cached; ${outputTokens} out`,
    `cost              ${costUsd === null ? "unknown, the model has no known price" : `${costUsd.toFixed(4)} USD`}`,
  ].join("\n");
}

function bucketTable({ cases }: RunReport): string {
  return BUCKETS.map((bucket) => {
    const count = cases.filter((one) => one.bucket === bucket).length;
    return `${BUCKET_NAMES[bucket].name.padEnd(20)} ${String(count).padStart(4)}`;
  }).join("\n");
}

/** The first five of what got worse or broke a rule, then the known failures by name alone. */
function worstCases({ cases }: RunReport): readonly string[] {
  const worse = cases.filter(({ bucket }) => bucket === "rule_breaks" || bucket === "regressed");
  const known = cases.filter(({ bucket }) => bucket === "still_failing" || bucket === "flaky");
  const errors = cases.filter(({ errors: all }) => all.length > 0);
  const more = worse.length - REGRESSIONS_SHOWN;
  return [
    ...worse.slice(0, REGRESSIONS_SHOWN).map(failureText),
    ...(more > 0 ? [`… and ${more} more, all of them in the page that --html writes`] : []),
    ...known.slice(0, REGRESSIONS_SHOWN).map(failureText),
    ...(known.length > REGRESSIONS_SHOWN
      ? [
          wrapped(
            `also failing: ${known
              .slice(REGRESSIONS_SHOWN)
              .map(({ id }) => id)
              .join(", ")}`,
          ),
        ]
      : []),
    ...errors.map(({ id, errors: [first = ""] }) => wrapped(`NOT PLAYED  ${id}: ${first}`)),
  ];
}

function failureText({ id, bucket, passes, plays, shown, added }: CaseResult): string {
  const times = plays.length === 1 ? "" : ` (${passes} of ${plays.length} plays pass)`;
  const read = (shown?.seen.text ?? "").replaceAll(/\s+/g, " ").slice(0, TEXT_SHOWN_MAX);
  return [
    `${BUCKET_NAMES[bucket].name.toUpperCase()}  ${id}${added ? " (new)" : ""}${times}`,
    ...(shown?.problems ?? []).map(({ grader, reason }) => wrapped(`${grader}: ${reason}`, "  ")),
    wrapped(`expected: ${shown?.expected ?? ""}`, "  "),
    wrapped(`read: ${read === "" ? "(nothing)" : read}`, "  "),
  ].join("\n");
}

function verdictText(report: RunReport): string {
  const { comparison, model, stopped, file } = report;
  const passes = report.cases.filter(({ bucket }) => bucket === "unchanged" || bucket === "fixed");
  const ai = model === "rehearsal" ? " (rehearsal rules, no AI)" : "";
  return [
    wrapped(`${passes.length} of ${report.cases.length} cases pass with ${model}${ai}.`),
    ...(comparison === null
      ? [wrapped(`There is no baseline for ${model}; --update-baseline records this run as one.`)]
      : [
          ...comparison.fixed.map(
            (id) => `fixed: ${id} passes now; --update-baseline records that`,
          ),
          ...comparison.added.map((id) => `new: ${id} is not in what this run is compared with`),
          ...comparison.regressions.map((line) => wrapped(`REGRESSION  ${line}`)),
        ]),
    ...(stopped === null ? [] : [wrapped(`STOPPED  ${stopped}`)]),
    wrapped(verdictOf(report)),
    wrapped(ruleOf(report).text),
    `kept in ${file}`,
  ].join("\n");
}

/** The cases behind one number; those that count against it come first. */
export function listBehind({ label, name, value, shares }: Measure): string {
  const width = Math.max(0, ...shares.map(({ id }) => id.length));
  const lines = shares
    .toSorted((a, b) => a.counts / a.of - b.counts / b.of)
    .map(
      ({ id, counts, of, note }) =>
        `  ${id.padEnd(width)}  ${Number(counts.toFixed(6))}/${of}  ${note}`,
    );
  return [`${name}: ${shownValue(name, value)}`, label, ...lines].join("\n");
}

/** The whole run as JSON. */
export function jsonReport(report: RunReport): string {
  const { model, startedAt, k, records, missing, stopped, comparison, passes, spent, file } =
    report;
  return JSON.stringify(
    {
      model,
      started_at: startedAt,
      k,
      verdict: verdictOf(report),
      rule: ruleOf(report),
      complete: !isIncomplete(report),
      missing,
      stopped,
      passes: passes.map(({ k: times, share, interval: { low, high }, cases }) => ({
        k: times,
        share,
        low,
        high,
        cases,
      })),
      measures: measure(records),
      spent,
      buckets: Object.fromEntries(
        BUCKETS.map((bucket) => [
          bucket,
          report.cases.filter((one) => one.bucket === bucket).map(({ id }) => id),
        ]),
      ),
      comparison,
      plays: records,
      file,
    },
    null,
    2,
  );
}

/** A share for a person: "92.3 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** An interval for a person: "81–96 %". */
export function between({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %`;
}

/** Lines of at most 80 characters; a word that is longer stays whole. */
function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const longer = line.trim() === "" ? `${line}${word}` : `${line} ${word}`;
    if (longer.length > COLUMNS && line.trim() !== "") {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

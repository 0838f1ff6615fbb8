/** Formats an evaluation run as tables for the terminal and as JSON. */
import type { Comparison, ModelResults } from "./baseline.ts";
import { measure, shownValue, type Measure } from "./measures.ts";
import type { Graded } from "./runner.ts";

const TEXT_SHOWN_MAX = 300;

/** One line for each case, with the problems under those that failed. */
export function caseTable(all: readonly Graded[], before: ModelResults | null): string {
  const width = Math.max(...all.map(({ evalCase }) => evalCase.id.length));
  return all
    .map((graded) => [lineOf(graded, before, width), ...objections(graded)].join("\n"))
    .join("\n");
}

function lineOf(
  { evalCase, observed, problems }: Graded,
  before: ModelResults | null,
  width: number,
): string {
  const mark = problems.length === 0 ? "pass" : markOfFailure(evalCase.id, before);
  const tools = [...new Set(observed.calls.map(({ tool }) => tool))].filter(
    (tool) => tool !== "reply",
  );
  const actions = observed.actions.map(
    ({ planned, decision }) => `${planned.action.operation}: ${decision.verdict}`,
  );
  return [
    mark.padEnd(5),
    evalCase.id.padEnd(width),
    observed.outcome.padEnd(11),
    `${observed.steps}`.padStart(2),
    `${Math.round(observed.durationMs)} ms`.padStart(8),
    [tools.join(", "), ...actions].filter((part) => part !== "").join(" → "),
  ]
    .join("  ")
    .trimEnd();
}

function markOfFailure(id: string, before: ModelResults | null): string {
  return before !== null && Object.hasOwn(before.failed, id) ? "known" : "FAIL";
}

function objections({ evalCase, observed, problems }: Graded): readonly string[] {
  if (problems.length === 0) return [];
  const read = observed.text.replaceAll(/\s+/g, " ").slice(0, TEXT_SHOWN_MAX);
  return [
    ...problems.map(({ grader, reason }) => `         ${grader}: ${reason}`),
    `         expected: ${evalCase.expected_behavior}`,
    `         read: ${read === "" ? "(nothing)" : read}`,
  ];
}

/** The measures, one line each, next to the baseline's values. */
export function measureTable(all: readonly Graded[], before: ModelResults | null): string {
  return measure(all)
    .map(({ name, label, value, shares }) => {
      const was = before?.measures[name];
      const compared = was === undefined ? "" : ` (baseline ${shownValue(name, was)})`;
      return `${name.padEnd(20)}  ${shownValue(name, value).padStart(12)}${compared}, ${shares.length} case(s)\n    ${label}`;
    })
    .join("\n");
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

/** Describes how the run compares with its baseline. */
export function comparisonText(
  model: string,
  comparison: Comparison | null,
  failed: number,
  all: number,
): string {
  const count = `${all - failed} of ${all} cases pass with ${model}.`;
  if (comparison === null)
    return `${count}\nThere is no baseline for ${model}; --update-baseline records this run as one.`;
  const { regressions, mended, added } = comparison;
  return [
    count,
    ...mended.map((id) => `mended: ${id} passes now; --update-baseline records that`),
    ...added.map((id) => `new: ${id} is not in the baseline yet`),
    ...regressions.map((line) => `REGRESSION  ${line}`),
    regressions.length === 0 ? "No regression." : `${regressions.length} regression(s).`,
  ].join("\n");
}

/** The whole run as JSON. */
export function jsonReport(
  model: string,
  all: readonly Graded[],
  comparison: Comparison | null,
): string {
  return JSON.stringify(
    {
      model,
      cases: all.map(({ evalCase, observed, problems }) => ({
        id: evalCase.id,
        pass: problems.length === 0,
        problems,
        risk_category: evalCase.risk_category,
        outcome: observed.outcome,
        text: observed.text,
        calls: observed.calls,
        actions: observed.actions.map(({ planned, decision }) => ({
          operation: planned.action.operation,
          arguments: planned.action.arguments,
          verdict: decision.verdict,
          rule: decision.rule,
        })),
        steps: observed.steps,
        output_tokens: observed.outputTokens,
        cost_usd: observed.costUsd,
        duration_ms: Math.round(observed.durationMs),
      })),
      measures: measure(all),
      comparison,
    },
    null,
    2,
  );
}

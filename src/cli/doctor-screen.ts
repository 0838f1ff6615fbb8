/** Formats the findings of `doctor` for the terminal. */

import type { Finding } from "#core/connection/diagnosis.ts";

const SIGNS = { ok: "✓", warning: "!", problem: "✗", unknown: "?" } as const;
const WIDTH_MAX = 46;

/** Findings by part, one line each, with what to do below. What is wrong is repeated at the end, where it is read. */
export function doctorScreen(findings: readonly Finding[]): string {
  const width = Math.min(WIDTH_MAX, Math.max(0, ...findings.map(({ check }) => check.length)));
  const parts = Map.groupBy(findings, ({ part }) => part);
  const blocks = [...parts].map(([part, found]) =>
    [part, ...found.map((finding) => findingText(finding, width))].join("\n"),
  );
  return [...blocks, ...toMend(findings), summary(findings)].join("\n\n");
}

/** One finding alone: the sign, what was found, and what to do. */
function findingLines(finding: Finding): readonly string[] {
  const { state, part, check, found, means, remedy } = finding;
  const more = state === "ok" || state === "unknown" ? [] : [means, remedy && `→ ${remedy}`];
  return [
    `  ${SIGNS[state]} ${part}, ${check}: ${oneLine(found)}`,
    ...more.flatMap((line) => (line ? [`    ${oneLine(line)}`] : [])),
  ];
}

/** What was found about one part, in short: people one by one, otherwise only what is not well. */
export function partLines(part: string, findings: readonly Finding[]): readonly string[] {
  const shown = findings.filter(
    ({ state }) => part === "people" || state === "problem" || state === "warning",
  );
  const good = findings.filter(({ state }) => state === "ok").length;
  const isGood = good > 0 && !findings.some(isProblem) && part !== "people";
  const works = isGood ? [`  ✓ ${part} works (${good === 1 ? "1 check" : `${good} checks`})`] : [];
  return [...works, ...shown.flatMap(findingLines)];
}

/** Whether a finding stops Deskhand from doing its work. */
export function isProblem({ state }: Finding): boolean {
  return state === "problem";
}

function findingText({ state, check, found, remedy }: Finding, width: number): string {
  const [first = "", ...more] = found.split("\n");
  const line = `  ${SIGNS[state]} ${check.padEnd(width)}  ${first}`;
  const indent = " ".repeat(width + 6);
  const rest = more.map((text) => `${indent}${text.trim()}`);
  const arrow = remedy === null || state === "ok" ? [] : [`${indent}→ ${remedy}`];
  return [line, ...rest, ...arrow].join("\n");
}

/** Problems in full, each with what it means for customers and team. */
function toMend(findings: readonly Finding[]): readonly string[] {
  const problems = findings.filter(isProblem);
  if (problems.length === 0) return [];
  const lines = problems.flatMap((finding, index) => {
    const { part, check, found, means, remedy, fix } = finding;
    return [
      `  ${index + 1}. ${part}, ${check}`,
      `     What happened   ${oneLine(found)}`,
      ...(means === undefined ? [] : [`     What it means   ${means}`]),
      ...(remedy === null ? [] : [`     What to do      ${remedy}`]),
      ...(fix === undefined ? [] : ["     or type         npm run -s deskhand -- doctor --fix"]),
    ];
  });
  return [["To mend", ...lines].join("\n")];
}

function oneLine(text: string): string {
  return text.replace(/(?<!\s)\s*\n\s*/g, " · ");
}

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]): number =>
    findings.filter((finding) => finding.state === state).length;
  const [problems, warnings, unknown] = [count("problem"), count("warning"), count("unknown")];
  if (problems + warnings === 0)
    return unknown === 0 ? "All is well." : `All is well, as far as it can be seen from here.`;
  const parts = [
    problems === 1 ? "1 problem" : `${problems} problems`,
    warnings === 1 ? "1 warning" : `${warnings} warnings`,
  ];
  return `${parts.join(", ")}.`;
}

/** Formats the findings of `doctor` for the terminal. */

import type { Finding } from "#core/connection/diagnosis.ts";

const SIGNS = { ok: "✓", warning: "!", problem: "✗", unknown: "?" } as const;
const WIDTH_MAX = 46;

/** Findings by part, one line each, with the remedy below. */
export function doctorScreen(findings: readonly Finding[]): string {
  const width = Math.min(WIDTH_MAX, Math.max(0, ...findings.map(({ check }) => check.length)));
  const parts = Map.groupBy(findings, ({ part }) => part);
  const blocks = [...parts].map(([part, found]) =>
    [part, ...found.map((finding) => linesOf(finding, width))].join("\n"),
  );
  return [...blocks, summary(findings)].join("\n\n");
}

function linesOf({ state, check, found, remedy }: Finding, width: number): string {
  const [first = "", ...more] = found.split("\n");
  const line = `  ${SIGNS[state]} ${check.padEnd(width)}  ${first}`;
  const indent = " ".repeat(width + 6);
  const rest = more.map((text) => `${indent}${text.trim()}`);
  const arrow = remedy === null || state === "ok" ? [] : [`${indent}→ ${remedy}`];
  return [line, ...rest, ...arrow].join("\n");
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

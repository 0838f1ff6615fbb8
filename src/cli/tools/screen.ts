/** What the commands about tools print. */
import { z } from "zod";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Decision } from "#core/contracts/policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import type { ListedTool, ToolFinding, TriedTool } from "./shelf.ts";

/** A tool with what the policy says about it and what went wrong last; both empty for a look-up. */
export interface ShownTool extends ListedTool {
  readonly policy: readonly string[];
  readonly lastError: string | null;
}

const KINDS = { read: "looks up", write: "proposes", ending: "ends the turn" } as const;

/** A few lines for each tool: what it does and where it comes from, for whom, its arguments, what the policy says. */
export function listing(tools: readonly ShownTool[]): string {
  return tools.map((tool) => toolLines(tool).join("\n")).join("\n\n");
}

function toolLines(tool: ShownTool): readonly string[] {
  const { name, kind, operation, level, from, parameters, policy, lastError } = tool;
  const does = operation === null ? KINDS[kind] : `${KINDS[kind]} ${operation}`;
  return [
    `${name}: ${does}, ${from}, ${levelWords(level)}`,
    `  arguments: ${argumentWords(parameters)}`,
    ...policy.map((line) => `  policy: ${line}`),
    ...(lastError === null ? [] : [`  last error: ${lastError}`]),
  ];
}

function levelWords(level: IdentityLevel): string {
  return level === 0 ? "for every writer" : `from identity level ${level}`;
}

const Parameters = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });

function argumentWords(parameters: ListedTool["parameters"]): string {
  const names = Object.keys(Parameters.parse(parameters).properties);
  return names.length === 0 ? "none" : names.join(", ");
}

/** A line for each finding; what is wrong says what to do. */
export function checkScreen(findings: readonly ToolFinding[]): string {
  return findings
    .map(({ about, isWell, found }) => `${isWell ? "✓" : "✗"} ${about}: ${found}`)
    .join("\n");
}

/** Whose data, exactly what the model reads, and for a change what would be decided and sent. */
export function tryScreen({ bound, seen, proposed }: TriedTool): string {
  const lines = [bound, "", "What the model reads (spaces of data are marked ^):", "", seen];
  if (proposed === null) return lines.join("\n");
  const { label, key, decision, request } = proposed;
  return [
    ...lines,
    "",
    "What would be proposed:",
    "",
    `  ${label}`,
    `  key: ${key}`,
    `  policy: ${decisionWords(decision)}`,
    "",
    ...(request === null
      ? ["A part of Deskhand itself would carry it out. Nothing was sent."]
      : ["The request that would be sent:", "", request, "", "Nothing was sent."]),
  ].join("\n");
}

function decisionWords({ verdict, approvers, rule, reason }: Decision): string {
  return `${verdictInWords(verdict, approvers)} (${rule}). ${reason}`;
}

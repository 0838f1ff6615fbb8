/** Lines for the policy: a rule that asks a person, for every change that the tools of a folder declare. */
import type { SystemTool, WriteDeclaration } from "#systems/contract.ts";

/** Null where the tools only look things up. Only our own words and checked names stand in it. */
export function policyLines(tools: readonly SystemTool[], system: string): string | null {
  const writes = tools.filter((tool) => tool.kind === "write");
  if (writes.length === 0) return null;
  return [
    `# Lines for the policy: what the tools of ${system} may change. Copy them below \`operations\`.`,
    "# Each asks a person. A promotion is a rule above it, as the policy file itself explains.",
    "operations:",
    ...writes.flatMap(ruleLines),
    "",
  ].join("\n");
}

function ruleLines({ operation, money, find }: WriteDeclaration): readonly string[] {
  return [
    `  ${operation}:`,
    "    level: 2",
    "    rules:",
    ...(money === undefined
      ? []
      : [
          "      # Small amounts could happen by themselves; limits say how often:",
          "      # - name: small",
          "      #   verdict: allow",
          "      #   up_to: 10.00",
          "      #   reason: Small amounts are paid back at once.",
        ]),
    ...(find.by === "nothing"
      ? [
          "      # A lost answer cannot be found out here, so people have to decide: never `allow` this.",
        ]
      : []),
    "      - name: every",
    "        verdict: ask",
    `        reason: Every ${money === undefined ? "such change" : "movement of money"} is approved by a person.`,
  ];
}

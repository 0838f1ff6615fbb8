/** Grader: checks that the expected tools are called with the expected arguments. */
import type { ExpectedTool } from "#evals/case.ts";
import type { Grader } from "#evals/grader.ts";
import type { ObservedCall } from "#evals/harness/observation.ts";

/** This tool ends the turn and looks nothing up, so it does not count as a tool call of a case. */
const ENDING = "reply";

/**
 * Checks that each tool the case names is called with the arguments it names. Further lookups are allowed, unless the
 * case says that nothing may be called; expected actions cover the changes.
 */
export const tools: Grader = {
  name: "tools",
  grade({ expected_tools }, { calls }) {
    if (expected_tools === undefined) return [];
    const made = calls.filter(({ tool }) => tool !== ENDING);
    if (expected_tools.length === 0) return made.map(({ tool }) => `${tool} was called`);
    return expected_tools
      .filter((expected) => !made.some((call) => fits(expected, call)))
      .map((expected) => objectionTo(expected, made));
  },
};

function fits(expected: ExpectedTool, call: ObservedCall): boolean {
  return (
    call.tool === expected.name &&
    Object.entries(expected.arguments).every(
      ([name, value]) => plain(call.arguments[name]) === plain(value),
    )
  );
}

/** Normalises order numbers: "#789", "789" and " 789 " are the same. Amounts stay unchanged. */
function plain(value: unknown): string {
  const text = typeof value === "string" ? value.trim().replace(/^#/, "").toLowerCase() : value;
  return JSON.stringify(text) ?? "";
}

function objectionTo(
  { name, arguments: wanted }: ExpectedTool,
  made: readonly ObservedCall[],
): string {
  const same = made.filter(({ tool }) => tool === name);
  if (same.length === 0) return `${name} was not called`;
  const given = same.map((call) => JSON.stringify(call.arguments)).join(" and ");
  return `${name} was called with ${given}, not with ${JSON.stringify(wanted)}`;
}

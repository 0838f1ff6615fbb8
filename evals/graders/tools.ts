/** Grades the tool calls. */
import type { ExpectedTool } from "#evals/case.ts";
import type { Grader } from "#evals/grader.ts";
import type { ObservedCall } from "#evals/harness/observation.ts";

/** Ends the turn instead of looking anything up, so a case does not count it as a tool call. */
const ENDING = "reply";

/**
 * Each tool the case names is called with the arguments it names. Further look-ups are allowed, except where the case
 * forbids any call; which changes are allowed follows from the expected actions.
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

/** "#789", "789" and " 789 " are the same order; numbers of an amount stay as they are. */
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

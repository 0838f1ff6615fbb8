/** The tests of a procedure: what a customer says, what is expected of the answer, and what a turn missed of it. */
import type { LineProblem } from "#policy/yaml.ts";
import type { TurnResult } from "#core/contracts/agent.ts";

/** How a turn may end in a test: an answer, a question back, or people. */
const OUTCOMES = ["reply", "question", "people"] as const;
type CaseOutcome = (typeof OUTCOMES)[number];

/** One thing a test expects, and the line that says so. */
interface Expectation {
  readonly line: number;
  /** `tool`: it is called. `action`: this operation is proposed or done. `words`: the answer contains them. */
  readonly of: "outcome" | "tool" | "action" | "words";
  /** True for `expects no …`. */
  readonly not: boolean;
  /** What is expected; empty with `not` for any action at all. */
  readonly value: string;
}

/** One test: a conversation of one customer. */
export interface ProcedureCase {
  readonly name: string;
  readonly line: number;
  /** The address the customer writes from; empty for a writer who is not known. */
  readonly from: string;
  readonly says: readonly string[];
  readonly expects: readonly Expectation[];
}

const CASES_MAX = 20;
const LINE = /^\s*(?:-\s+)?(customer is|customer says|expects(?: no)? \w+)\s*:(.*)$/s;

/** Reads the lines below `## Tests`. A line that is none of the known ones is a problem, so that none is ignored. */
export function readCases(
  lines: readonly string[],
  firstLine: number,
): { readonly cases: readonly ProcedureCase[]; readonly problems: readonly LineProblem[] } {
  const cases: ProcedureCase[] = [];
  const problems: LineProblem[] = [];
  for (const [index, line] of lines.entries()) {
    const at = firstLine + index;
    const [, name] = /^### +(\S.*)$/s.exec(line.trimEnd()) ?? [];
    if (name !== undefined) cases.push({ name, line: at, from: "", says: [], expects: [] });
    else if (line.trim() !== "") {
      const last = cases.at(-1);
      const read = last === undefined ? 'a test begins with a line "### What it is about"' : null;
      const added = last === undefined ? read : withLine(last, line, at);
      if (typeof added === "string") problems.push({ line: at, reason: added });
      else if (added !== null) cases.splice(-1, 1, added);
    }
  }
  return { cases, problems: [...problems, ...wholeProblems(cases)] };
}

/** The test with one more line, or the reason why the line cannot be read. */
function withLine(one: ProcedureCase, line: string, at: number): ProcedureCase | string {
  const [, key = "", typed = ""] = LINE.exec(line) ?? [];
  const value = typed.trim();
  if (key === "customer says" && value !== "") return { ...one, says: [...one.says, value] };
  if (key === "customer is" && /^[^\s@]+@\S+$/.test(value)) return { ...one, from: value };
  const [, no, what = ""] = /^expects( no)? (\w+)$/.exec(key) ?? [];
  const expected = parsedExpectation(what, { not: no !== undefined, value, line: at });
  return expected === null ? UNREADABLE : { ...one, expects: [...one.expects, expected] };
}

const UNREADABLE =
  'cannot be read; a test has the lines "customer is: ADDRESS", "customer says: …", "expects outcome: reply, question or people", "expects tool: NAME", "expects action: OPERATION", "expects words: …", each but the outcome also as "expects no …"';

function parsedExpectation(
  of: string,
  { not, value, line }: Pick<Expectation, "not" | "value" | "line">,
): Expectation | null {
  switch (of) {
    case "outcome":
      return !not && OUTCOMES.some((known) => known === value)
        ? { of: "outcome", not, value, line }
        : null;
    case "action":
      return value !== "" || not ? { of: "action", not, value, line } : null;
    case "tool":
    case "words":
      return value === "" ? null : { of, not, value, line };
    default:
      return null;
  }
}

function wholeProblems(cases: readonly ProcedureCase[]): readonly LineProblem[] {
  const names = cases.map(({ name }) => name);
  return [
    ...cases.slice(CASES_MAX, CASES_MAX + 1).map(({ line }) => ({
      line,
      reason: `is one test too many; a procedure has at most ${CASES_MAX}`,
    })),
    ...cases.flatMap(({ name, line, says, expects }, index) => [
      ...(says.length === 0 ? [{ line, reason: `the test “${name}” says nothing` }] : []),
      ...(expects.length === 0 ? [{ line, reason: `the test “${name}” expects nothing` }] : []),
      ...(names.indexOf(name) < index ? [{ line, reason: `there are two tests “${name}”` }] : []),
    ]),
  ];
}

/** What came of one test. */
export interface PlayedCase {
  readonly name: string;
  /** What was expected and did not happen, one line each; empty when the test passed. */
  readonly missed: readonly string[];
}

const OUTCOME_OF = {
  reply: "reply",
  clarify: "question",
  escalate: "people",
} as const satisfies Partial<Record<TurnResult["ending"]["kind"], CaseOutcome>>;

/** Everything a test expected and the turn did not do, with the line of the file that says so. */
export function missedIn({ expects }: ProcedureCase, result: TurnResult): readonly string[] {
  const { ending } = result;
  if (ending.kind === "unavailable") return [`it could not be asked: ${ending.reason}`];
  const outcome = OUTCOME_OF[ending.kind];
  const operations = result.actions.map(({ planned }) => planned.action.operation);
  const said = ending.kind === "escalate" ? (ending.answer ?? "") : ending.text;
  const words = said.toLowerCase();
  const holds = ({ of, value }: Expectation): boolean => {
    switch (of) {
      case "outcome":
        return value === outcome;
      case "tool":
        return result.toolsCalled.includes(value);
      case "action":
        return value === "" ? operations.length > 0 : operations.includes(value);
      case "words":
        return words.includes(value.toLowerCase());
    }
  };
  const was = `it ended with ${outcome}; tools: ${listed(result.toolsCalled)}; actions: ${listed(operations)}`;
  return expects
    .filter((expected) => holds(expected) === expected.not)
    .map(
      ({ of, not, value, line }) =>
        `line ${line} expects ${not ? "no " : ""}${of}${value === "" ? "" : `: ${value}`}, and ${was}`,
    );
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

/** Compares what a test expects with what a turn did. */
import type { TurnResult } from "#core/contracts/agent.ts";
import type { CaseOutcome, Expectation, ProcedureCase } from "./cases.ts";

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
  unavailable: "people",
} as const satisfies Record<TurnResult["ending"]["kind"], CaseOutcome>;

/** Everything a test expected and the turn did not do, with the line of the file that says so. */
export function missedIn({ expects }: ProcedureCase, result: TurnResult): readonly string[] {
  const outcome = OUTCOME_OF[result.ending.kind];
  const operations = result.actions.map(({ planned }) => planned.action.operation);
  const words = "text" in result.ending ? result.ending.text.toLowerCase() : "";
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
      default:
        throw new Error(`unknown expectation ${String(of satisfies never)}`);
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

import type { Grader } from "#evals/grader.ts";

/** The conversation ends as the case says. */
export const outcome: Grader = {
  name: "outcome",
  grade: ({ expected_outcome }, observed) =>
    expected_outcome === undefined || expected_outcome === observed.outcome
      ? []
      : [`ended as ${observed.outcome}, not as ${expected_outcome}`],
};

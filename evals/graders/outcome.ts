/**
 * Room: the graders, each of which checks one aspect of a case's result.
 * In: a case and what was observed of it.
 * Out: one sentence for each problem; none when the case passed.
 * May touch: nothing.
 * Start here, then actions.ts and strangers.ts.
 */
import type { Grader } from "#evals/grader.ts";

/** The conversation ends in one of the ways the case names. */
export const outcome: Grader = {
  name: "outcome",
  grade: ({ expected_outcome }, observed) =>
    expected_outcome === undefined || expected_outcome.some((one) => one === observed.outcome)
      ? []
      : [`ended as ${observed.outcome}, not as ${expected_outcome.join(" or ")}`],
};

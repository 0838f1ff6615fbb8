/**
 * Room: graders; each checks one aspect of what a case led to.
 * In: a case and the observation of its run.
 * Out: one sentence for each problem; none when all is well.
 * May touch: nothing; every grader is pure.
 * This file: checks how the conversation ended.
 */
import type { Grader } from "#evals/grader.ts";

/** Checks that the conversation ends in one of the ways the case names. */
export const outcome: Grader = {
  name: "outcome",
  grade: ({ expected_outcome }, observed) =>
    expected_outcome === undefined || expected_outcome.some((one) => one === observed.outcome)
      ? []
      : [`ended as ${observed.outcome}, not as ${expected_outcome.join(" or ")}`],
};

/** Grader: compares what the output check still objects to in the reply with what the case expects it to. */
import type { Grader } from "#evals/grader.ts";

/**
 * Checks that the output check has no objection left: every amount, date, number, link and claim has its evidence. A
 * warning that the case names has to stand on the card, so that text never went out unasked; it excuses no other one.
 */
export const receipts: Grader = {
  name: "receipts",
  grade: ({ must_warn = [] }, { objections }) => [
    ...must_warn
      .filter((words) => !objections.some((objection) => objection.includes(words)))
      .map((words) => `no card warns of "${words}"`),
    ...objections.filter((objection) => !must_warn.some((words) => objection.includes(words))),
  ],
};

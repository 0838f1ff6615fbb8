/** Grades that the output check has no objection left. */
import type { Grader } from "#evals/grader.ts";

/** The output check has no objection left: every amount, date, number, link and claim has its evidence. */
export const receipts: Grader = {
  name: "receipts",
  grade: (_evalCase, { objections }) => objections,
};

/** Grader: reports what the output check still objects to in the reply. */
import type { Grader } from "#evals/grader.ts";

/** The output check has nothing left to object to: every amount, date, number, link and claim has its receipt. */
export const receipts: Grader = {
  name: "receipts",
  grade: (_evalCase, { objections }) => objections,
};

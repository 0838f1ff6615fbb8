/** The contract of a grader. */
import type { EvalCase } from "./case.ts";
import type { Observed } from "./harness/observation.ts";

/** Grades one aspect of a case's result. */
export interface Grader {
  readonly name: string;
  /** What is wrong, one sentence each; empty when nothing is, or the case expects nothing of the kind. */
  grade(evalCase: EvalCase, observed: Observed): readonly string[];
}

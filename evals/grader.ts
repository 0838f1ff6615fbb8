/** The interface of a grader, which checks one aspect of a case. */
import type { EvalCase } from "./case.ts";
import type { Observed } from "./harness/observation.ts";

/** Looks at one side of what a case led to. */
export interface Grader {
  readonly name: string;
  /** What is wrong, one sentence each; empty when all is well or the case expects nothing of the kind. */
  grade(evalCase: EvalCase, observed: Observed): readonly string[];
}

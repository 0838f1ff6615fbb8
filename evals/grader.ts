/** The interface of a grader, which checks one aspect of a case. */
import type { EvalCase } from "./case.ts";
import type { Observed } from "./harness/observation.ts";

/** Checks one aspect of what a case led to. */
export interface Grader {
  readonly name: string;
  /** The problems, one sentence each; empty when all is well or the case expects nothing here. */
  grade(evalCase: EvalCase, observed: Observed): readonly string[];
}

/**
 * Room: measures how well Deskhand answers: runs written cases against the real product and compares with a baseline.
 * In: cases from files, options, and environment variables that choose the model.
 * Out: graded cases, measures, a comparison with the baseline, an exit code.
 * May touch: case and baseline files, a temporary folder, a sample shop on 127.0.0.1, the model that is chosen.
 * This file: runs the cases one after the other and grades each.
 */
import { reasonOf } from "#core/values/errors.ts";
import type { EvalCase } from "./case.ts";
import type { Grader } from "./grader.ts";
import type { Observed } from "./harness/observation.ts";

/** One case with its observation and the graders' problems. */
export interface Graded {
  readonly evalCase: EvalCase;
  readonly observed: Observed;
  /** By grader; empty when the case passed. */
  readonly problems: readonly { readonly grader: string; readonly reason: string }[];
}

/** Runs cases. */
export interface Stage {
  run(evalCase: EvalCase): Promise<Observed>;
}

/** Runs the cases one after the other, so that none sees the traces of another, and grades each at once. */
export async function runCases(
  cases: readonly EvalCase[],
  stage: Stage,
  options: {
    readonly graders: readonly Grader[];
    readonly onProgress: (done: number, all: number, id: string) => void;
  },
): Promise<readonly Graded[]> {
  const graded: Graded[] = [];
  for (const [index, evalCase] of cases.entries()) {
    options.onProgress(index, cases.length, evalCase.id);
    graded.push(grade(evalCase, await playOne(stage, evalCase), options.graders));
  }
  return graded;
}

/** Bad behaviour is observed; an exception ends the run and names the case. */
async function playOne(stage: Stage, evalCase: EvalCase): Promise<Observed> {
  try {
    return await stage.run(evalCase);
  } catch (cause) {
    throw new Error(`${evalCase.id} could not be played: ${reasonOf(cause)}`, { cause });
  }
}

/** Applies every grader; pure. */
function grade(evalCase: EvalCase, observed: Observed, graders: readonly Grader[]): Graded {
  const problems = graders.flatMap((grader) =>
    grader.grade(evalCase, observed).map((reason) => ({ grader: grader.name, reason })),
  );
  return { evalCase, observed, problems };
}

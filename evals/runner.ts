/** Runs cases and grades them. */
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

/** Where cases are played. */
export interface Stage {
  run(evalCase: EvalCase): Promise<Observed>;
}

/** Plays the cases one after the other, so that none sees the traces of another, and grades each at once. */
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

/** Bad behaviour of the product is observed; a crash ends the run, with the name of the case. */
async function playOne(stage: Stage, evalCase: EvalCase): Promise<Observed> {
  try {
    return await stage.run(evalCase);
  } catch (cause) {
    throw new Error(`${evalCase.id} could not be played: ${reasonOf(cause)}`, { cause });
  }
}

/** Calls every grader; pure. */
function grade(evalCase: EvalCase, observed: Observed, graders: readonly Grader[]): Graded {
  const problems = graders.flatMap((grader) =>
    grader.grade(evalCase, observed).map((reason) => ({ grader: grader.name, reason })),
  );
  return { evalCase, observed, problems };
}

/**
 * Room: measures how well Deskhand answers: runs written cases against the real product and compares with a baseline.
 * In: cases from files, options, and environment variables that choose the model.
 * Out: graded cases, measures, a comparison with the baseline, an exit code.
 * May touch: case and baseline files, a temporary folder, a sample shop on 127.0.0.1, the model that is chosen.
 * This file: runs the cases and grades each.
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

/** Runs cases, one at a time. */
export interface Stage {
  run(evalCase: EvalCase): Promise<Observed>;
  /** Keeps a graded case, before the next one begins. */
  keep?(graded: Graded): void;
}

/**
 * Runs the cases in order and grades each at once. Every stage takes the next case when it has done one, so that none
 * sees the traces of another; the result is in the order of the cases.
 */
export async function runCases(
  cases: readonly EvalCase[],
  stages: readonly Promise<Stage>[],
  options: {
    readonly graders: readonly Grader[];
    readonly onProgress: (done: number, all: number, id: string) => void;
  },
): Promise<readonly Graded[]> {
  const waiting = [...cases.entries()];
  const graded = new Map<number, Graded>();
  async function playOn(opening: Promise<Stage>): Promise<void> {
    const stage = await opening;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, evalCase] = next;
      options.onProgress(index, cases.length, evalCase.id);
      const one = grade(evalCase, await playOne(stage, evalCase), options.graders);
      graded.set(index, one);
      stage.keep?.(one);
    }
  }
  const played = await Promise.allSettled(
    stages.map((stage) =>
      playOn(stage).catch((error: unknown) => {
        // The others end the case they are in, because their stages are closed after this.
        waiting.splice(0);
        throw error;
      }),
    ),
  );
  const failed = played.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return [...graded].toSorted(([a], [b]) => a - b).map(([, one]) => one);
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

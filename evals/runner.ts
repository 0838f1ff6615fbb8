/**
 * Room: measures how well Deskhand answers: runs written cases against the real product and compares with a baseline.
 * In: cases from files, options, and environment variables that choose the model.
 * Out: records of plays, measures, a comparison with the baseline, a page, an exit code.
 * May touch: case and baseline files, kept runs, a temporary folder, a sample shop on 127.0.0.1, the model that is chosen.
 * This file: plays the cases and grades each.
 */
import { reasonOf } from "#core/values/errors.ts";
import type { EvalCase } from "./case.ts";
import type { Grader } from "./grader.ts";
import type { Observed } from "./harness/observation.ts";
import { type PlayRecord, recordOf } from "./runs/record.ts";

/** One case with its observation and the graders' problems. */
export interface Graded {
  readonly evalCase: EvalCase;
  readonly observed: Observed;
  /** By grader; empty when the case passed. */
  readonly problems: readonly { readonly grader: string; readonly reason: string }[];
}

/** A world that plays cases, one at a time. */
export interface World {
  run(evalCase: EvalCase): Promise<Observed>;
  /** Keeps a graded case, before the next one begins. */
  keep?(graded: Graded): void;
}

/** One case, and which of its repetitions this is, counted from 1. */
export interface Play {
  readonly evalCase: EvalCase;
  readonly repetition: number;
}

/** Plays cases, one at a time. A play that cannot be carried out becomes a record with its error. */
export interface Stage {
  play(play: Play): Promise<PlayRecord>;
}

/** A stage in this process: plays in the world and applies every grader. */
export function stageIn(world: World, graders: readonly Grader[]): Stage {
  return {
    async play({ evalCase, repetition }) {
      let observed: Observed;
      try {
        observed = await world.run(evalCase);
      } catch (error) {
        return recordOf(evalCase, repetition, { error: reasonOf(error) });
      }
      const problems = graders.flatMap((grader) =>
        grader.grade(evalCase, observed).map((reason) => ({ grader: grader.name, reason })),
      );
      world.keep?.({ evalCase, observed, problems });
      return recordOf(evalCase, repetition, { observed, problems });
    },
  };
}

/** Every case once, then every case again, so that a run that stops early has seen each. */
export function playsOf(cases: readonly EvalCase[], k: number): readonly Play[] {
  return Array.from({ length: k }, (_none, index) => index + 1).flatMap((repetition) =>
    cases.map((evalCase) => ({ evalCase, repetition })),
  );
}

/**
 * Plays in order. Every stage takes the next play when it has done one, so that none sees the traces of another; the
 * records are in the order of the plays. Ends early, without an error, once `mayGoOn` says no. Rejects when a stage
 * cannot be opened.
 */
export async function runCases(
  plays: readonly Play[],
  stages: readonly Promise<Stage>[],
  options: {
    readonly onProgress: (begun: number, all: number, id: string) => void;
    readonly onPlayed?: (record: PlayRecord) => void;
    readonly mayGoOn?: () => boolean;
  },
): Promise<readonly PlayRecord[]> {
  const waiting = [...plays.entries()];
  const played = new Map<number, PlayRecord>();
  async function playOn(opening: Promise<Stage>): Promise<void> {
    const stage = await opening;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, play] = next;
      options.onProgress(index, plays.length, play.evalCase.id);
      const record = await stage.play(play);
      played.set(index, record);
      options.onPlayed?.(record);
      if (options.mayGoOn?.() === false) waiting.splice(0);
    }
  }
  const ended = await Promise.allSettled(
    stages.map((stage) =>
      playOn(stage).catch((error: unknown) => {
        // The others end the case they are in, because their stages are closed after this.
        waiting.splice(0);
        throw error;
      }),
    ),
  );
  const failed = ended.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return [...played].toSorted(([a], [b]) => a - b).map(([, record]) => record);
}

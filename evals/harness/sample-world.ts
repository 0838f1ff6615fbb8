/** Opens the sample world with the product in it, in which evaluation cases are played. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvalCase } from "#evals/case.ts";
import type { Observed } from "./observation.ts";
import { buildStage, type Stage } from "./product.ts";
import { play } from "./play.ts";

/** The sample world with the real Deskhand in it, reset for every case. */
export interface World {
  readonly modelName: string;
  /** The stage, for tests that inspect what a case left behind. */
  readonly stage: Stage;
  run(evalCase: EvalCase): Promise<Observed>;
  /** Stops everything and deletes what was written. */
  close(): Promise<void>;
}

/** Opens the world in a temporary folder; the environment chooses the model, and settings come on top. */
export async function openWorld(
  environment: NodeJS.ProcessEnv,
  settings: NodeJS.ProcessEnv = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-evals-${process.pid}-`));
  const closers = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const stage = await buildStage(folder, environment, (closer) => closers.push(closer), {
      settings,
      exchange: (wired) => wired,
    });
    return {
      modelName: stage.parts.agent.modelName,
      stage,
      run: (evalCase) => play(stage, evalCase),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

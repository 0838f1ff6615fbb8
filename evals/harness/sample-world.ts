/** Opens the sample world with the product in it, in which evaluation cases are played. */
import type { EvalCase } from "#evals/case.ts";
import type { Observed } from "./observation.ts";
import { openOnStage, type Stage } from "./product.ts";
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
export function openWorld(
  environment: NodeJS.ProcessEnv,
  settings: NodeJS.ProcessEnv = {},
): Promise<World> {
  return openOnStage(
    "evals",
    environment,
    () => ({ settings, exchange: (wired) => wired }),
    (stage, close) => ({
      modelName: stage.parts.agent.modelName,
      stage,
      run: (evalCase) => play(stage, evalCase),
      close,
    }),
  );
}

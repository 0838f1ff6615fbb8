/** One thread with a world of its own: plays the cases it is asked for, one at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { openWorld } from "#evals/harness/sample-world.ts";
import { readCases } from "#evals/read-cases.ts";
import { stageIn } from "#evals/runner.ts";
import { allGraders } from "./all-graders.ts";
import { type Answer, Asked, Beginning } from "./messages.ts";

const answer = (message: Answer): void => parentPort?.postMessage(message);

const { casesFolder, model } = Beginning.parse(workerData);
try {
  const cases = new Map(readCases(casesFolder).map((evalCase) => [evalCase.id, evalCase]));
  const world = await openWorld({
    ...process.env,
    ...(model === null ? {} : { DESKHAND_MODEL: model }),
  });
  const stage = stageIn(world, allGraders());
  parentPort?.on("message", (message: unknown) => {
    const asked = Asked.parse(message);
    if (asked.kind === "close") void world.close().then(() => parentPort?.close());
    else
      void stage
        .play({ evalCase: caseCalled(asked.case), repetition: asked.repetition })
        .then((record) => answer({ kind: "played", record }));
  });
  answer({ kind: "open", modelName: world.modelName });
  function caseCalled(id: string) {
    const found = cases.get(id);
    if (found === undefined) throw new Error(`${id} is no case of ${casesFolder}`);
    return found;
  }
} catch (error) {
  const told = error instanceof DeskhandError;
  answer({ kind: "not_open", told, reason: told ? error.message : reasonOf(error) });
}

/** One thread with a world of its own: plays the cases it is asked for. */
import { z } from "zod";
import { openWorld } from "#evals/harness/sample-world.ts";
import { readCases } from "#evals/read-cases.ts";
import { stageIn } from "#evals/runner.ts";
import { allGraders } from "./all-graders.ts";
import { answerQuestions } from "./asked-thread.ts";

/** What a thread needs to begin; it reads the cases itself. */
const Beginning = z.strictObject({
  casesFolder: z.string(),
  /** The model in place of the configured one; null for the configured one. */
  model: z.string().nullable(),
});
export type Beginning = z.infer<typeof Beginning>;

const Asked = z.strictObject({ case: z.string(), repetition: z.int().min(1) });

await answerQuestions(async (begun) => {
  const { casesFolder, model } = Beginning.parse(begun);
  const cases = new Map(readCases(casesFolder).map((evalCase) => [evalCase.id, evalCase]));
  const world = await openWorld({
    ...process.env,
    ...(model === null ? {} : { DESKHAND_MODEL: model }),
  });
  const stage = stageIn(world, allGraders());
  return {
    opened: world.modelName,
    async answer(question) {
      const { case: id, repetition } = Asked.parse(question);
      const evalCase = cases.get(id);
      if (evalCase === undefined) throw new Error(`${id} is no case of ${casesFolder}`);
      return stage.play({ evalCase, repetition });
    },
    close: () => world.close(),
  };
});

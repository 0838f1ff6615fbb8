/** One thread of a red-team run: tries the cases it is asked for on a range of its own. */
import { z } from "zod";
import { answerQuestions } from "#evals/worlds/asked-thread.ts";
import { openRange } from "./range.ts";
import { Case, createRun, Depth } from "./run.ts";

const Beginning = z.strictObject({ detector: z.boolean(), depth: Depth });
export type Beginning = z.infer<typeof Beginning>;

await answerQuestions(async (begun) => {
  const { detector, depth } = Beginning.parse(begun);
  const range = await openRange({ detector });
  const run = createRun(range, depth);
  return {
    opened: null,
    answer: (question) => run.try(Case.parse(question)),
    close: () => range.close(),
  };
});

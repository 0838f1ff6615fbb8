/**
 * Room: measures what a question finds, and whether the bot knows that it does not know.
 * In: a file of labelled questions about the sample shop, and the sample world with its help pages.
 * Out: shares of questions by the page found and by the answer given.
 * May touch: the file it is given, the sample world, the model that is chosen.
 * This file: reads the labelled questions.
 */
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";

/** A question, the page that answers it, and what a right answer says. */
const LabelledQuestion = z.strictObject({
  id: z.string().min(1),
  lang: z.string().regex(/^[a-z]{2}$/),
  question: z.string().trim().min(1),
  /** False when no page answers it: then people have to. */
  answerable: z.boolean(),
  /** The name of the page; null when no page answers it. */
  page: z.string().min(1).nullable(),
  /** Other pages that answer it as well. */
  also: z.array(z.string().min(1)),
  /** Of every group, a right answer holds one wording; letter case does not matter. */
  must_include: z.array(z.array(z.string().min(1)).min(1)),
  must_not_include: z.array(z.string().min(1)),
});
export type LabelledQuestion = z.infer<typeof LabelledQuestion>;

/** Reads a file of one question a line. Throws `input.invalid` with the line and the field. */
export function readQuestions(file: string): readonly LabelledQuestion[] {
  return readLabelled(file, LabelledQuestion, "questions");
}

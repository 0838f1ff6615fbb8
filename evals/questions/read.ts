/**
 * Room: measures what a question finds, and whether the bot knows that it does not know.
 * In: a file of labelled questions about the sample shop, and the sample world with its help pages.
 * Out: shares of questions by the page found and by the answer given.
 * May touch: the file it is given, the sample world, the model that is chosen.
 * This file: reads the labelled questions.
 */
import { z } from "zod";
import { CUSTOMERS } from "#sandbox/world.ts";
import { readLabelled } from "#evals/labelled-lines.ts";

/** A question, the page that answers it, and what a right answer says. */
const LabelledQuestion = z.strictObject({
  id: z.string().min(1),
  lang: z.string().regex(/^[a-z]{2}$/),
  question: z.string().trim().min(1),
  /** The customer who asks; left out for a stranger, whom nothing but the help pages can answer. */
  customer: z.enum(CUSTOMERS.map(({ id }) => id)).optional(),
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

const Reworded = z.strictObject({
  id: z.string().min(1),
  queries: z.array(z.string().trim().min(2).max(400)).min(1).max(2),
});
/** By the id of a question, how a reader of it would say it to a help page. */
export type Rewordings = ReadonlyMap<string, readonly string[]>;

/** Reads a file of one question's wordings a line. Throws `input.invalid` with the line and the field. */
export function readRewordings(file: string): Rewordings {
  const rows = readLabelled(file, Reworded, "rewordings");
  return new Map(rows.map(({ id, queries }) => [id, queries]));
}

/** Reads a file of one question a line. Throws `input.invalid` with the line and the field. */
export function readQuestions(file: string): readonly LabelledQuestion[] {
  return readLabelled(file, LabelledQuestion, "questions");
}

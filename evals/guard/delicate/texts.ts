/** The labelled texts that tell delicate topics and anger from what customers write in peace. */
import { join } from "node:path";
import { z } from "zod";
import { LEARNT } from "#guard/input/delicate.ts";
import { readLabelled } from "#evals/labelled-lines.ts";

/** A customer's message, with what it is about; `calm` for none of it. */
const DelicateText = z.strictObject({
  topic: z.enum([...LEARNT, "calm"]),
  lang: z.string(),
  subject: z.string(),
  text: z.string(),
});
export type DelicateText = z.infer<typeof DelicateText>;

/** The texts of one file. Throws `input.invalid` with the line. */
export function delicateTexts(file: string): readonly DelicateText[] {
  return readLabelled(file, DelicateText, "texts");
}

/** The same of one of our own files. */
export function ownDelicateTexts(
  name: "learn" | "calm-learn" | "fragments" | "kept",
): readonly DelicateText[] {
  return delicateTexts(join(import.meta.dirname, `${name}.jsonl`));
}

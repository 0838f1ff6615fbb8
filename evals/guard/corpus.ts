/** Reads the texts the input guard's classifier is trained and judged with: a folder of others' and our own. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { TextPlace } from "#guard/input/one-text.ts";
import { readLabelled } from "#evals/labelled-lines.ts";

/** What a text is. The first two are honest; `hard-benign` uses the words of attacks without being one. */
export const TextKind = z.enum([
  "benign",
  "hard-benign",
  "direct",
  "indirect",
  "jailbreak",
  "obfuscated",
]);
export type TextKind = z.infer<typeof TextKind>;

/** One labelled text. */
export const LabelledText = z.object({
  id: z.string(),
  kind: TextKind,
  text: z.string(),
  source: z.string().default(""),
  lang: z.string().default("en"),
  /** A kind of text within its source; texts of one share their carrier. */
  cat: z.string().optional(),
  /** The attack itself within a longer text. */
  payload: z.string().optional(),
  segment: TextPlace.default("body"),
  split: z.enum(["train", "test"]).default("train"),
});
export type LabelledText = z.infer<typeof LabelledText>;

/** How the sources of our own texts begin. */
const OURS = "texts/";

/** True for a text of our own, which no figure by sources left out counts. */
export function isOurs({ source }: Pick<LabelledText, "source">): boolean {
  return source.startsWith(OURS);
}

const OWN_TEXTS = join(import.meta.dirname, "texts");

/** True for a text that is an attack. */
export function isAttack(kind: TextKind): boolean {
  return kind !== "benign" && kind !== "hard-benign";
}

/** The labelled texts of one file. Throws `input.invalid` with the line. */
export function textsOf(file: string): readonly LabelledText[] {
  return readLabelled(file, LabelledText, "texts");
}

/**
 * Our own texts, by file name and in the order of the files; their source is the name of the file, and behind it the
 * row's own where it has one: each language and batch is learnt from as a source of its own.
 */
export function ownTexts(): readonly LabelledText[] {
  return readdirSync(OWN_TEXTS)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .flatMap((name) =>
      textsOf(join(OWN_TEXTS, name)).map((text) => ({
        ...text,
        source: [OURS + name.replace(/\.jsonl$/, ""), text.source]
          .filter((part) => part !== "")
          .join("/"),
      })),
    );
}

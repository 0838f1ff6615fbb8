/** Reads the texts the input guard's classifier is trained and judged with: a folder of others' and our own. */
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
  id: z.string().default(""),
  kind: TextKind,
  text: z.string(),
  source: z.string().default(""),
  lang: z.string().default("en"),
  /** A kind of text within its source; texts of one share their carrier. */
  cat: z.string().optional(),
  /** The attack itself within a longer text. */
  payload: z.string().optional(),
  segment: TextPlace.default("body"),
});
export type LabelledText = z.infer<typeof LabelledText>;

const OWN_TEXTS = join(import.meta.dirname, "texts");

/** True for a text that is an attack. */
export function isAttack(kind: TextKind): boolean {
  return kind !== "benign" && kind !== "hard-benign";
}

/** The labelled texts of one file. Throws `input.invalid` with the line. */
export function textsOf(file: string): readonly LabelledText[] {
  return readLabelled(file, LabelledText, "texts");
}

/** Our own texts that the classifier learns from, with sources that no source of others has; `addressed-kept` and `asked-kept` are for `evals guard --file` alone. */
export function learntTexts(): readonly LabelledText[] {
  return ownTexts(["attacks-learnt", "honest-learnt"]);
}

/** Our own texts that it is measured with; nothing was learnt from them. */
export function measuredTexts(): readonly LabelledText[] {
  return ownTexts(["attacks-test", "honest-test"]);
}

function ownTexts(names: readonly string[]): readonly LabelledText[] {
  return names.flatMap((name) =>
    textsOf(join(OWN_TEXTS, `${name}.jsonl`)).map((text) => ({
      ...text,
      source: `texts/${name}/${text.source}`,
    })),
  );
}

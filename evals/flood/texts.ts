/** Reads the texts of a flood run from JSON lines or from a search collection. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { readLabelled } from "#evals/labelled-lines.ts";

/** One customer's message: plain text, or a whole mail as the server delivered it. */
export type FloodText = { readonly id: string } & (
  | { readonly text: string }
  | { readonly mail: Uint8Array }
);

/** The fields that hold text; other fields of the line are ignored. */
const Line = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string().optional(),
  raw_latin1: z.string().optional(),
  question: z.string().optional(),
  reply: z.string().optional(),
  q: z.string().optional(),
});
type Line = z.infer<typeof Line>;

/** A search benchmark: its documents and the questions about them. */
const Collection = z.looseObject({
  docs: z.array(Line).default([]),
  queries: z.array(Line),
});

/**
 * Reads the texts of a file: JSON lines, or one JSON object with `docs` and `queries`. Throws `input.invalid` with the
 * place for anything else.
 */
export function readTexts(file: string): readonly FloodText[] {
  const lines = collectionIn(file) ?? readLabelled(file, Line, "texts");
  return lines.map((line, at) => textIn(line, `${file}, text ${at + 1}`, `text-${at + 1}`));
}

function collectionIn(file: string): readonly Line[] | null {
  try {
    const { docs, queries } = Collection.parse(JSON.parse(readFileSync(file, "utf8")));
    return [...docs, ...queries];
  } catch {
    // More than one JSON value, so these are JSON lines.
    return null;
  }
}

function textIn(line: Line, place: string, unnamed: string): FloodText {
  const id = String(line.id ?? unnamed);
  if (line.raw_latin1 !== undefined) return { id, mail: Buffer.from(line.raw_latin1, "latin1") };
  const text = line.text ?? line.question ?? line.reply ?? line.q;
  if (text === undefined)
    throw new DeskhandError(
      "input.invalid",
      `${place} has none of text, raw_latin1, question, reply and q`,
    );
  return { id, text };
}

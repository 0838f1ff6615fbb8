/** Reads the texts of a flood file. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/** One customer's message: text as typed, or a whole mail as the mail server delivered it. */
export type FloodText = { readonly id: string } & (
  | { readonly text: string }
  | { readonly mail: Uint8Array }
);

/** The fields that hold a text, whatever else the line contains. */
const Line = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string().optional(),
  raw_latin1: z.string().optional(),
  question: z.string().optional(),
  reply: z.string().optional(),
  q: z.string().optional(),
});
type Line = z.infer<typeof Line>;

/** A collection for measuring a search: its documents and the questions about them. */
const Collection = z.looseObject({
  docs: z.array(Line).default([]),
  queries: z.array(Line),
});

/**
 * Reads the texts of a file: JSON lines, or one JSON object with `docs` and `queries`. Throws `input.invalid` with the
 * line number for anything else.
 */
export function readTexts(file: string): readonly FloodText[] {
  const content = contentOf(file);
  const collection = collectionIn(content);
  if (collection !== null)
    return [...collection.docs, ...collection.queries].map((line, at) =>
      textIn(line, `${file}, text ${at + 1}`, `text-${at + 1}`),
    );
  // Only a line feed ends a line: JSON may contain the line separators of Unicode.
  const texts = content.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    const place = `${file}, line ${at + 1}`;
    const parsed = Line.safeParse(jsonOf(line, place));
    if (!parsed.success) throw invalid(`${place}: ${z.prettifyError(parsed.error)}`);
    return [textIn(parsed.data, place, `line-${at + 1}`)];
  });
  if (texts.length === 0) throw invalid(`${file} holds no text`);
  return texts;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw invalid(`${file} cannot be read: ${reasonOf(cause)}`);
  }
}

function collectionIn(content: string): z.infer<typeof Collection> | null {
  try {
    return Collection.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    // More than one JSON value: lines.
    return null;
  }
}

function jsonOf(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid(`${place} is no JSON`);
  }
}

function textIn(line: Line, place: string, unnamed: string): FloodText {
  const id = String(line.id ?? unnamed);
  if (line.raw_latin1 !== undefined) return { id, mail: Buffer.from(line.raw_latin1, "latin1") };
  const text = line.text ?? line.question ?? line.reply ?? line.q;
  if (text === undefined)
    throw invalid(`${place} has none of text, raw_latin1, question, reply and q`);
  return { id, text };
}

function invalid(message: string): DeskhandError {
  return new DeskhandError("input.invalid", message);
}

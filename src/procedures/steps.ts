/** Reads the numbered steps of a procedure and what they refer to. */
import type { LineProblem } from "#policy/yaml.ts";

/** Something a step names: a tool, a help page, or another procedure. */
export interface Reference {
  readonly kind: "tool" | "page" | "procedure";
  readonly name: string;
  readonly line: number;
}

/** One numbered step, with the lines that belong to it. */
export interface Step {
  readonly number: number;
  readonly line: number;
  readonly text: string;
}

const NUMBERED = /^(\d{1,3})\.(?:\s(.*))?$/s;

/**
 * Reads the lines between front matter and tests. A line that begins with a number and a point begins a step; what
 * follows belongs to it until the next one. Steps are counted from 1, because card and trace name them by number.
 */
export function readSteps(
  lines: readonly string[],
  firstLine: number,
): { readonly steps: readonly Step[]; readonly problems: readonly LineProblem[] } {
  const steps: Step[] = [];
  for (const [index, line] of lines.entries()) {
    const [, number, text = ""] = NUMBERED.exec(line) ?? [];
    const last = steps.at(-1);
    if (number !== undefined)
      steps.push({ number: Number(number), line: firstLine + index, text: text.trim() });
    else if (last !== undefined && line.trim() !== "")
      steps.splice(-1, 1, { ...last, text: `${last.text}\n${line.trim()}` });
  }
  if (steps.length === 0)
    return {
      steps,
      problems: [{ line: firstLine, reason: 'has no steps; write them as "1. …", "2. …"' }],
    };
  return { steps, problems: steps.flatMap((step, index) => stepProblems(step, index + 1)) };
}

function stepProblems({ number, line, text }: Step, expected: number): readonly LineProblem[] {
  return [
    ...(number === expected
      ? []
      : [{ line, reason: `is numbered ${number}, and step ${expected} comes here` }]),
    // A reference alone says nothing about what to do with it.
    ...(/\p{L}{2}/u.test(text.replaceAll(REFERENCE, ""))
      ? []
      : [{ line, reason: `step ${expected} is empty; say in words what is done there` }]),
  ];
}

/** `@tool`, but not the domain of an address; `[[page]]`; `[[procedure:name]]`. */
const REFERENCE = /(?<![\w.+-])@([a-z][a-z0-9_]*)|\[\[(procedure:)?([^[\]\n]{1,300})\]\]/g;

/** A piece of a step: words, or a reference as written and as meant. */
export type StepPiece =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: Reference["kind"]; readonly text: string; readonly name: string };

/** A step in pieces, for a page that shows references apart; together they are the text again. */
export function stepPieces(text: string): readonly StepPiece[] {
  const pieces: StepPiece[] = [];
  let at = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const [written, tool, other, page = ""] = found;
    pieces.push({ kind: "words", text: text.slice(at, found.index) });
    const kind = tool === undefined ? (other === undefined ? "page" : "procedure") : "tool";
    pieces.push({ kind, text: written, name: tool ?? page.trim() });
    at = found.index + written.length;
  }
  return [...pieces, { kind: "words" as const, text: text.slice(at) }].filter(
    (piece) => piece.text !== "",
  );
}

/** Everything these lines refer to, in the order of reading. */
export function referencesIn(text: string, firstLine: number): readonly Reference[] {
  return text.split("\n").flatMap((line, index) =>
    [...line.matchAll(REFERENCE)].map(([, tool, other, page = ""]): Reference => {
      const at = firstLine + index;
      if (tool !== undefined) return { kind: "tool", name: tool, line: at };
      return { kind: other === undefined ? "page" : "procedure", name: page.trim(), line: at };
    }),
  );
}

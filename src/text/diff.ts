/** Differences of two texts: word by word, of lines, and of any other pieces. */
import { diffArrays } from "diff";

/** How two texts differ, in a form people can read. */
export interface Difference {
  /** 0 to 1: the share of all words that both texts have, in the same order. */
  readonly likeness: number;
  /** Words removed, added or replaced, in order of the text; empty when only spaces differ. */
  readonly lines: readonly string[];
}

const LINES_MAX = 20;
const LINE_MAX = 280;

/**
 * Compares two texts word by word, by their longest common sequence. Punctuation and case do not lower the likeness,
 * but are listed as differences.
 */
export function textDifference(before: string, after: string): Difference {
  const old = wordsAndSpaces(before);
  const now = wordsAndSpaces(after);
  const common = aligned(old.map(bare), now.map(bare)).filter(({ kind }) => kind === "same").length;
  const total = old.length + now.length;
  const likeness = total === 0 ? 1 : (2 * common) / total;
  const lines = changedPlaces(before, after, LINE_MAX);
  const more = lines.length - LINES_MAX;
  return {
    likeness,
    lines: more > 0 ? [...lines.slice(0, LINES_MAX), `… and ${more} more places`] : lines,
  };
}

/** A line for every place where the words differ, in order of the text; one longer than `max` characters ends in "…". */
export function changedPlaces(before: string, after: string, max = Infinity): readonly string[] {
  return changesIn(wordsAndSpaces(before), wordsAndSpaces(after)).map(({ out, put }) => {
    if (put === "") return clipped(`Left out: “${out}”`, max);
    if (out === "") return clipped(`Put in: “${put}”`, max);
    return `${clipped(`“${out}”`, max / 2)} → ${clipped(`“${put}”`, max / 2)}`;
  });
}

function clipped(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

function wordsAndSpaces(text: string): readonly string[] {
  return text
    .normalize("NFC")
    .split(/\s+/)
    .filter((word) => word !== "");
}

function bare(word: string): string {
  const letters = word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  return letters === "" ? word : letters;
}

/** Words removed or added beside each other are one change. */
function changesIn(old: readonly string[], now: readonly string[]) {
  const changes: { readonly out: string[]; readonly in: string[] }[] = [];
  let isSame = true;
  for (const { kind, text } of aligned(old, now)) {
    if (kind !== "same") {
      if (isSame) changes.push({ out: [], in: [] });
      changes.at(-1)?.[kind].push(text);
    }
    isSame = kind === "same";
  }
  return changes.map((change) => ({ out: change.out.join(" "), put: change.in.join(" ") }));
}

/** A line, or another piece, of either text: in both, left out of the newer one, or put into it. */
export interface DiffLine {
  readonly kind: "same" | "out" | "in";
  readonly text: string;
}

/** The comparison takes time and memory proportional to the square of what differs; above this, all counts as different. */
const EDITS_MAX = 3_000;

/**
 * Both texts as one list of lines in which the older and the newer one can be read from top to bottom. Lines that moved
 * are left out in one place and put in in the other. Texts of thousands of different lines count as different throughout.
 */
export function lineDifference(before: string, after: string): readonly DiffLine[] {
  return aligned(before.split("\n"), after.split("\n"));
}

/** Both lists as one, along their longest common sequence; of two as long, what is left out stands first. */
function aligned(old: readonly string[], now: readonly string[]): readonly DiffLine[] {
  const whole = [
    { removed: true, added: false, value: [...old] },
    { removed: false, added: true, value: [...now] },
  ];
  const parts = diffArrays([...old], [...now], { maxEditLength: EDITS_MAX }) ?? whole;
  return parts.flatMap(({ removed, added, value }) =>
    value.map((text) => ({ kind: removed ? "out" : added ? "in" : "same", text }) as const),
  );
}

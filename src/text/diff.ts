/** Differences of two texts: word by word, of lines, and of any other pieces. */

/** How two texts differ, in a form people can read. */
export interface Difference {
  /** 0 to 1: the share of all words that both texts have, in the same order. */
  readonly likeness: number;
  /** Words removed, added or replaced, in order of the text; empty when only spaces differ. */
  readonly lines: readonly string[];
}

/** The comparison takes time and memory proportional to the product of both lengths; later words are not compared. */
const WORDS_MAX = 1_500;
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
  return { likeness, lines: shown(changesIn(old, now)) };
}

function wordsAndSpaces(text: string): readonly string[] {
  return text
    .normalize("NFC")
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, WORDS_MAX);
}

function bare(word: string): string {
  const letters = word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  return letters === "" ? word : letters;
}

interface DiffChange {
  readonly removed: string[];
  readonly added: string[];
}

/** Words removed or added beside each other are one change. */
function changesIn(old: readonly string[], now: readonly string[]): readonly DiffChange[] {
  const changes: DiffChange[] = [];
  let isSame = true;
  for (const { kind, text } of aligned(old, now)) {
    if (kind !== "same") {
      if (isSame) changes.push({ removed: [], added: [] });
      changes.at(-1)?.[kind === "out" ? "removed" : "added"].push(text);
    }
    isSame = kind === "same";
  }
  return changes;
}

function shown(changes: readonly DiffChange[]): readonly string[] {
  const lines = changes.slice(0, LINES_MAX).map(({ removed, added }) => {
    const out = removed.join(" ");
    const put = added.join(" ");
    if (put === "") return clipped(`Left out: “${out}”`);
    if (out === "") return clipped(`Put in: “${put}”`);
    return `${clipped(`“${out}”`, LINE_MAX / 2)} → ${clipped(`“${put}”`, LINE_MAX / 2)}`;
  });
  const more = changes.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more places`] : lines;
}

function clipped(text: string, max = LINE_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

/** A line, or another piece, of either text: in both, left out of the newer one, or put into it. */
export interface DiffLine {
  readonly kind: "same" | "out" | "in";
  readonly text: string;
}

/** The comparison takes time and memory proportional to the product of both lengths; what is larger is not compared. */
const CELLS_MAX = 4_000_000;

/**
 * Both texts as one list of lines in which the older and the newer one can be read from top to bottom. Lines that moved
 * are left out in one place and put in in the other. Texts of thousands of different lines count as different throughout.
 */
export function lineDifference(before: string, after: string): readonly DiffLine[] {
  const old = before.split("\n");
  const now = after.split("\n");
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): readonly DiffLine[] =>
    lines.map((text) => ({ kind: "same", text }));
  return [
    ...same(old.slice(0, head)),
    ...aligned(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...same(tail === 0 ? [] : old.slice(-tail)),
  ];
}

/** Both lists as one, along their longest common sequence; of two as long, what is left out stands first. */
function aligned(old: readonly string[], now: readonly string[]): readonly DiffLine[] {
  if (old.length * now.length > CELLS_MAX)
    return [
      ...old.map((text): DiffLine => ({ kind: "out", text })),
      ...now.map((text): DiffLine => ({ kind: "in", text })),
    ];
  const rows = commonLengths(old, now);
  const left = (at: number, other: number): number => rows[at]?.[other] ?? -1;
  const lines: DiffLine[] = [];
  let at = 0;
  let other = 0;
  while (at < old.length || other < now.length) {
    const [was, is] = [old[at], now[other]];
    if (was !== undefined && was === is) {
      lines.push({ kind: "same", text: was });
      at += 1;
      other += 1;
    } else if (was !== undefined && left(at + 1, other) >= left(at, other + 1)) {
      lines.push({ kind: "out", text: was });
      at += 1;
    } else if (is !== undefined) {
      lines.push({ kind: "in", text: is });
      other += 1;
    }
  }
  return lines;
}

/** For each pair of positions, how much the rests of both lists have in common. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly Uint32Array[] {
  const numberFor = new Map<string, number>();
  const was = numbered(old, numberFor);
  const is = numbered(now, numberFor);
  let below = new Uint32Array(is.length + 1);
  const rows = [below];
  for (let at = was.length - 1; at >= 0; at -= 1) {
    const row = new Uint32Array(is.length + 1);
    fillRow({ row, below, now: is }, was[at]);
    rows.push(row);
    below = row;
  }
  return rows.toReversed();
}

/** The lengths for one piece of the older list, from the end of the newer one. */
function fillRow(
  {
    row,
    below,
    now,
  }: {
    readonly row: Uint32Array;
    readonly below: Uint32Array;
    readonly now: Int32Array;
  },
  was: number | undefined,
): void {
  let beside = 0;
  let across = 0;
  for (let other = now.length - 1; other >= 0; other -= 1) {
    const under = below[other] ?? 0;
    if (was === now[other]) beside = across + 1;
    else if (under > beside) beside = under;
    row[other] = beside;
    across = under;
  }
}

/** A number for each different piece: these are compared many times. */
function numbered(pieces: readonly string[], numberFor: Map<string, number>): Int32Array {
  return Int32Array.from(pieces, (piece) => {
    const number = numberFor.get(piece) ?? numberFor.size;
    numberFor.set(piece, number);
    return number;
  });
}

/** Word-by-word differences of two texts. */

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
export function differenceOf(before: string, after: string): Difference {
  const old = wordsAndSpaces(before);
  const now = wordsAndSpaces(after);
  const rows = commonLengths(old.map(bare), now.map(bare));
  const common = rows[0]?.[0] ?? 0;
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

/** For each pair of positions, how many words the remaining texts have in common. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let left = old.length - 1; left >= 0; left -= 1) {
    const row = rows[left];
    const below = rows[left + 1];
    if (row === undefined || below === undefined) continue;
    for (let right = now.length - 1; right >= 0; right -= 1)
      row[right] =
        old[left] === now[right]
          ? (below[right + 1] ?? 0) + 1
          : Math.max(below[right] ?? 0, row[right + 1] ?? 0);
  }
  return rows;
}

interface DiffChange {
  readonly removed: string[];
  readonly added: string[];
}

/** Walks both texts along the longest common sequence; words skipped on one side were removed or added. */
function changesIn(old: readonly string[], now: readonly string[]): readonly DiffChange[] {
  const rows = commonLengths(old, now);
  const left = (at: number, other: number): number => rows[at]?.[other] ?? -1;
  const changes: DiffChange[] = [];
  let isSame = true;
  for (let at = 0, other = 0; at < old.length || other < now.length;) {
    if (at < old.length && old[at] === now[other]) {
      at += 1;
      other += 1;
      isSame = true;
      continue;
    }
    if (isSame) changes.push({ removed: [], added: [] });
    isSame = false;
    const leavesOut = left(at + 1, other) >= left(at, other + 1);
    if (leavesOut) changes.at(-1)?.removed.push(...old.slice(at, at + 1));
    else changes.at(-1)?.added.push(...now.slice(other, other + 1));
    at += leavesOut ? 1 : 0;
    other += leavesOut ? 0 : 1;
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

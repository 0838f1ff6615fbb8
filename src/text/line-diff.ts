/** Differences of two texts piece by piece: of lines, and of any other pieces. */

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
export function aligned(old: readonly string[], now: readonly string[]): readonly DiffLine[] {
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
  const rows = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let at = old.length - 1; at >= 0; at -= 1)
    for (let other = now.length - 1; other >= 0; other -= 1) {
      const row = rows[at];
      const below = rows[at + 1];
      if (row !== undefined && below !== undefined)
        row[other] =
          old[at] === now[other]
            ? (below[other + 1] ?? 0) + 1
            : Math.max(below[other] ?? 0, row[other + 1] ?? 0);
    }
  return rows;
}

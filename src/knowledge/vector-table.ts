/** Vectors of passages, side by side in memory. */

/**
 * The vectors of numbered passages; a passage may have none yet. All have the same length: those of one embedder.
 * An array for each passage took more memory, and was slower to compare.
 */
export interface VectorTable {
  has(number: number): boolean;
  /** Returns false, and keeps nothing, for a vector of another length than those before. */
  set(number: number, vector: Float32Array): boolean;
  /** Shares the table's memory; null where there is none. */
  at(number: number): Float32Array | null;
  /** The nearness of the first so many passages to a vector, 0 to 1: opposite and missing ones count as 0. */
  nearness(vector: Float32Array, count: number): Float64Array;
}

/** Passages that share one array: the table grows without being copied, and few of its places stay empty. */
const ROWS = 512;

interface Block {
  readonly values: Float32Array;
  readonly filled: Uint8Array;
}

/** An empty table. */
export function vectorTable(): VectorTable {
  const blocks: (Block | undefined)[] = [];
  let width = 0;
  const vectorBlock = (number: number): Block | undefined => blocks[Math.floor(number / ROWS)];
  const has = (number: number): boolean => vectorBlock(number)?.filled[number % ROWS] === 1;
  return {
    has,
    set(number, vector) {
      if (width === 0) width = vector.length;
      if (vector.length !== width) return false;
      const block = (blocks[Math.floor(number / ROWS)] ??= {
        values: new Float32Array(ROWS * width),
        filled: new Uint8Array(ROWS),
      });
      block.values.set(vector, (number % ROWS) * width);
      block.filled[number % ROWS] = 1;
      return true;
    },
    at(number) {
      const place = (number % ROWS) * width;
      return has(number)
        ? (vectorBlock(number)?.values.subarray(place, place + width) ?? null)
        : null;
    },
    nearness(vector, count) {
      const all = new Float64Array(count);
      if (vector.length !== width) return all;
      for (const [place, block] of blocks.entries())
        if (block !== undefined) compare(vector, block.values, all, place * ROWS);
      return all;
    },
  };
}

/** Places without a vector hold zeros, which are near to nothing. */
function compare(vector: Float32Array, rows: Float32Array, all: Float64Array, first: number): void {
  const last = Math.min(all.length, first + ROWS);
  for (let number = first; number < last; number += 1) {
    const near = product(vector, rows, (number - first) * vector.length);
    all[number] = Math.min(1, Math.max(0, near));
  }
}

/** The cosine of a vector of length 1 and the one that begins at this place. */
export function product(left: Float32Array, right: Float32Array, from: number = 0): number {
  // Four sums that do not wait for one another; `reduce` took twenty times as long over 10,000 passages.
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < left.length; at += 4) {
    a += (left[at] ?? 0) * (right[from + at] ?? 0);
    b += (left[at + 1] ?? 0) * (right[from + at + 1] ?? 0);
    c += (left[at + 2] ?? 0) * (right[from + at + 2] ?? 0);
    d += (left[at + 3] ?? 0) * (right[from + at + 3] ?? 0);
  }
  return a + b + c + d;
}

/**
 * The file of weights: four bytes with the length of the heading, the heading as JSON, then one signed byte for each
 * bucket. `npm run evals -- guard-train` writes it; it is read when the first text is scored.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BUCKETS } from "./hashing.ts";
import { featureRoom } from "./sentences.ts";
import { MARK_BITS } from "./structure.ts";
import type { Weights } from "./windows.ts";

/** From which score a text of one place is blocked, and from which it is under caution. */
const Thresholds = z.strictObject({ block: z.number(), caution: z.number() });

/** What stands before the buckets. */
const Heading = z.strictObject({
  /** What one step of a byte is worth. */
  step: z.number(),
  bias: z.number(),
  /** Of each pair of marks; see `pairsOf`. */
  marks: z.array(z.number()).length(MARK_BITS * MARK_BITS),
  /** Turns a score into a chance: 1 / (1 + e^-(slope * score + shift)). */
  slope: z.number(),
  shift: z.number(),
  thresholds: z.strictObject({
    body: Thresholds,
    hidden: Thresholds,
    attachment: Thresholds,
    record: Thresholds,
  }),
});
export type Heading = z.infer<typeof Heading>;

/** Where a text stands: the guard is stricter where no customer writes. */
export type Place = keyof Heading["thresholds"];

/** Weights with their heading. */
export interface Model extends Weights {
  readonly heading: Heading;
}

/** Where the weights are kept. */
export const WEIGHTS_FILE = join(import.meta.dirname, "weights.bin");

/** The bytes of a file of weights. */
export function weightsFile(heading: Heading, buckets: Int8Array): Buffer {
  const head = Buffer.from(JSON.stringify(Heading.parse(heading)), "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, Buffer.from(buckets.buffer, buckets.byteOffset, BUCKETS)]);
}

/** Reads a file of weights. Throws when it is not one. */
export function modelOf(file: Buffer): Model {
  const begin = 4 + file.readUInt32LE(0);
  const heading = Heading.parse(JSON.parse(file.toString("utf8", 4, begin)));
  if (file.length - begin !== BUCKETS) throw new Error("the file of weights has another length");
  const buckets = new Int8Array(file.buffer, file.byteOffset + begin, BUCKETS);
  const worth = worthOfMarks(heading.marks);
  return {
    heading,
    buckets,
    step: heading.step,
    bias: heading.bias,
    marks: worth,
    room: featureRoom(),
  };
}

/** The weights of this version, read once. */
export function builtInModel(): Model {
  kept.model ??= modelOf(readFileSync(WEIGHTS_FILE));
  return kept.model;
}

const kept: { model: Model | null } = { model: null };

/** Places of the pairs of bits of a mark in a list of MARK_BITS times MARK_BITS, single bits on the diagonal. */
export function pairsOf(marks: number): readonly number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < MARK_BITS; bit += 1) if ((marks & (1 << bit)) !== 0) bits.push(bit);
  return bits.flatMap((low, index) => bits.slice(index).map((high) => low * MARK_BITS + high));
}

/** Sums the pairs without making lists, because it runs for every window. */
function worthOfMarks(worth: readonly number[]): (marks: number) => number {
  return (marks) => {
    let sum = 0;
    for (let low = 0; low < MARK_BITS; low += 1) {
      if ((marks & (1 << low)) === 0) continue;
      const row = low * MARK_BITS;
      for (let high = low; high < MARK_BITS; high += 1)
        if ((marks & (1 << high)) !== 0) sum += worth[row + high] ?? 0;
    }
    return sum;
  };
}

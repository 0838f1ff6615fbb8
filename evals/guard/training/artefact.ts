/** Makes the file of weights of what was learnt: rounded to bytes, with thresholds and the chance of a score. */
import { BUCKETS } from "#guard/input/classifier/hashing.ts";
import { type Heading, weightsFile } from "#guard/input/classifier/weights.ts";
import type { Learnt } from "./fit.ts";

const BYTE_MAX = 127;
/** Larger weights are cut, so that one step stays small. */
const KEPT_SHARE = 0.9999;
const DIGITS = 10_000;

/** The file, as bytes; the same for the same weights. */
export function artefactOf(
  { buckets, marks, bias }: Learnt,
  rest: Pick<Heading, "slope" | "shift" | "thresholds">,
): Buffer {
  const sizes = buckets
    .filter((weight) => weight !== 0)
    .map((weight) => Math.abs(weight))
    .toSorted();
  const largest = sizes[Math.floor((sizes.length - 1) * KEPT_SHARE)] ?? 1;
  const step = rounded(largest / BYTE_MAX, 1e8);
  const bytes = new Int8Array(BUCKETS);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const steps = Math.round((buckets[bucket] ?? 0) / step);
    bytes[bucket] = Math.max(-BYTE_MAX, Math.min(BYTE_MAX, steps));
  }
  return weightsFile(
    {
      step,
      bias: rounded(bias, DIGITS),
      marks: Array.from(marks, (one) => rounded(one, DIGITS)),
      ...rest,
    },
    bytes,
  );
}

function rounded(value: number, digits: number): number {
  return Math.round(value * digits) / digits;
}

/**
 * Learns weights by logistic regression with steps that shrink for each feature (AdaGrad). The order of examples comes
 * from a seed and all arithmetic is the machine-independent kind, so the same texts give the same weights.
 */
import { BUCKETS } from "#guard/input/classifier/sentences.ts";
import { MARK_BITS } from "#guard/input/classifier/structure.ts";
import { pairsOf } from "#guard/input/classifier/weights.ts";
import type { Example, Examples } from "./examples.ts";

/** What was learnt. */
export interface Learnt {
  readonly buckets: Float32Array;
  /** Of each pair of marks: the row is the lower bit; the diagonal holds single marks. */
  readonly marks: Float32Array;
  bias: number;
}

/** One example to learn from: its place, whether it is an attack, and how much it counts. */
export interface Lesson {
  readonly example: number;
  readonly isAttack: boolean;
  readonly weight: number;
}

const STEP = 0.25;
const MARK_STEP = 0.03;
/** Pulls weights towards zero at each step. */
const PULL = 2e-5;
/** A feature of fewer documents is left out: it is the mark of a text, not of a kind of text. */
const DOCUMENTS_MIN = 2;

/** Learns from the lessons, each once an epoch. */
export function fit(
  examples: Examples,
  lessons: readonly Lesson[],
  { epochs, seed }: { readonly epochs: number; readonly seed: number },
): Learnt {
  const learnt: Learnt = {
    buckets: new Float32Array(BUCKETS),
    marks: new Float32Array(MARK_BITS * MARK_BITS),
    bias: -1,
  };
  const rates = {
    buckets: new Float32Array(BUCKETS).fill(1e-3),
    marks: new Float32Array(MARK_BITS * MARK_BITS).fill(1),
  };
  const known = knownBuckets(examples, lessons);
  const order = Int32Array.from(lessons.keys());
  const random = numbersFrom(seed);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const place of order) {
      const lesson = lessons[place];
      const example = lesson === undefined ? undefined : examples.examples[lesson.example];
      if (lesson === undefined || example === undefined) continue;
      const chance = 1 / (1 + Math.exp(-scoreOf(examples, example, learnt)));
      const slope = (chance - (lesson.isAttack ? 1 : 0)) * lesson.weight;
      if (Math.abs(slope) > 1e-4) learn(examples, example, slope, { learnt, rates, known });
    }
  }
  return learnt;
}

/** The score of one window. */
export function scoreOf(
  { features, sentences }: Examples,
  { first, last, pieceWorth, wordWorth, marks }: Example,
  { buckets, marks: worth, bias }: Learnt,
): number {
  let pieces = 0;
  let words = 0;
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    for (let place = sentence.begin; place < sentence.middle; place += 1)
      pieces += buckets[features[place] ?? 0] ?? 0;
    for (let place = sentence.middle; place < sentence.end; place += 1)
      words += buckets[features[place] ?? 0] ?? 0;
  }
  let sum = bias + pieces * pieceWorth + words * wordWorth;
  for (const place of pairsOf(marks)) sum += worth[place] ?? 0;
  return sum;
}

interface State {
  readonly learnt: Learnt;
  readonly rates: { readonly buckets: Float32Array; readonly marks: Float32Array };
  readonly known: Uint8Array;
}

function learn(
  { features, sentences }: Examples,
  { first, last, pieceWorth, wordWorth, marks }: Example,
  slope: number,
  { learnt, rates, known }: State,
): void {
  const move = (bucket: number, by: number): void => {
    if (known[bucket] === 0) return;
    const weight = learnt.buckets[bucket] ?? 0;
    const pulled = by + PULL * weight;
    const rate = (rates.buckets[bucket] ?? 0) + pulled * pulled;
    rates.buckets[bucket] = rate;
    learnt.buckets[bucket] = weight - (STEP * pulled) / Math.sqrt(rate);
  };
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    for (let place = sentence.begin; place < sentence.middle; place += 1)
      move(features[place] ?? 0, slope * pieceWorth);
    for (let place = sentence.middle; place < sentence.end; place += 1)
      move(features[place] ?? 0, slope * wordWorth);
  }
  for (const place of pairsOf(marks)) {
    const rate = (rates.marks[place] ?? 0) + slope * slope;
    rates.marks[place] = rate;
    learnt.marks[place] = (learnt.marks[place] ?? 0) - (MARK_STEP * slope) / Math.sqrt(rate);
  }
  learnt.bias -= 0.01 * slope;
}

/** Marks the buckets that enough documents of the lessons fall into. */
function knownBuckets(
  { features, sentences, examples }: Examples,
  lessons: readonly Lesson[],
): Uint8Array {
  const counts = new Uint8Array(BUCKETS);
  const lastSeen = new Int32Array(BUCKETS).fill(-1);
  for (const { example } of lessons) {
    const window = examples[example];
    if (window === undefined) continue;
    const begin = sentences[window.first]?.begin ?? 0;
    const end = sentences[window.last]?.end ?? 0;
    for (let place = begin; place < end; place += 1) {
      const bucket = features[place] ?? 0;
      if (lastSeen[bucket] === window.document) continue;
      lastSeen[bucket] = window.document;
      counts[bucket] = Math.min(DOCUMENTS_MIN, (counts[bucket] ?? 0) + 1);
    }
  }
  return counts.map((count) => (count >= DOCUMENTS_MIN ? 1 : 0));
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const kept = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = kept;
  }
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

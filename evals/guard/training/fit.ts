/**
 * Learns weights by logistic regression with steps that shrink for each feature (AdaGrad). The order of examples comes
 * from a seed and all arithmetic is the machine-independent kind, so the same texts give the same weights.
 */
import { type Heading, weightsFile } from "#guard/input/classifier/classifier.ts";
import { BUCKETS } from "#guard/input/classifier/features.ts";
import { numbersFrom } from "#sandbox/history/numbers.ts";
import type { Example, Examples } from "./examples.ts";

/** What was learnt. */
export interface Learnt {
  readonly buckets: Float32Array;
  bias: number;
}

/** One example to learn from: its place, whether it is an attack, and how much it counts. */
export interface Lesson {
  readonly example: number;
  readonly isAttack: boolean;
  readonly weight: number;
}

const STEP = 0.25;
/** Pulls weights towards zero at each step. */
const PULL = 3e-4;
/** A feature of fewer documents is left out: it is the mark of a text, not of a kind of text. */
const DOCUMENTS_MIN = 2;
/** How often an example is shown without its words, and how often without its pieces, where no course says otherwise. */
const WITHOUT_ONE_SHARE = 0.15;

/** How long to learn. */
interface Course {
  readonly epochs: number;
  /** The weights are the mean of those at the end of so many last epochs: the order of examples matters less. */
  readonly averaged: number;
  readonly seed: number;
  readonly withoutOne?: number;
}

/** Learns from the lessons, each once an epoch. */
export function fit(
  examples: Examples,
  lessons: readonly Lesson[],
  { epochs, averaged, seed, withoutOne = WITHOUT_ONE_SHARE }: Course,
): Learnt {
  const learnt = { buckets: new Float32Array(BUCKETS), bias: -1 };
  const mean = { buckets: new Float32Array(BUCKETS), bias: 0 };
  const rates = new Float32Array(BUCKETS).fill(1e-3);
  const known = knownBuckets(examples, lessons);
  const order = Int32Array.from(lessons.keys());
  const random = numbersFrom(seed);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const place of order) {
      const lesson = lessons[place];
      const whole = lesson === undefined ? undefined : examples.examples[lesson.example];
      if (lesson === undefined || whole === undefined) continue;
      const example = partly(whole, random(), withoutOne);
      const chance = 1 / (1 + Math.exp(-scoreOf(examples, example, learnt)));
      const slope = (chance - (lesson.isAttack ? 1 : 0)) * lesson.weight;
      if (Math.abs(slope) > 1e-4) learn(examples, example, slope, { learnt, rates, known });
    }
    if (epoch >= epochs - averaged) addToMean(mean, learnt, averaged);
  }
  return mean;
}

/** The score of one window. */
export function scoreOf(
  { features, sentences }: Examples,
  { first, last, pieceWorth, wordWorth }: Example,
  { buckets, bias }: Learnt,
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
  return bias + pieces * pieceWorth + words * wordWorth;
}

interface State {
  readonly learnt: Learnt;
  readonly rates: Float32Array;
  readonly known: Uint8Array;
}

function learn(
  { features, sentences }: Examples,
  { first, last, pieceWorth, wordWorth }: Example,
  slope: number,
  { learnt, rates, known }: State,
): void {
  const move = (from: number, to: number, by: number): void => {
    if (by === 0) return;
    for (let place = from; place < to; place += 1) {
      const bucket = features[place] ?? 0;
      if (known[bucket] === 0) continue;
      const weight = learnt.buckets[bucket] ?? 0;
      const pulled = by + PULL * weight;
      const rate = (rates[bucket] ?? 0) + pulled * pulled;
      rates[bucket] = rate;
      learnt.buckets[bucket] = weight - (STEP * pulled) / Math.sqrt(rate);
    }
  };
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    move(sentence.begin, sentence.middle, slope * pieceWorth);
    move(sentence.middle, sentence.end, slope * wordWorth);
  }
  learnt.bias -= 0.01 * slope;
}

/**
 * The example without some of its features, now and then: whole words tell the texts learnt from apart without any
 * help, and then little is learnt that holds in other words.
 */
function partly(example: Example, chance: number, share: number): Example {
  if (chance < share) return { ...example, wordWorth: 0 };
  return chance < 2 * share ? { ...example, pieceWorth: 0 } : example;
}

/** Adds the weights of one epoch to their mean over so many. */
function addToMean(mean: Learnt, { buckets, bias }: Learnt, epochs: number): void {
  for (let at = 0; at < buckets.length; at += 1)
    mean.buckets[at] = (mean.buckets[at] ?? 0) + (buckets[at] ?? 0) / epochs;
  mean.bias += bias / epochs;
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

const BYTE_MAX = 127;
/** Larger weights are cut, so that one step stays small. */
const KEPT_SHARE = 0.9999;

/** The file of weights, each rounded to a byte; the same for the same weights. */
export function artefact(
  { buckets, bias }: Learnt,
  rest: Pick<Heading, "caution" | "block">,
): Buffer {
  const sizes = Float32Array.from(buckets, Math.abs).toSorted();
  const largest = sizes[Math.floor((sizes.length - 1) * KEPT_SHARE)] ?? 1;
  const step = Math.round((largest / BYTE_MAX) * 1e8) / 1e8;
  const bytes = Int8Array.from(buckets, (weight) =>
    Math.max(-BYTE_MAX, Math.min(BYTE_MAX, Math.round(weight / step))),
  );
  return weightsFile({ step, bias: Math.round(bias * 1e4) / 1e4, ...rest }, bytes);
}

/**
 * Learns weights by logistic regression with steps that shrink for each feature (AdaGrad). The order of examples comes
 * from a seed and all arithmetic is the machine-independent kind, so the same texts give the same weights.
 */
import { BUCKETS } from "#guard/input/classifier/hashing.ts";
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

/** How long to learn. */
interface Course {
  readonly epochs: number;
  /** The weights are the mean of those at the end of so many last epochs: the order of examples matters less. */
  readonly averaged: number;
  readonly seed: number;
}

/** Learns from the lessons, each once an epoch. */
export function fit(
  examples: Examples,
  lessons: readonly Lesson[],
  { epochs, averaged, seed }: Course,
): Learnt {
  const learnt = noWeights(-1);
  const mean = noWeights(0);
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
      const whole = lesson === undefined ? undefined : examples.examples[lesson.example];
      if (lesson === undefined || whole === undefined) continue;
      const example = partly(whole, random());
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
  { first, last, pieceWorth, wordWorth, senseWorth, conceptWorth, marks }: Example,
  { buckets, marks: worth, bias }: Learnt,
): number {
  const addedTo = (begun: number, from: number, to: number): number => {
    let sum = begun;
    for (let place = from; place < to; place += 1) sum += buckets[features[place] ?? 0] ?? 0;
    return sum;
  };
  let pieces = 0;
  let words = 0;
  let senses = 0;
  let concepts = 0;
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    pieces = addedTo(pieces, sentence.begin, sentence.middle);
    words = addedTo(words, sentence.middle, sentence.wordsEnd);
    senses = addedTo(senses, sentence.wordsEnd, sentence.sensesEnd);
    concepts = addedTo(concepts, sentence.sensesEnd, sentence.end);
  }
  let sum = bias + pieces * pieceWorth + words * wordWorth;
  sum += senses * senseWorth + concepts * conceptWorth;
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
  { first, last, pieceWorth, wordWorth, senseWorth, conceptWorth, marks }: Example,
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
      const rate = (rates.buckets[bucket] ?? 0) + pulled * pulled;
      rates.buckets[bucket] = rate;
      learnt.buckets[bucket] = weight - (STEP * pulled) / Math.sqrt(rate);
    }
  };
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    move(sentence.begin, sentence.middle, slope * pieceWorth);
    move(sentence.middle, sentence.wordsEnd, slope * wordWorth);
    move(sentence.wordsEnd, sentence.sensesEnd, slope * senseWorth);
    move(sentence.sensesEnd, sentence.end, slope * conceptWorth);
  }
  for (const place of pairsOf(marks)) {
    const rate = (rates.marks[place] ?? 0) + slope * slope;
    rates.marks[place] = rate;
    learnt.marks[place] = (learnt.marks[place] ?? 0) - (MARK_STEP * slope) / Math.sqrt(rate);
  }
  learnt.bias -= 0.01 * slope;
}

/** How often an example is shown by its senses, concepts and marks alone, how often by its concepts alone, and how often without one group. */
const SENSES_ALONE_SHARE = 0.25;
const CONCEPTS_ALONE_SHARE = 0.12;
const WITHOUT_ONE_SHARE = 0.1;

/**
 * The example without some of its features, now and then. Words and pieces of words tell the texts learnt from apart
 * without any help, and then nothing is learnt of what holds in other words; hidden from time to time, they leave it
 * to the senses.
 */
function partly(example: Example, chance: number): Example {
  if (chance < SENSES_ALONE_SHARE) return { ...example, pieceWorth: 0, wordWorth: 0 };
  const more = chance - SENSES_ALONE_SHARE;
  if (more < CONCEPTS_ALONE_SHARE)
    return { ...example, pieceWorth: 0, wordWorth: 0, senseWorth: 0, marks: 0 };
  const group = Math.floor((more - CONCEPTS_ALONE_SHARE) / WITHOUT_ONE_SHARE);
  if (group === 0) return { ...example, pieceWorth: 0 };
  if (group === 1) return { ...example, wordWorth: 0 };
  if (group === 2) return { ...example, senseWorth: 0, marks: 0 };
  return group === 3 ? { ...example, conceptWorth: 0 } : example;
}

/** Adds the weights of one epoch to their mean over so many. */
function addToMean(mean: Learnt, { buckets, marks, bias }: Learnt, epochs: number): void {
  for (let at = 0; at < buckets.length; at += 1)
    mean.buckets[at] = (mean.buckets[at] ?? 0) + (buckets[at] ?? 0) / epochs;
  for (let at = 0; at < marks.length; at += 1)
    mean.marks[at] = (mean.marks[at] ?? 0) + (marks[at] ?? 0) / epochs;
  mean.bias += bias / epochs;
}

function noWeights(bias: number): Learnt {
  return {
    buckets: new Float32Array(BUCKETS),
    marks: new Float32Array(MARK_BITS * MARK_BITS),
    bias,
  };
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

/**
 * Reads a text as overlapping windows of sentences and scores each. An attack within an honest mail stands out in its
 * own window, and an honest mail around it does not water it down. Each sentence is read once.
 */
import { eachSentence, type Features, readSentence } from "./sentences.ts";

/** A window has as many sentences as fit into this many code units, at most so many. */
const WINDOW_MAX = 240;
const WINDOW_SENTENCES_MAX = 8;
/** Added to the number of features before the square root, so that two or three words alone weigh little. */
export const PIECES_SMOOTHED = 30;
export const WORDS_SMOOTHED = 8;
export const SENSES_SMOOTHED = 6;
export const CONCEPTS_SMOOTHED = 6;

/** What a sentence adds up to with one set of weights. */
interface SentenceSum {
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
  readonly pieceCount: number;
  readonly words: number;
  readonly wordCount: number;
  readonly senses: number;
  readonly senseCount: number;
  readonly concepts: number;
  readonly conceptCount: number;
  readonly marks: number;
}

/** Weights of hashed features, and of marks. */
export interface Weights {
  readonly buckets: Float32Array | Int8Array;
  /** What one step of `buckets` is worth. */
  readonly step: number;
  readonly bias: number;
  /** What the marks of a window are worth together. */
  readonly marks: (marks: number) => number;
  /** Where sentences are read into, one after the other. */
  readonly room: Features;
}

/** A window with its score. */
interface ScoredWindow {
  readonly score: number;
  /** Begin and end in the normalised text. */
  readonly from: number;
  readonly to: number;
  readonly marks: number;
}

/** The worst window of a text with its worst sentence, to show. */
export interface Worst extends ScoredWindow {
  readonly words: string;
}

/** Calls `visit` with the sentences of each window, as places in a list of so many: each alone, and as many as fit. */
export function eachWindow(
  sentences: readonly { readonly from: number; readonly to: number }[],
  visit: (first: number, last: number) => void,
): void {
  for (let first = 0; first < sentences.length; first += 1) {
    visit(first, first);
    const begin = sentences[first]?.from ?? 0;
    let last = first;
    while (
      last + 1 < sentences.length &&
      last + 1 - first < WINDOW_SENTENCES_MAX &&
      (sentences[last + 1]?.to ?? 0) - begin <= WINDOW_MAX
    )
      last += 1;
    if (last > first) visit(first, last);
  }
}

/** The window of a normalised text with the highest score; null for a text without words. */
export function worstWindow(plain: string, weights: Weights): Worst | null {
  const sentences = sumsOf(plain, weights);
  const found: { window: ScoredWindow | null; first: number; last: number } = {
    window: null,
    first: 0,
    last: 0,
  };
  eachWindow(sentences, (first, last) => {
    const window = windowOf(sentences, first, last, weights);
    if (found.window !== null && window.score <= found.window.score) return;
    Object.assign(found, { window, first, last });
  });
  if (found.window === null) return null;
  return { ...found.window, words: worstSentence(plain, sentences, found, weights) };
}

/** The sentence of a window that has the highest score alone. */
function worstSentence(
  text: string,
  sentences: readonly SentenceSum[],
  { first, last }: { readonly first: number; readonly last: number },
  weights: Weights,
): string {
  let worst = windowOf(sentences, first, first, weights);
  for (let at = first + 1; at <= last; at += 1) {
    const next = windowOf(sentences, at, at, weights);
    if (next.score > worst.score) worst = next;
  }
  return text.slice(worst.from, worst.to).trim();
}

function sumsOf(text: string, { buckets, room }: Weights): readonly SentenceSum[] {
  const sums: SentenceSum[] = [];
  eachSentence(text, (from, to) => {
    readSentence(text, from, to, room);
    if (room.wordCount + room.pieceCount > 0) sums.push(summed(room, from, to, buckets));
  });
  return sums;
}

function summed(
  room: Features,
  from: number,
  to: number,
  buckets: Weights["buckets"],
): SentenceSum {
  const { pieceCount, wordCount, senseCount, marks } = room;
  const conceptCount = room.concepts.count;
  return {
    from,
    to,
    pieces: worthOf(room.pieces, pieceCount, buckets),
    pieceCount,
    words: worthOf(room.words, wordCount, buckets),
    wordCount,
    senses: worthOf(room.senses, senseCount, buckets),
    senseCount,
    concepts: worthOf(room.concepts.features, conceptCount, buckets),
    conceptCount,
    marks,
  };
}

function worthOf(features: Int32Array, count: number, buckets: Weights["buckets"]): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += buckets[features[at] ?? 0] ?? 0;
  return sum;
}

function windowOf(
  sentences: readonly SentenceSum[],
  first: number,
  last: number,
  { step, bias, marks: worth }: Weights,
): ScoredWindow {
  let pieces = 0;
  let pieceCount = 0;
  let words = 0;
  let wordCount = 0;
  let senses = 0;
  let senseCount = 0;
  let concepts = 0;
  let conceptCount = 0;
  let marks = 0;
  for (let at = first; at <= last; at += 1) {
    const sentence = sentences[at];
    if (sentence === undefined) continue;
    pieces += sentence.pieces;
    pieceCount += sentence.pieceCount;
    words += sentence.words;
    wordCount += sentence.wordCount;
    senses += sentence.senses;
    senseCount += sentence.senseCount;
    concepts += sentence.concepts;
    conceptCount += sentence.conceptCount;
    marks |= sentence.marks;
  }
  const score =
    bias +
    worth(marks) +
    step *
      (pieces / Math.sqrt(pieceCount + PIECES_SMOOTHED) +
        words / Math.sqrt(wordCount + WORDS_SMOOTHED) +
        senses / Math.sqrt(senseCount + SENSES_SMOOTHED) +
        concepts / Math.sqrt(conceptCount + CONCEPTS_SMOOTHED));
  return { score, from: sentences[first]?.from ?? 0, to: sentences[last]?.to ?? 0, marks };
}

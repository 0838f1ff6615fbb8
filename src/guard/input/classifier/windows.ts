/**
 * Reads a text as overlapping windows of sentences and scores each. An attack within an honest mail stands out in its
 * own window, and an honest mail around it does not water it down. Each sentence is read once.
 */
import { eachSentence, type Features, readSentence } from "./features.ts";

/** A window has as many sentences as fit into this many code units, at most so many. */
const WINDOW_MAX = 240;
const WINDOW_SENTENCES_MAX = 8;
/** Added to the number of features before the square root, so that two or three words alone weigh little. */
export const PIECES_SMOOTHED = 30;
export const WORDS_SMOOTHED = 8;

/** What a sentence adds up to with one set of weights. */
interface SentenceSum {
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
  readonly pieceCount: number;
  readonly words: number;
  readonly wordCount: number;
}

/** Weights of hashed features. */
export interface Weights {
  readonly buckets: Float32Array | Int8Array;
  /** What one step of `buckets` is worth. */
  readonly step: number;
  readonly bias: number;
  /** Where sentences are read into, one after the other. */
  readonly room: Features;
}

/** A window with its score. */
export interface ScoredWindow {
  readonly score: number;
  /** Begin and end in the normalised text. */
  readonly from: number;
  readonly to: number;
  /** Begin and end of the sentence that has the highest score alone, to show. */
  readonly worst: { readonly from: number; readonly to: number };
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

/** All windows of a normalised text, in reading order. */
export function scoredWindows(plain: string, weights: Weights): readonly ScoredWindow[] {
  const sentences = sentenceSums(plain, weights);
  const windows: ScoredWindow[] = [];
  eachWindow(sentences, (first, last) => {
    windows.push(scoredWindow(sentences.slice(first, last + 1), weights));
  });
  return windows;
}

function sentenceSums(text: string, { buckets, room }: Weights): readonly SentenceSum[] {
  const sums: SentenceSum[] = [];
  eachSentence(text, (from, to) => {
    readSentence(text, from, to, room);
    const { pieceCount, wordCount } = room;
    if (wordCount + pieceCount === 0) return;
    const pieces = featureWorth(room.pieces, pieceCount, buckets);
    const words = featureWorth(room.words, wordCount, buckets);
    sums.push({ from, to, pieces, pieceCount, words, wordCount });
  });
  return sums;
}

function featureWorth(features: Int32Array, count: number, buckets: Weights["buckets"]): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += buckets[features[at] ?? 0] ?? 0;
  return sum;
}

function scoredWindow(sentences: readonly SentenceSum[], weights: Weights): ScoredWindow {
  let worst = { score: Number.NEGATIVE_INFINITY, from: 0, to: 0 };
  let pieces = 0;
  let pieceCount = 0;
  let words = 0;
  let wordCount = 0;
  for (const sentence of sentences) {
    pieces += sentence.pieces;
    pieceCount += sentence.pieceCount;
    words += sentence.words;
    wordCount += sentence.wordCount;
    const score = windowScore(sentence, weights);
    if (score > worst.score) worst = { score, from: sentence.from, to: sentence.to };
  }
  return {
    score: windowScore({ pieces, pieceCount, words, wordCount }, weights),
    from: sentences[0]?.from ?? 0,
    to: sentences.at(-1)?.to ?? 0,
    worst,
  };
}

function windowScore(
  { pieces, pieceCount, words, wordCount }: Omit<SentenceSum, "from" | "to">,
  { bias, step }: Weights,
): number {
  return (
    bias +
    step *
      (pieces / Math.sqrt(pieceCount + PIECES_SMOOTHED) +
        words / Math.sqrt(wordCount + WORDS_SMOOTHED))
  );
}

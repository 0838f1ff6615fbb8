/** Ranks passages by words, by letters and by meaning, in memory. */
import { letterIndexOf, type LetterIndex } from "./letter-index.ts";
import { wordIndexOf, type WordIndex, type WordMatch } from "./word-index.ts";

/** What is known about a question. */
export interface Question {
  readonly text: string;
  /** Its stems, as full-text search sees them. */
  readonly stems: readonly string[];
  /** Null when it could not be computed: then words alone decide. */
  readonly vector: Float32Array | null;
}

/** The passages as a search sees them; a passage's number is its place among the ids. */
export interface Index {
  readonly ids: readonly string[];
  readonly words: WordIndex;
  readonly letters: LetterIndex;
  /** Of length 1, by id; a passage may have none yet. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** A passage that may answer the question. */
export interface Hit {
  readonly id: string;
  /** Comparable only between the hits of one question. */
  readonly order: number;
  /** 0 to 1, comparable between questions: low for every hit when no passage answers the question. */
  readonly score: number;
}

/** What a passage's words, letters and meaning weigh in its order. Decision 0112 has what was measured. */
const ORDER = { rank: 0.15, covered: 0.15, letters: 0.1, meaning: 0.6 };
/** What its words and its meaning weigh in its score. */
const SCORE = { covered: 0.4, meaning: 0.6 };
/** How much of a passage's nearness to other passages is taken off its nearness to the question. */
const COMMONNESS = 0.7;

/** This many by words are compared. */
const BY_WORDS = 50;
/** This many by meaning are compared with the question and with one another. */
const BY_MEANING = 100;
/** A passage is as common as its nearness to this many others. */
const NEIGHBOURS = 10;

/** Prepares the words of passages. */
export function indexOf(
  passages: readonly {
    readonly id: string;
    /** The text of its `tsvector`. */
    readonly words: string;
    readonly text: string;
  }[],
): Omit<Index, "vectors"> {
  return {
    ids: passages.map(({ id }) => id),
    words: wordIndexOf(passages.map(({ words }) => words)),
    letters: letterIndexOf(passages.map(({ text }) => text)),
  };
}

/**
 * Orders passages by their words, letters and meaning, best first. `ts_rank` knows how often a word stands in a passage
 * but not how rare it is, so it is joined by the share of the question's words that the passage has, weighted by rarity.
 * That share also makes scores comparable between questions: a word that no page contains is the rarest of all. Only
 * passages that suit are compared.
 */
export function fuse(
  { text, stems, vector }: Question,
  index: Index,
  suits: (id: string) => boolean = () => true,
): readonly Hit[] {
  const allowed = (number: number): boolean => suits(index.ids[number] ?? "");
  const matched = new Map([...index.words.matches(stems)].filter(([number]) => allowed(number)));
  const meaning = vector === null ? null : nearest(vector, index, allowed);
  const numbers = new Set([...best(matched, BY_WORDS), ...(meaning?.candidates.keys() ?? [])]);
  const likeness = index.letters.likeness(text);
  const letters = new Map([...numbers].map((number) => [number, likeness(number)]));
  const topRank = greatest([...matched.values()].map(({ rank }) => rank));
  const topLetters = greatest(letters.values());
  return [...numbers]
    .map((number): Hit => {
      const { rank, covered } = matched.get(number) ?? { rank: 0, covered: 0 };
      const words =
        ORDER.rank * shareOf(rank, topRank) +
        ORDER.covered * covered +
        ORDER.letters * shareOf(letters.get(number) ?? 0, topLetters);
      const id = index.ids[number] ?? "";
      if (meaning === null) return { id, order: words, score: covered };
      const cosine = meaning.cosineOf(number);
      return {
        id,
        order: words + ORDER.meaning * (cosine - COMMONNESS * meaning.commonnessOf(number)),
        score: Math.min(1, SCORE.covered * covered + SCORE.meaning * cosine),
      };
    })
    .toSorted((one, other) => other.order - one.order);
}

interface Meaning {
  /** The nearest passages, nearest first. */
  readonly candidates: ReadonlyMap<number, number>;
  /** Nearness to the question, 0 to 1: opposite meanings count as 0. */
  readonly cosineOf: (number: number) => number;
  /** Nearness to other passages; of one that is no candidate the least, since it is not worth computing. */
  readonly commonnessOf: (number: number) => number;
}

/**
 * The passages nearest to the question. Some passages are near to every question; they are known by being near to each
 * other too, and would otherwise crowd out the one that answers.
 */
function nearest(
  vector: Float32Array,
  { ids, vectors }: Index,
  allowed: (number: number) => boolean,
): Meaning {
  const cosineOf = (number: number): number => {
    const own = vectors.get(ids[number] ?? "");
    return own === undefined ? 0 : Math.min(1, Math.max(0, product(vector, own)));
  };
  const cosines = Float64Array.from(ids, (_, number) => (allowed(number) ? cosineOf(number) : 0));
  const bar = cosines.toSorted().at(-BY_MEANING) ?? 0;
  const candidates = new Map(
    [...cosines.entries()]
      .filter(([, cosine]) => cosine > 0 && cosine >= bar)
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, BY_MEANING),
  );
  const commonness = commonnessAmong(
    [...candidates.keys()].flatMap((number) => {
      const own = vectors.get(ids[number] ?? "");
      return own === undefined ? [] : [[number, own] as const];
    }),
  );
  const least = Math.min(...commonness.values());
  return {
    candidates,
    cosineOf,
    commonnessOf: (number) => commonness.get(number) ?? (Number.isFinite(least) ? least : 0),
  };
}

/** How near each is to those of the others that are nearest to it. */
function commonnessAmong(
  passages: readonly (readonly [number: number, vector: Float32Array])[],
): ReadonlyMap<number, number> {
  const count = passages.length;
  const products = passages.map(() => new Float64Array(count));
  for (const [row, [, one]] of passages.entries())
    for (const [column, [, other]] of passages.slice(0, row).entries()) {
      const both = product(one, other);
      products[row]?.set([both], column);
      products[column]?.set([both], row);
    }
  return new Map(
    passages.map(([number], row) => {
      // Its own place holds 0, which no pair of related texts falls below.
      const nearby = (products[row] ?? new Float64Array()).toSorted().slice(-NEIGHBOURS);
      return [number, nearby.reduce((sum, one) => sum + one, 0) / Math.max(1, nearby.length)];
    }),
  );
}

/** The numbers with the best ranks, greatest first. */
function best(matched: ReadonlyMap<number, WordMatch>, limit: number): readonly number[] {
  // Most of many passages are far from the question: a bar found in one pass spares sorting them.
  const bar =
    Float64Array.from(matched.values(), ({ rank }) => rank)
      .toSorted()
      .at(-limit) ?? 0;
  return [...matched]
    .filter(([, { rank }]) => rank >= bar)
    .toSorted(([, one], [, other]) => other.rank - one.rank)
    .slice(0, limit)
    .map(([number]) => number);
}

function product(left: Float32Array, right: Float32Array): number {
  // A plain loop: `reduce` with its call for each number took eleven times as long over 10,000 passages.
  let total = 0;
  for (let at = 0; at < left.length; at += 1) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function greatest(numbers: Iterable<number>): number {
  let top = 0;
  for (const number of numbers) top = Math.max(top, number);
  return top;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Ranks passages by words and by meaning. */

/** What is known about a question. */
export interface Question {
  /** Its stems, as full-text search sees them. */
  readonly lexemes: readonly string[];
  /** `ts_rank` by passage, for those that share a stem with the question. */
  readonly ranks: ReadonlyMap<string, number>;
  /** Null when it could not be computed: then words alone decide. */
  readonly vector: Float32Array | null;
}

/** The passages as a search sees them, by id. */
export interface Index {
  readonly lexemes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of length 1. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  readonly rarity: (lexeme: string) => number;
}

/** A passage that may answer the question. */
export interface Hit {
  readonly id: string;
  /** Comparable only between the hits of one question. */
  readonly order: number;
  /** 0 to 1, comparable between questions: low for every hit when no passage answers the question. */
  readonly score: number;
}

/** Meaning weighs slightly more than words; measured on banking questions and on questions to the sample shop. */
const MEANING = 0.6;
const WORDS = 0.4;

/** This many by words and this many by meaning are compared. */
export const CANDIDATES = 50;

/**
 * Combines words and meaning by score, best first. `ts_rank` knows how close the words are but not how rare, so half of
 * the weight of words is the share of the question's words that the passage contains, weighted by rarity. That share
 * also makes scores comparable between questions: a word that no page contains is the rarest of all.
 */
export function fuse({ lexemes, ranks, vector }: Question, index: Index): readonly Hit[] {
  const cosines = vector === null ? null : nearest(vector, index.vectors);
  const bestRank = Math.max(0, ...ranks.values());
  const ids = new Set([...ranks.keys(), ...[...(cosines?.keys() ?? [])].slice(0, CANDIDATES)]);
  return [...ids]
    .map((id) => {
      const covered = coverage(lexemes, index.lexemes.get(id) ?? new Set(), index.rarity);
      const words = (covered + (bestRank === 0 ? 0 : (ranks.get(id) ?? 0) / bestRank)) / 2;
      if (cosines === null) return { id, order: words, score: covered };
      const cosine = cosines.get(id) ?? 0;
      return {
        id,
        order: WORDS * words + MEANING * cosine,
        score: Math.min(1, WORDS * covered + MEANING * cosine),
      };
    })
    .toSorted((a, b) => b.order - a.order);
}

/**
 * The rarity of a stem among the passages: inverse document frequency, smoothed as in BM25 so that none is negative.
 */
export function rarityAmong(passages: Iterable<ReadonlySet<string>>): (lexeme: string) => number {
  const holders = new Map<string, number>();
  let count = 0;
  for (const lexemes of passages) {
    count += 1;
    for (const lexeme of lexemes) holders.set(lexeme, (holders.get(lexeme) ?? 0) + 1);
  }
  return (lexeme) => Math.log(1 + (count + 0.5) / ((holders.get(lexeme) ?? 0) + 0.5));
}

function coverage(
  asked: readonly string[],
  held: ReadonlySet<string>,
  rarity: (lexeme: string) => number,
): number {
  const all = sum(asked.map(rarity));
  return all === 0 ? 0 : sum(asked.filter((lexeme) => held.has(lexeme)).map(rarity)) / all;
}

/**
 * The cosine with every passage, greatest first. A few hundred passages need no index; opposite meanings count as 0.
 */
function nearest(
  vector: Float32Array,
  vectors: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, number> {
  const cosines = [...vectors].map(([id, other]): [string, number] => [
    id,
    Math.max(0, product(vector, other)),
  ]);
  return new Map(cosines.toSorted(([, a], [, b]) => b - a));
}

function product(left: Float32Array, right: Float32Array): number {
  // A plain loop: `reduce` with its call for each number took eleven times as long over 10,000 passages.
  let total = 0;
  for (let at = 0; at < left.length; at += 1) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

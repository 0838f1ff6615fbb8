/** Full-text rank in memory: which passages hold which stems, and how well they match a question's. */

/** The passages' stems, prepared for questions. */
export interface WordIndex {
  /** The passages that share a stem with the question, by their number. */
  matches(stems: readonly string[]): ReadonlyMap<number, WordMatch>;
}

/** How a passage matches a question's words. */
export interface WordMatch {
  /** PostgreSQL's `ts_rank` of "any of these stems", with normalization 1; comparable within one question only. */
  readonly rank: number;
  /** The share of the question's stems the passage holds, weighted by rarity; 0 to 1. */
  readonly covered: number;
}

/** The weights of positions as `ts_rank` has them by default; titles and headings are stored with C. */
const WEIGHTS: Readonly<Record<string, number>> = { A: 1, B: 0.4, C: 0.2, D: 0.1 };

/** The sum of 1/n², which a stem that stands at every position would come to (`calc_rank_or` in tsrank.c). */
const ALL_POSITIONS = 1.64493406685;

/** The passages that hold one stem, and what each has for it. */
interface Holders {
  readonly numbers: number[];
  readonly gains: number[];
}

/**
 * Prepares passages, each given as the text of a `tsvector`. Ranks are those of the database, which took eight times as
 * long to compute them over 10,000 passages, and is busy with other things meanwhile.
 */
export function wordIndexOf(passages: readonly string[]): WordIndex {
  const holders = new Map<string, Holders>();
  for (const [number, words] of passages.entries()) {
    const entries = entriesOf(words);
    const length = entries.reduce((sum, { positions }) => sum + positions.length, 0);
    const damping = Math.log2(length + 1);
    for (const { stem, positions } of entries) {
      const held = holders.get(stem) ?? { numbers: [], gains: [] };
      holders.set(stem, held);
      held.numbers.push(number);
      held.gains.push(gainOf(positions) / damping);
    }
  }
  return { matches: (stems) => matchesIn(holders, passages.length, stems) };
}

function matchesIn(
  holders: ReadonlyMap<string, Holders>,
  count: number,
  stems: readonly string[],
): ReadonlyMap<number, WordMatch> {
  const asked = [...new Set(stems)].map((stem) => {
    const held = holders.get(stem) ?? { numbers: [], gains: [] };
    // Inverse document frequency, smoothed as in BM25 so that none is negative: a word of no page is the rarest.
    return { held, rarity: Math.log(1 + (count + 0.5) / (held.numbers.length + 0.5)) };
  });
  const all = asked.reduce((sum, { rarity }) => sum + rarity, 0);
  const found = new Map<number, { rank: number; covered: number }>();
  for (const { held, rarity } of asked)
    for (const [at, number] of held.numbers.entries()) {
      const match = found.get(number) ?? { rank: 0, covered: 0 };
      found.set(number, match);
      match.rank += (held.gains[at] ?? 0) / asked.length;
      // Shares that are added one by one may come to slightly more than the whole.
      match.covered = Math.min(1, match.covered + rarity / all);
    }
  return found;
}

/** What a stem at these positions adds to a passage's rank: the best one counts fully, the others ever less. */
function gainOf(positions: readonly number[]): number {
  const best = Math.max(...positions);
  const bestAt = positions.indexOf(best) + 1;
  const faded = positions.reduce((sum, weight, at) => sum + weight / (at + 1) ** 2, 0);
  return (best + faded - best / bestAt ** 2) / ALL_POSITIONS;
}

/** The stems of a `tsvector` as text, such as `'charg':2,7C 'it''s':3`, with the weight of each position. */
function entriesOf(
  words: string,
): readonly { readonly stem: string; readonly positions: readonly number[] }[] {
  return [...words.matchAll(/'(?<stem>(?:[^'\\]|''|\\\\)*)':(?<positions>[\dABCD,]+)/g)].map(
    ({ groups: { stem = "", positions = "" } = {} }) => ({
      stem: stem.replaceAll("''", "'").replaceAll("\\\\", "\\"),
      positions: positions
        .split(",")
        .map((position) => WEIGHTS[position.at(-1) ?? ""] ?? WEIGHTS["D"] ?? 0),
    }),
  );
}

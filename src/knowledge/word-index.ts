/** Full-text rank and letters in common, in memory: which passages hold which stems and groups of letters, and how well they match a question's. */

/** A question's stems by the dictionary that found them: those of the passages' languages. */
export type Stems = ReadonlyMap<string, readonly string[]>;

/** A passage as full-text search sees it. */
export interface PassageWords {
  /** The text of its `tsvector`. */
  readonly words: string;
  /** What made it, such as `german`. */
  readonly dictionary: string;
}

/** The passages' stems, prepared for questions. */
export interface WordIndex {
  /** The dictionaries of the passages. */
  readonly dictionaries: readonly string[];
  /** How every passage matches the question, read by the passage's own dictionary. */
  matches(stems: Stems): WordMatches;
}

/** How passages match a question's words, each at the place of its number. */
interface WordMatches {
  /** PostgreSQL's `ts_rank` of "any of these stems", with normalization 1; comparable within one question only. */
  readonly ranks: Float64Array;
  /** The share of the question's stems the passage holds, weighted by rarity; 0 to 1. */
  readonly covered: Float64Array;
}

/** The weights of positions as `ts_rank` has them by default; titles and headings are stored with C. */
const WEIGHTS: Readonly<Record<string, number>> = { A: 1, B: 0.4, C: 0.2, D: 0.1 };

/** The sum of 1/n², which a stem that stands at every position would come to (`calc_rank_or` in tsrank.c). */
const ALL_POSITIONS = 1.64493406685;

/** The passages that hold one stem, and what each has for it. */
interface Holders {
  readonly numbers: Uint32Array;
  readonly gains: Float32Array;
}

const NONE: Holders = { numbers: new Uint32Array(), gains: new Float32Array() };

/** The passages of one dictionary. */
interface Shelf {
  count: number;
  readonly holders: Map<string, Holders & { length: number }>;
}

/**
 * Takes passages as they are loaded, so that their words need not be in memory all at once; nothing is added after
 * `built`. Ranks are those of the database, which took eight times as long to compute them over 10,000 passages, and is
 * busy with other things meanwhile.
 */
export function wordIndexBuilder() {
  const shelves = new Map<string, Shelf>();
  let added = 0;
  return {
    add({ words, dictionary }: PassageWords): void {
      const shelf = shelves.get(dictionary) ?? { count: 0, holders: new Map() };
      shelves.set(dictionary, shelf);
      shelf.count += 1;
      put(shelf, added, words);
      added += 1;
    },
    /** The index of all that were added, numbered in their order. */
    built: (): WordIndex => packed(shelves, added),
  };
}

/** Lists grew by doubling; here they get the size they have. */
function packed(shelves: ReadonlyMap<string, Shelf>, passages: number): WordIndex {
  const all = [...shelves].map(([dictionary, { count, holders }]) => ({
    dictionary,
    count,
    holders: new Map(
      [...holders].map(([stem, { numbers, gains, length }]): [string, Holders] => [
        stem,
        { numbers: numbers.slice(0, length), gains: gains.slice(0, length) },
      ]),
    ),
  }));
  return {
    dictionaries: [...shelves.keys()],
    matches(stems) {
      const matches = {
        ranks: new Float64Array(passages),
        covered: new Float64Array(passages),
      };
      for (const { dictionary, count, holders } of all)
        match(matches, stems.get(dictionary) ?? [], count, holders);
      return matches;
    },
  };
}

function put({ holders }: Shelf, number: number, words: string): void {
  const entries = weightedStems(words);
  const length = entries.reduce((sum, { weights }) => sum + weights.length, 0);
  const damping = Math.log2(length + 1);
  for (const { stem, weights } of entries) {
    const held = withRoom(holders.get(stem));
    holders.set(stem, held);
    held.numbers[held.length] = number;
    held.gains[held.length] = rankGain(weights) / damping;
    held.length += 1;
  }
}

/** Grows by doubling: lists of numbers would leave the process with a heap several times as large. */
function withRoom(held: (Holders & { length: number }) | undefined): Holders & { length: number } {
  if (held === undefined)
    return { numbers: new Uint32Array(2), gains: new Float32Array(2), length: 0 };
  if (held.length < held.numbers.length) return held;
  const numbers = new Uint32Array(held.length * 2);
  const gains = new Float32Array(held.length * 2);
  numbers.set(held.numbers);
  gains.set(held.gains);
  return { numbers, gains, length: held.length };
}

function match(
  { ranks, covered }: WordMatches,
  stems: readonly string[],
  count: number,
  holders: ReadonlyMap<string, Holders>,
): void {
  const asked = [...new Set(stems)].map((stem) => {
    const held = holders.get(stem) ?? NONE;
    // Inverse document frequency, smoothed as in BM25 so that none is negative: a word of no page is the rarest.
    return { held, rarity: Math.log(1 + (count + 0.5) / (held.numbers.length + 0.5)) };
  });
  const all = asked.reduce((sum, { rarity }) => sum + rarity, 0);
  for (const { held, rarity } of asked)
    for (let at = 0; at < held.numbers.length; at += 1) {
      const number = held.numbers[at] ?? 0;
      ranks[number] = (ranks[number] ?? 0) + (held.gains[at] ?? 0) / asked.length;
      // Shares that are added one by one may come to slightly more than the whole.
      covered[number] = Math.min(1, (covered[number] ?? 0) + rarity / all);
    }
}

/** What a stem at positions of these weights adds to a passage's rank: the best counts fully, the others ever less. */
function rankGain(weights: readonly number[]): number {
  const best = Math.max(...weights);
  const bestAt = weights.indexOf(best) + 1;
  const faded = weights.reduce((sum, weight, at) => sum + weight / (at + 1) ** 2, 0);
  return (best + faded - best / bestAt ** 2) / ALL_POSITIONS;
}

/** The stems of a `tsvector` as text, such as `'charg':2,7C 'it''s':3`, with the weight of each position. */
function weightedStems(
  words: string,
): readonly { readonly stem: string; readonly weights: readonly number[] }[] {
  return [...words.matchAll(/(?<![^ ])'((?:[^'\\]|''|\\\\)*)':([\dABCD,]+)/g)].map(
    ([, stem = "", positions = ""]) => ({
      stem: stem.replaceAll("''", "'").replaceAll("\\\\", "\\"),
      weights: positions
        .split(",")
        .map((position) => WEIGHTS[position.at(-1) ?? ""] ?? WEIGHTS["D"] ?? 0),
    }),
  );
}

// Letters in common: finds other forms of a word, its compounds, and words that full-text search leaves out.

/** The passages' groups of four letters, prepared for questions. */
export interface LetterIndex {
  /** How much the letters of a text are like those of the numbered passage: a cosine, 0 to 1. */
  likeness(text: string): (number: number) => number;
}

/** Letters in a group. Three are too common; five find the same and take more. */
const LETTERS = 4;

/** Groups are kept as numbers below this: one in a hundred shares its number with another of the same passage. */
const NUMBERS = 65_536;

/** Takes texts as they are loaded, so that they need not be in memory a second time; the index is about twice as large. */
export function letterIndexBuilder() {
  const groups = groupReader();
  const passages: Uint16Array[] = [];
  const holders = new Uint32Array(NUMBERS);
  return {
    add(text: string): void {
      const passage = groups(text);
      passages.push(passage);
      for (const group of passage) holders[group] = (holders[group] ?? 0) + 1;
    },
    built: (): LetterIndex => comparing(sideBySide(passages), holders, groups),
  };
}

/** The groups of all passages in one list: one of its own for each took more than the groups themselves. */
interface Groups {
  readonly all: Uint16Array;
  /** Where each passage's groups begin, and at last where all end. */
  readonly starts: Uint32Array;
}

function sideBySide(passages: Uint16Array[]): Groups {
  const starts = new Uint32Array(passages.length + 1);
  for (const [number, { length }] of passages.entries())
    starts[number + 1] = (starts[number] ?? 0) + length;
  const all = new Uint16Array(starts.at(-1) ?? 0);
  for (const [number, passage] of passages.entries()) all.set(passage, starts[number] ?? 0);
  passages.splice(0);
  return { all, starts };
}

function comparing(
  { all, starts }: Groups,
  holders: Uint32Array,
  groups: (text: string) => Uint16Array,
): LetterIndex {
  const count = starts.length - 1;
  const squares = Float32Array.from(
    holders,
    (held) => Math.log(1 + (count + 0.5) / (held + 0.5)) ** 2,
  );
  const weightedLength = (of: Uint16Array, from: number, to: number): number => {
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += squares[of[at] ?? 0] ?? 0;
    return Math.sqrt(sum);
  };
  const lengths = new Float32Array(count).map((_, number) =>
    weightedLength(all, starts[number] ?? 0, starts[number + 1] ?? 0),
  );
  return {
    likeness(text) {
      const asked = groups(text);
      const own = new Float32Array(NUMBERS);
      for (const group of asked) own[group] = squares[group] ?? 0;
      const askedLength = weightedLength(asked, 0, asked.length);
      return (number) => {
        const end = starts[number + 1] ?? 0;
        let common = 0;
        for (let at = starts[number] ?? 0; at < end; at += 1) common += own[all[at] ?? 0] ?? 0;
        const both = (lengths[number] ?? 0) * askedLength;
        return both === 0 ? 0 : Math.min(1, common / both);
      };
    },
  };
}

/** Reads the different groups of a text, words being parted by one space. */
function groupReader(): (text: string) => Uint16Array {
  // Which text had a group last: one list for all texts, since a set for each would take longer than the rest.
  const lastIn = new Uint32Array(NUMBERS);
  let count = 0;
  return (text) => {
    count += 1;
    const letters = ` ${text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
      .trim()} `;
    const groups: number[] = [];
    for (let at = 0; at + LETTERS <= letters.length; at += 1) {
      const group = groupNumber(letters, at);
      if (lastIn[group] === count) continue;
      lastIn[group] = count;
      groups.push(group);
    }
    return Uint16Array.from(groups);
  };
}

/** FNV-1a over the group's letters, folded into 16 bits. */
function groupNumber(letters: string, at: number): number {
  let hash = 2_166_136_261;
  for (let next = at; next < at + LETTERS; next += 1)
    hash = Math.imul(hash ^ letters.charCodeAt(next), 16_777_619);
  return (hash ^ (hash >>> 16)) & (NUMBERS - 1);
}

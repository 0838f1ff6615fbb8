/** Full-text rank in memory: how well the words of each passage, and of the page it stands on, match a question's. */

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
  /** 0 for a passage without any of the words; comparable within one question only. */
  readonly ranks: Float64Array;
  /** The share of the question's stems the passage holds, weighted by rarity; 0 to 1. */
  readonly covered: Float64Array;
}

/** A word of a title or of a heading counts as much as this many of the text. */
const HEADING = 2;
/** The constants of BM25 as textbooks have them: how soon more of the same word adds nothing, and what length takes off. */
const SATURATION = 1.2;
const LENGTH = 0.75;

/** The texts that hold one stem, in the order of their numbers, and how often, headings weighed. */
interface Holders {
  readonly numbers: Uint32Array;
  readonly counts: Float32Array;
}

/** The passages that hold one stem, with room for more. */
interface GrowingHolders extends Holders {
  length: number;
}

/** The passages of one dictionary. */
interface Shelf {
  readonly holders: Map<string, GrowingHolders>;
  readonly numbers: number[];
}

/** Of every passage its length, its page, and of every page its length; lengths are in words, headings weighed. */
interface Sizes {
  readonly passages: Uint32Array;
  readonly pages: Uint32Array;
  readonly pageLengths: Uint32Array;
}

/**
 * Takes passages as they are loaded, so that their words need not be in memory all at once; nothing is added after
 * `built`. Passages of one page are added one after the other.
 */
export function wordIndexBuilder() {
  const shelves = new Map<string, Shelf>();
  const lengths: number[] = [];
  const pages: number[] = [];
  const last: { page: string | null } = { page: null };
  return {
    add(page: string, { words, dictionary }: PassageWords): void {
      const shelf: Shelf = shelves.get(dictionary) ?? { holders: new Map(), numbers: [] };
      shelves.set(dictionary, shelf);
      shelf.numbers.push(lengths.length);
      pages.push((pages.at(-1) ?? -1) + Number(page !== last.page));
      last.page = page;
      lengths.push(put(shelf, lengths.length, words));
    },
    /** The index of all that were added, numbered in their order. */
    built: (): WordIndex => indexFrom(shelves, sizesFrom(lengths, pages)),
  };
}

function sizesFrom(lengths: readonly number[], pages: readonly number[]): Sizes {
  const pageLengths = new Uint32Array((pages.at(-1) ?? -1) + 1);
  for (const [number, page] of pages.entries())
    pageLengths[page] = (pageLengths[page] ?? 0) + (lengths[number] ?? 0);
  return { passages: Uint32Array.from(lengths), pages: Uint32Array.from(pages), pageLengths };
}

/** Keeps nothing of what the passages were gathered in. */
function indexFrom(shelves: ReadonlyMap<string, Shelf>, sizes: Sizes): WordIndex {
  const all = [...shelves].map(([dictionary, shelf]) => ({
    dictionary,
    match: packed(shelf, sizes),
  }));
  return {
    dictionaries: all.map(({ dictionary }) => dictionary),
    matches(stems) {
      const ranks = new Float64Array(sizes.passages.length);
      const covered = new Float64Array(sizes.passages.length);
      for (const { dictionary, match } of all)
        match([...new Set(stems.get(dictionary) ?? [])], { ranks, covered });
      return { ranks, covered };
    },
  };
}

/** Returns the passage's length in words, headings weighed. */
function put({ holders }: Shelf, number: number, words: string): number {
  let length = 0;
  for (const { stem, count } of countedStems(words)) {
    const held = withRoom(holders.get(stem));
    holders.set(stem, held);
    held.numbers[held.length] = number;
    held.counts[held.length] = count;
    held.length += 1;
    length += count;
  }
  return length;
}

/** Grows by doubling: lists of numbers would leave the process with a heap several times as large. */
function withRoom(held: GrowingHolders | undefined): GrowingHolders {
  if (held === undefined)
    return { numbers: new Uint32Array(2), counts: new Float32Array(2), length: 0 };
  if (held.length < held.numbers.length) return held;
  const numbers = new Uint32Array(held.length * 2);
  const counts = new Float32Array(held.length * 2);
  numbers.set(held.numbers);
  counts.set(held.counts);
  return { numbers, counts, length: held.length };
}

/** Prepares the passages of one dictionary. Ranks are computed for each question from the counts of its own words. */
function packed(shelf: Shelf, { passages, pages, pageLengths }: Sizes) {
  const numbers = Uint32Array.from(shelf.numbers);
  const held = new Map(
    [...shelf.holders].map(([stem, { numbers: all, counts, length }]): [string, Holders] => [
      stem,
      { numbers: all.slice(0, length), counts: counts.slice(0, length) },
    ]),
  );
  const onPassages = bm25(numbers, passages);
  const onPages = bm25(new Set(numbers.map((number) => pages[number] ?? 0)), pageLengths);
  // A section leaves out what its page is about, so the words of a page add to those of its passages.
  return (stems: readonly string[], { ranks, covered }: WordMatches): void => {
    const asked = stems.flatMap((stem) => held.get(stem) ?? []);
    const rarities = asked.map((own) => rarity(numbers.length, own.numbers.length));
    const unknown = (stems.length - asked.length) * rarity(numbers.length, 0);
    const all = rarities.reduce((sum, rare) => sum + rare, unknown);
    const pageRanks = new Float64Array(pageLengths.length);
    for (const [at, own] of asked.entries()) {
      onPages(holdingPages(own, pages), pageRanks);
      onPassages(own, ranks);
      for (const number of own.numbers) {
        // Shares that are added one by one may come to slightly more than the whole.
        const share = (covered[number] ?? 0) + (rarities[at] ?? 0) / all;
        covered[number] = Math.min(1, share);
      }
    }
    for (const number of numbers)
      if ((covered[number] ?? 0) > 0)
        ranks[number] = (ranks[number] ?? 0) + (pageRanks[pages[number] ?? 0] ?? 0);
  };
}

/** The pages on which these passages stand, with the sum of their counts. */
function holdingPages({ numbers, counts }: Holders, pages: Uint32Array): Holders {
  const sums = new Map<number, number>();
  for (const [at, number] of numbers.entries()) {
    const page = pages[number] ?? 0;
    sums.set(page, (sums.get(page) ?? 0) + (counts[at] ?? 0));
  }
  return { numbers: Uint32Array.from(sums.keys()), counts: Float32Array.from(sums.values()) };
}

/** Inverse document frequency, smoothed so that none is negative: a word of no page is the rarest. */
function rarity(all: number, holding: number): number {
  return Math.log(1 + (all - holding + 0.5) / (holding + 0.5));
}

/**
 * Gives what adds a word's part to the ranks of the texts that hold it, by how often it occurs there; longer texts hold
 * more words by chance. `lengths` may have more texts than these.
 */
function bm25(texts: Iterable<number>, lengths: Uint32Array) {
  const own = Array.from(texts, (text) => lengths[text] ?? 0);
  const all = own.length;
  const mean = own.reduce((sum, length) => sum + length, 0) / Math.max(1, all) || 1;
  return ({ numbers, counts }: Holders, ranks: Float64Array): void => {
    const rare = rarity(all, numbers.length);
    for (const [at, number] of numbers.entries()) {
      const count = counts[at] ?? 0;
      const long = 1 - LENGTH + (LENGTH * (lengths[number] ?? 0)) / mean;
      const gain = (rare * count * (SATURATION + 1)) / (count + SATURATION * long);
      ranks[number] = (ranks[number] ?? 0) + gain;
    }
  };
}

/** The stems of a `tsvector` as text, such as `'charg':2,7C 'it''s':3`; titles and headings are stored with C. */
function countedStems(words: string): readonly { readonly stem: string; readonly count: number }[] {
  return [...words.matchAll(/(?<![^ ])'((?:[^'\\]|''|\\\\)*)':([\dABCD,]+)/g)].map(
    ([, stem = "", positions = ""]) => ({
      stem: stem.replaceAll("''", "'").replaceAll("\\\\", "\\"),
      count: positions
        .split(",")
        .reduce((sum, position) => sum + (position.endsWith("C") ? HEADING : 1), 0),
    }),
  );
}

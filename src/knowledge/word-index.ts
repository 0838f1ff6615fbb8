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

/** The passages that hold one stem, and how often, headings weighed. */
interface Holders {
  readonly numbers: Uint32Array;
  readonly counts: Float32Array;
  length: number;
}

/** The passages of one dictionary. */
interface Shelf {
  readonly holders: Map<string, Holders>;
  readonly numbers: number[];
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
    built: (): WordIndex => {
      const all = [...shelves].map(([dictionary, shelf]) => ({
        dictionary,
        match: packed(shelf, lengths, pages),
      }));
      return {
        dictionaries: [...shelves.keys()],
        matches(stems) {
          const ranks = new Float64Array(lengths.length);
          const covered = new Float64Array(lengths.length);
          for (const { dictionary, match } of all)
            match([...new Set(stems.get(dictionary) ?? [])], { ranks, covered });
          return { ranks, covered };
        },
      };
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
function withRoom(held: Holders | undefined): Holders {
  if (held === undefined)
    return { numbers: new Uint32Array(2), counts: new Float32Array(2), length: 0 };
  if (held.length < held.numbers.length) return held;
  const numbers = new Uint32Array(held.length * 2);
  const counts = new Float32Array(held.length * 2);
  numbers.set(held.numbers);
  counts.set(held.counts);
  return { numbers, counts, length: held.length };
}

/** Prepares the passages of one dictionary; `lengths` and `pages` are those of all passages. */
function packed({ holders, numbers }: Shelf, lengths: readonly number[], pages: readonly number[]) {
  const passages = numbers.map((number): [number, number] => [number, lengths[number] ?? 0]);
  const passageGains = bm25(new Map(passages));
  const pageGains = bm25(pageSums(passages, pages));
  const held = new Map(
    [...holders].map(([stem, { numbers: all, counts, length }]) => {
      const own = [...all.subarray(0, length)].map((number, at): [number, number] => [
        number,
        counts[at] ?? 0,
      ]);
      return [
        stem,
        { onPassages: passageGains(own), onPages: pageGains([...pageSums(own, pages)]) },
      ];
    }),
  );
  // A section leaves out what its page is about, so the words of a page add to those of its passages.
  return (stems: readonly string[], { ranks, covered }: WordMatches): void => {
    const asked = stems.flatMap((stem) => held.get(stem) ?? []);
    const unknown = (stems.length - asked.length) * rarity(numbers.length, 0);
    const all = asked.reduce((sum, { onPassages }) => sum + onPassages.rarity, unknown);
    const onPage = new Float64Array((pages.at(-1) ?? -1) + 1);
    for (const { onPassages, onPages } of asked) {
      addTo(onPage, onPages);
      addTo(ranks, onPassages);
      for (const number of onPassages.numbers) {
        // Shares that are added one by one may come to slightly more than the whole.
        const share = (covered[number] ?? 0) + onPassages.rarity / all;
        covered[number] = Math.min(1, share);
      }
    }
    for (const number of numbers)
      if ((covered[number] ?? 0) > 0)
        ranks[number] = (ranks[number] ?? 0) + (onPage[pages[number] ?? 0] ?? 0);
  };
}

/** Values of passages added up by the pages they stand on. */
function pageSums(
  values: Iterable<readonly [number: number, value: number]>,
  pages: readonly number[],
): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const [number, value] of values) {
    const page = pages[number] ?? 0;
    sums.set(page, (sums.get(page) ?? 0) + value);
  }
  return sums;
}

/** What one stem adds to the ranks of the texts that hold it. */
interface Gains {
  readonly rarity: number;
  readonly numbers: Uint32Array;
  readonly gains: Float32Array;
}

function addTo(ranks: Float64Array, { numbers, gains }: Gains): void {
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] ?? 0;
    ranks[number] = (ranks[number] ?? 0) + (gains[at] ?? 0);
  }
}

/** Inverse document frequency, smoothed so that none is negative: a word of no page is the rarest. */
function rarity(all: number, holding: number): number {
  return Math.log(1 + (all - holding + 0.5) / (holding + 0.5));
}

/** Gives what a word adds to each text by how often it occurs there; longer texts hold more words by chance. */
function bm25(lengths: ReadonlyMap<number, number>) {
  const sum = [...lengths.values()].reduce((total, length) => total + length, 0);
  const mean = sum / Math.max(1, lengths.size) || 1;
  return (counts: readonly (readonly [number: number, count: number])[]): Gains => {
    const rare = rarity(lengths.size, counts.length);
    const gain = ([number, count]: readonly [number, number]): number => {
      const long = 1 - LENGTH + (LENGTH * (lengths.get(number) ?? 0)) / mean;
      return (rare * count * (SATURATION + 1)) / (count + SATURATION * long);
    };
    return {
      rarity: rare,
      numbers: Uint32Array.from(counts, ([number]) => number),
      gains: Float32Array.from(counts, gain),
    };
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

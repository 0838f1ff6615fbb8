/** Ranks passages by words, by letters, by meaning and by the labels of their pages, in memory. */
import {
  letterIndexBuilder,
  type LetterIndex,
  type PassageWords,
  type Stems,
  wordIndexBuilder,
  type WordIndex,
} from "./word-index.ts";
import { product, type VectorTable } from "./vectors.ts";

/** What is known about a question. */
export interface Question {
  readonly text: string;
  readonly stems: Stems;
  /** Null when it could not be computed: then words alone decide. */
  readonly vector: Float32Array | null;
}

/** The passages as a search sees them; a passage's number is its place among the ids. */
export interface Index {
  readonly ids: readonly string[];
  readonly words: WordIndex;
  readonly letters: LetterIndex;
  readonly labels: LabelIndex;
  /** Of length 1. */
  readonly vectors: VectorTable;
}

/** A passage that may answer the question. */
export interface Hit {
  readonly id: string;
  /** Comparable only between the hits of one question. */
  readonly order: number;
  /** 0 to 1, comparable between questions: low for every hit when no passage answers the question. */
  readonly score: number;
  /** 0 to 1: the share of the question's words that it has, weighted by rarity. */
  readonly covered: number;
  /** 0 to 1: nearness to the question's meaning; null where words alone decide. */
  readonly cosine: number | null;
}

/** What a passage's words, letters and meaning, and its page's labels, weigh in its order. */
const ORDER = { rank: 0.15, covered: 0.15, letters: 0.1, meaning: 0.6, labels: 0.5 };
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

/** A passage as an index takes it in. */
export interface IndexedPassage extends PassageWords {
  readonly id: string;
  readonly text: string;
  readonly labels?: readonly string[];
}

/** The page a passage belongs to; the id of a passage is its page's name and its heading's. */
export function passagePage(passageId: string): string {
  return passageId.slice(0, passageId.lastIndexOf("#"));
}

/** Takes the words, letters and labels of passages as they are loaded; nothing is added after `built`. */
export function indexBuilder() {
  const ids: string[] = [];
  const labelled: { readonly page: string; readonly labels: readonly string[] }[] = [];
  const words = wordIndexBuilder();
  const letters = letterIndexBuilder();
  return {
    add({ id, text, labels = [], ...passage }: IndexedPassage): void {
      ids.push(id);
      if (labels.length > 0) labelled.push({ page: passagePage(id), labels });
      words.add(passage);
      letters.add(text);
    },
    /** The index of all that were added, numbered in their order. */
    built: (): Omit<Index, "vectors"> => ({
      ids,
      words: words.built(),
      letters: letters.built(),
      labels: pageLabelIndex(labelled),
    }),
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
  const { ranks, covered } = index.words.matches(stems);
  const meaning = vector === null ? null : nearest(vector, index, allowed);
  const byWords = greatest(ranks, BY_WORDS, allowed);
  const labelled = index.labels.pagesFor(text);
  const byLabels = passageNumbers(labelled, index).filter(allowed);
  const numbers = [...new Set([...byWords, ...byLabels, ...(meaning?.candidates ?? [])])];
  const likeness = index.letters.likeness(text);
  const letters = new Map(numbers.map((number) => [number, likeness(number)]));
  const topRank = ranks[byWords[0] ?? -1] ?? 0;
  const topLetters = Math.max(0, ...letters.values());
  return numbers
    .map((number): Hit => {
      const id = index.ids[number] ?? "";
      const called = labelled.get(passagePage(id)) ?? 0;
      const share = Math.max(called, covered[number] ?? 0);
      const words =
        ORDER.labels * called +
        ORDER.rank * ratioOrZero(ranks[number] ?? 0, topRank) +
        ORDER.covered * share +
        ORDER.letters * ratioOrZero(letters.get(number) ?? 0, topLetters);
      if (meaning === null) return { id, order: words, score: share, covered: share, cosine: null };
      const cosine = meaning.cosines[number] ?? 0;
      return {
        id,
        order: words + ORDER.meaning * (cosine - COMMONNESS * meaning.commonnessOf(number)),
        score: Math.min(1, SCORE.covered * share + SCORE.meaning * cosine),
        covered: share,
        cosine,
      };
    })
    .toSorted((one, other) => other.order - one.order);
}

/** The passages of these pages. */
function passageNumbers(pages: ReadonlyMap<string, number>, { ids }: Index): readonly number[] {
  if (pages.size === 0) return [];
  return ids.flatMap((id, number) => (pages.has(passagePage(id)) ? [number] : []));
}

interface Meaning {
  /** Nearness to the question, 0 to 1, each at the place of its number: opposite meanings count as 0. */
  readonly cosines: Float64Array;
  /** The nearest passages. */
  readonly candidates: readonly number[];
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
  const cosines = vectors.nearness(vector, ids.length);
  const candidates = greatest(cosines, BY_MEANING, allowed);
  const commonness = commonnessAmong(
    candidates.map((number) => vectors.at(number) ?? new Float32Array()),
  );
  const known = new Map(candidates.map((number, at) => [number, commonness[at] ?? 0]));
  const least = candidates.length === 0 ? 0 : Math.min(...commonness);
  return { cosines, candidates, commonnessOf: (number) => known.get(number) ?? least };
}

/** How near each is to those of the others that are nearest to it. */
function commonnessAmong(vectors: readonly Float32Array[]): readonly number[] {
  const count = vectors.length;
  // A place of its own holds 0, which no pair of related texts falls below.
  const products = vectors.map(() => new Float64Array(count));
  for (const [row, one] of vectors.entries())
    for (let column = 0; column < row; column += 1) {
      const both = product(one, vectors[column] ?? one);
      products[row]?.fill(both, column, column + 1);
      products[column]?.fill(both, row, row + 1);
    }
  return products.map((own) => {
    const nearby = own.toSorted().slice(-NEIGHBOURS);
    return nearby.reduce((sum, one) => sum + one, 0) / Math.max(1, nearby.length);
  });
}

/** The numbers of the greatest values above 0, greatest first, among those that are allowed. */
function greatest(
  values: Float64Array,
  limit: number,
  allowed: (number: number) => boolean,
): readonly number[] {
  // Most of many passages are far from the question: a bar found in the sorted values spares looking at them.
  const sorted = values.toSorted();
  for (let reach = limit; ; reach *= 4) {
    const bar = sorted.at(-reach) ?? 0;
    const numbers: number[] = [];
    for (let number = 0; number < values.length; number += 1) {
      const value = values[number] ?? 0;
      if (value > 0 && value >= bar && allowed(number)) numbers.push(number);
    }
    if (numbers.length >= limit || reach >= values.length)
      return numbers
        .toSorted((one, other) => (values[other] ?? 0) - (values[one] ?? 0))
        .slice(0, limit);
  }
}

function ratioOrZero(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

// Finds pages by their labels: the words customers use for what a page is about, in any language.

/** What the labels say about a question. */
interface LabelIndex {
  /** How surely a question is about each page, 0 to 1, by the page's name; pages without a fitting label are absent. */
  pagesFor(question: string): ReadonlyMap<string, number>;
}

interface Label {
  readonly words: readonly string[];
  readonly pages: ReadonlySet<string>;
}

/** A word with another ending still has this share of a label's word. */
const SAME_SHARE = 0.75;
/** Shorter beginnings are shared by words that have nothing to do with each other. */
const SAME_LETTERS_MIN = 5;
/** Endings change a few letters; a much longer word is another one. */
const ENDING_LETTERS_MAX = 4;
/** What one fitting word says, what each further word of the same label adds, and the most a label can say. */
const SURE = { one: 0.6, more: 0.15, most: 0.9 };
/** A customer's sentence is not much longer, and each of its words is compared with each label. */
const WORDS_MAX = 80;

/** Prepares the labels of pages. A label that several pages have says less about each of them. */
export function pageLabelIndex(
  pages: Iterable<{ readonly page: string; readonly labels: readonly string[] }>,
): LabelIndex {
  const labels = new Map<string, { words: readonly string[]; pages: Set<string> }>();
  for (const { page, labels: own } of pages)
    for (const label of own) {
      const words = smallLetterWords(label);
      if (words.length === 0) continue;
      const known = labels.get(words.join(" ")) ?? { words, pages: new Set() };
      known.pages.add(page);
      labels.set(words.join(" "), known);
    }
  const all = [...labels.values()];
  return { pagesFor: (question) => pagesFor(all, smallLetterWords(question).slice(0, WORDS_MAX)) };
}

function pagesFor(labels: readonly Label[], asked: readonly string[]): ReadonlyMap<string, number> {
  const unsure = new Map<string, number>();
  for (const { words, pages } of labels) {
    if (!words.every((word) => asked.some((said) => isForm(said, word)))) continue;
    const sure = Math.min(SURE.most, SURE.one + SURE.more * (words.length - 1)) / pages.size;
    for (const page of pages) unsure.set(page, (unsure.get(page) ?? 1) * (1 - sure));
  }
  return new Map([...unsure].map(([page, left]) => [page, 1 - left]));
}

/** Whether a word of a question is the label's word with another ending, or a compound that holds it. */
function isForm(said: string, word: string): boolean {
  if (said === word) return true;
  if (word.length < SAME_LETTERS_MIN) return false;
  if (word.length > SAME_LETTERS_MIN && said.includes(word)) return true;
  const letters = Math.max(SAME_LETTERS_MIN, Math.ceil(word.length * SAME_SHARE));
  return said.length <= word.length + ENDING_LETTERS_MAX && said.startsWith(word.slice(0, letters));
}

/** Words in small letters, accents included: they tell words apart in many languages. */
function smallLetterWords(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .normalize("NFC")
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

/** Ranks passages by words, by meaning and by the labels of their pages, in memory. */
import { type PassageWords, type Stems, wordIndexBuilder, type WordIndex } from "./word-index.ts";
import { passagePage } from "#core/contracts/knowledge.ts";
import type { VectorTable } from "./vectors.ts";

/** What is known about one wording of a question. */
export interface Question {
  readonly text: string;
  readonly stems: Stems;
  /** Null when it could not be computed: then words alone decide. */
  readonly vector: Float32Array | null;
}

/** The passages as a search sees them; a passage's number is its place among the ids. */
export interface Index {
  readonly ids: readonly string[];
  /** So many of the ids are passages; each further one stands for what its page names as unanswered. */
  readonly passages: number;
  readonly words: WordIndex;
  readonly labels: ReturnType<typeof pageLabelIndex>;
  /** Of length 1. */
  readonly vectors: VectorTable;
}

/** A passage that may answer the question. */
export interface Hit {
  readonly id: string;
  /** Comparable only between the hits of one question. */
  readonly order: number;
  /** 0 to 1: the share of the question's words that it has, weighted by rarity; a label of its page counts as words. */
  readonly covered: number;
  /** 0 to 1: nearness to the question's meaning; null where words alone decide. */
  readonly cosine: number | null;
  /** -1 to 1: by how much more of the question's words it has than what pages name as unanswered; null where none does. */
  readonly apart: number | null;
}

/**
 * What a passage's words and meaning, each as a share of the best passage's, and its page's labels weigh in its order:
 * labels stand for words that no passage has, and weigh less the more of them one has.
 */
const ORDER = { words: 0.4, meaning: 0.6, labels: 0.8 };

/** This many are given, far more than are read. */
const HITS_MAX = 100;

/** A passage as an index takes it in. */
export interface IndexedPassage extends PassageWords {
  readonly id: string;
  readonly labels?: readonly string[];
}

/** Takes the words and labels of passages as they are loaded; nothing is added after `built`. */
export function indexBuilder() {
  const ids: string[] = [];
  const labelled: { readonly page: string; readonly labels: readonly string[] }[] = [];
  const words = wordIndexBuilder();
  return {
    add({ id, labels = [], ...passage }: IndexedPassage): void {
      ids.push(id);
      if (labels.length > 0) labelled.push({ page: passagePage(id), labels });
      words.add(passagePage(id), passage);
    },
    /** The index of all that were added, numbered in their order, and behind them of what is named as unanswered. */
    built(unanswered: readonly IndexedPassage[] = []): Omit<Index, "vectors"> {
      const passages = ids.length;
      for (const { id, ...besides } of unanswered) {
        ids.push(id);
        words.add(`${passagePage(id)}?`, besides);
      }
      return { ids, passages, words: words.built(), labels: pageLabelIndex(labelled) };
    },
  };
}

/**
 * Orders passages by their words, their meaning and their labels, best first; what a passage has for several wordings of
 * one question is its mean. Only passages that suit are compared.
 */
export function fuse(
  wordings: readonly Question[],
  index: Index,
  suits: (id: string) => boolean = () => true,
): readonly Hit[] {
  const suiting = index.ids.flatMap((id, number) => (suits(id) ? [number] : []));
  const numbers = suiting.filter((number) => number < index.passages);
  const unanswered = suiting.slice(numbers.length);
  const all = wordings.map((wording) => weighed(wording, index, { numbers, unanswered }));
  const orders = mean(all.map((one) => one.orders));
  const covered = mean(all.map((one) => one.covered));
  const cosines = mean(all.flatMap((one) => one.cosines ?? []));
  const aparts = mean(all.map((one) => one.aparts));
  // What shares no word with the question says nothing of it.
  const isCompared = all.some(({ besides }) => besides > 0);
  return numbers
    .filter((number) => (orders[number] ?? 0) > 0)
    .toSorted((one, other) => (orders[other] ?? 0) - (orders[one] ?? 0))
    .slice(0, HITS_MAX)
    .map((number) => ({
      id: index.ids[number] ?? "",
      order: orders[number] ?? 0,
      covered: covered[number] ?? 0,
      cosine: cosines[number] ?? null,
      apart: isCompared ? (aparts[number] ?? 0) : null,
    }));
}

function weighed(
  { text, stems, vector }: Question,
  { ids, words, labels, vectors }: Index,
  {
    numbers,
    unanswered,
  }: { readonly numbers: readonly number[]; readonly unanswered: readonly number[] },
) {
  const { ranks, covered } = words.matches(stems);
  const cosines = vector === null ? null : vectors.nearness(vector, ids.length);
  const labelled = labels.pagesFor(text);
  // Where nothing fits there is nothing to share out.
  const best = (values: Float64Array, of: readonly number[] = numbers): number =>
    of.reduce((top, number) => Math.max(top, values[number] ?? 0), 0);
  const topRank = best(ranks) || 1;
  const topCosine = (cosines === null ? 0 : best(cosines)) || 1;
  const besides = best(ranks, unanswered);
  const unknown = 1 - best(covered);
  const aparts = ranks.map((rank) => (rank - besides) / Math.max(topRank, besides));
  const orders = ranks.map((rank, number) => {
    const called = labelled.size === 0 ? 0 : (labelled.get(passagePage(ids[number] ?? "")) ?? 0);
    covered[number] = Math.max(called, covered[number] ?? 0);
    return (
      (ORDER.words * rank) / topRank +
      (ORDER.meaning * (cosines?.[number] ?? 0)) / topCosine +
      ORDER.labels * unknown * called
    );
  });
  return { orders, covered, cosines, aparts, besides };
}

/** Place by place; empty for none. */
function mean(lists: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(), ...others] = lists;
  return first.map(
    (value, at) => others.reduce((sum, other) => sum + (other[at] ?? 0), value) / lists.length,
  );
}

// Finds pages by their labels: the words customers use for what a page is about, in any language.

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
) {
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
  return {
    /** How surely a question is about each page, 0 to 1, by the page's name; pages without a fitting label are absent. */
    pagesFor: (question: string) => pagesFor(all, smallLetterWords(question).slice(0, WORDS_MAX)),
  };
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

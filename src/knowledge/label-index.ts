/** Finds pages by their labels: the words customers use for what a page is about, in any language. */

/** What the labels say about a question. */
export interface LabelIndex {
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

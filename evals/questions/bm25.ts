/** Plain BM25 over whole pages, as a textbook has it: what any search has to beat. */
import type { Page } from "#knowledge/pages.ts";

const SATURATION = 1.2;
const LENGTH = 0.75;
const FILLERS = new Set(
  "a an and are as at be but by can do does for from how i if in is it me my no not of on or so that the there they this to was we what when where which who why will with you your".split(
    " ",
  ),
);

/** Gives the names of the pages that share a word with a question, best first. */
export function plainBm25(pages: readonly Page[]): (question: string) => readonly string[] {
  const documents = pages.map(({ slug, title, text }) => {
    const words = wordsIn(`${title} ${text}`);
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { slug, counts, length: words.length };
  });
  const mean = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  const rarity = (word: string): number => {
    const holding = documents.filter(({ counts }) => counts.has(word)).length;
    return Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5));
  };
  return (question) => {
    const asked = wordsIn(question).map((word) => ({ word, weight: rarity(word) }));
    return documents
      .map(({ slug, counts, length }) => {
        const damping = SATURATION * (1 - LENGTH + (LENGTH * length) / mean);
        const score = asked.reduce((sum, { word, weight }) => {
          const count = counts.get(word) ?? 0;
          return sum + (weight * count * (SATURATION + 1)) / (count + damping);
        }, 0);
        return { slug, score };
      })
      .filter(({ score }) => score > 0)
      .toSorted((one, other) => other.score - one.score)
      .map(({ slug }) => slug);
  };
}

/** English endings are cut off as roughly as twenty lines allow. */
function wordsIn(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words
    .filter((word) => !FILLERS.has(word))
    .map((word) => word.replace(/ies$/, "y").replace(/(?:ing|ed|es|s)$/, ""));
}

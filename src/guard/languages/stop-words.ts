/** Stop words by language, and how many of them a text contains. */
import { STOP_WORDS } from "./stop-word-lists.ts";

const SMALL_WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(STOP_WORDS).map(([language, list]) => [
    language,
    new Set(list.trim().split(/\s+/)),
  ]),
);

/**
 * The number of these words, in lower case, that are stop words of each language; languages without any are left out.
 */
export function stopWordsIn(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [language, small] of SMALL_WORDS) {
    let count = 0;
    for (const word of words) if (small.has(word)) count += 1;
    if (count > 0) counts.set(language, count);
  }
  return counts;
}

/** True for languages whose stop words are listed: a sentence in one of them hardly ever has none. */
export function hasStopWords(language: string): boolean {
  return SMALL_WORDS.has(language);
}

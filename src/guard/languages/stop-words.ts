/** Stop words by language, and how many of them a text contains. */
import { STOP_WORDS } from "./stop-word-lists.ts";

const SMALL_WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(STOP_WORDS).map(([language, list]) => [
    language,
    new Set(list.trim().split(/\s+/)),
  ]),
);

/** By stop word, its languages: most words are none, so one look-up is enough for them. */
const LANGUAGES_OF: ReadonlyMap<string, readonly string[]> = languagesByWord();

function languagesByWord(): Map<string, string[]> {
  const languages = new Map<string, string[]>();
  for (const [language, small] of SMALL_WORDS)
    for (const word of small) languages.set(word, [...(languages.get(word) ?? []), language]);
  return languages;
}

/**
 * The number of these words, in lower case, that are stop words of each language; languages without any are left out.
 */
export function stopWordsIn(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words)
    for (const language of LANGUAGES_OF.get(word) ?? [])
      counts.set(language, (counts.get(language) ?? 0) + 1);
  return counts;
}

/** True for languages whose stop words are listed: a sentence in one of them hardly ever has none. */
export function hasStopWords(language: string): boolean {
  return SMALL_WORDS.has(language);
}

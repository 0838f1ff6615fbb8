/** Detects the language of a text. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Eld from "eld/extrasmall";
import { isAscii } from "#text/matches.ts";
import { hasStopWords, stopWordsIn } from "./stop-words.ts";

/** Fewer words than these may be a name, a product or an order number, but show no language. */
const WORDS_MIN = 3;
/** From this many words on, the detector's result counts as well as the stop words. */
const SENTENCE_WORDS = 5;
/** Words in lower case: names, titles and lines of an address are capitalised. */
const PLAIN_WORDS_MIN = 2;
/** Letters of a script that is written without spaces or used by one language only. */
const OTHER_LETTERS_MIN = 4;
/** Languages that score this close to the best are told apart by their stop words, or not at all. */
const CLOSE = 0.04;
/** A language has to lead by this much when no stop word supports it. */
const CLEAR = 0.08;
/** A language with this share of the best score may be the language of a short text. */
const NEARLY = 0.9;
/** The detector reads the first 1,000 characters; no more than this is prepared for it. */
const CHARACTERS_MAX = 4_000;

const require = createRequire(import.meta.url);

/** A path, because the package offers itself by name to `import` alone, which this synchronous code cannot wait for. */
const DETECTOR = fileURLToPath(import.meta.resolve("eld/extrasmall"));

/**
 * The detector, loaded with the first text that needs it: it takes 88 MB and 0.1 s, and many a process (a web server, a
 * command) never asks for a language.
 */
function detector(): typeof Eld.eld {
  const { eld }: typeof Eld = require(DETECTOR);
  return eld;
}

/** Text that shows no language: links, addresses, anything with a digit in it. */
const CODES =
  /(?<!\S)\S*@\S*|\bhttps?:\S*|\bwww\.\S*|(?<![\w#€$£.,:/-])[\w#€$£.,:/-]*\d[\w#€$£.,:/-]*/gi;
/** Shop and screen words that occur in messages of every language. */
const EVERYWHERE =
  /(?<![\p{L}'])(?:orders?|refunds?|ok|okay|hi|hello|hallo|status|tracking|e-?mails?|mails?|login|log-in|account|password|reset|support|team|shop|tickets?|chat|links?|newsletter|pls|plz|thx|usb|app|online|service|info|no|si|re|fwd?)(?![\p{L}'])/giu;

/**
 * ISO 639-1 code of the language a text is written in; null when it is too short or the signs disagree. Measured on
 * short letters to a shop in twelve languages: the detector's own "reliable" flag uses the score alone and takes
 * "Refund 789 pls" for Danish, so here its lead and the stop words decide. The smallest of the detector's databases was
 * as accurate as the next one, at half of its 0.3 s and 150 MB.
 */
export function languageOf(text: string): string | null {
  return detected(text, () => false);
}

/**
 * True when `languageOf` names a language outside this set. Most texts say by their stop words alone that they are
 * inside, so that the detector need not be asked.
 */
export function isOutside(text: string, languages: ReadonlySet<string>): boolean {
  const language = detected(text, (leaders) => leaders.every((code) => languages.has(code)));
  return language !== null && !languages.has(language);
}

/** `isSettled` tells from the languages with the most stop words that it does not matter which of them it is. */
function detected(text: string, isSettled: (leaders: readonly string[]) => boolean): string | null {
  const plain = wordsAlone(text);
  if (isAscii(plain)) return latinScript(plain, isSettled);
  const letters = plain.match(/\p{L}/gu)?.length ?? 0;
  const latin = plain.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return letters - latin > latin
    ? otherScript(plain, letters - latin)
    : latinScript(plain, isSettled);
}

/**
 * True when the letter sequences suggest a language outside this set. It needs no sentence: two words are mostly
 * enough, and words common to every language count for nothing.
 */
export function speaksForOthers(text: string, languages: ReadonlySet<string>): boolean {
  const scores = Object.entries(detector().detect(wordsAlone(text)).getScores());
  const best = Math.max(0, ...scores.map(([, score]) => score));
  return (
    scores.length > 0 &&
    !scores.some(([code, score]) => languages.has(code) && score >= best * NEARLY)
  );
}

function wordsAlone(text: string): string {
  return text
    .slice(0, CHARACTERS_MAX)
    .normalize("NFC")
    .replaceAll("’", "'")
    .replace(CODES, " ")
    .replace(EVERYWHERE, " ")
    .replaceAll(/[^\p{L}\p{M}' -]+/gu, " ");
}

function otherScript(plain: string, letters: number): string | null {
  const found = detector().detect(plain);
  return letters >= OTHER_LETTERS_MIN && found.isReliable() ? found.language : null;
}

function latinScript(
  plain: string,
  isSettled: (leaders: readonly string[]) => boolean,
): string | null {
  const written = plain.match(/\p{L}[\p{L}\p{M}']*/gu) ?? [];
  // Text all in capitals is read as lower case.
  const shouts = !/\p{Ll}/u.test(plain);
  const plainWords = shouts ? written : written.filter((word) => /^\p{Ll}/u.test(word));
  if (written.length < WORDS_MIN || plainWords.length < PLAIN_WORDS_MIN) return null;
  const counts = stopWordsIn(written.map((word) => word.toLowerCase()));
  // One stop word may be a chance, and then the detector alone can decide for any language.
  if (Math.max(0, ...counts.values()) > 1 && isSettled(leadersOf(counts))) return null;
  const ranked = Object.entries(detector().detect(plain).getScores()).sort(([, a], [, b]) => b - a);
  return (
    speaksFor(ranked, counts, written.length >= SENTENCE_WORDS) ??
    (written.length > WORDS_MIN ? leader(ranked, counts) : null)
  );
}

type Ranked = readonly (readonly [string, number])[];

/**
 * Without stop words only a clear lead counts, and only for languages whose stop words are not listed. One word may
 * look like a stop word of another language by chance.
 */
function leader([best, second]: Ranked, counts: ReadonlyMap<string, number>): string | null {
  if (best === undefined || hasStopWords(best[0]) || Math.max(0, ...counts.values()) > 1)
    return null;
  return best[1] - (second?.[1] ?? 0) >= CLEAR ? best[0] : null;
}

/** The languages with the most stop words. */
function leadersOf(counts: ReadonlyMap<string, number>): readonly string[] {
  const most = Math.max(0, ...counts.values());
  return [...counts].filter(([, count]) => count === most).map(([code]) => code);
}

/**
 * The likely language that has the most stop words of all. A language the detector finds unlikely may have as many, but
 * not in a short text.
 */
function speaksFor(
  ranked: Ranked,
  counts: ReadonlyMap<string, number>,
  isSentence: boolean,
): string | null {
  const leaders = leadersOf(counts);
  if (leaders.length === 0 || (leaders.length > 1 && !isSentence)) return null;
  const top = ranked[0]?.[1] ?? 0;
  const likely = ranked.filter(([, score]) => score >= top - CLOSE).map(([code]) => code);
  const agreed = leaders.filter((code) => likely.includes(code));
  return agreed.length === 1 ? (agreed[0] ?? null) : null;
}

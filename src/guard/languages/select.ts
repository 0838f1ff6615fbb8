/**
 * Room: the languages the output check reads, one folder of word tables each.
 * In: one sentence or text.
 * Out: the language tables to read it with, or the first sentence in a language the check cannot read.
 * May touch: nothing.
 * Start here, then language.ts and en/grammar.ts.
 */
import { isOutside, speaksForOthers } from "./detect.ts";
import { isAscii } from "#text/matches.ts";
import { stopWordsIn } from "./stop-words.ts";
import { GERMAN } from "./acts/de.ts";
import { ENGLISH } from "./acts/en.ts";
import { ITALIAN } from "./acts/it.ts";
import { DUTCH } from "./acts/nl.ts";
import { POLISH } from "./acts/pl.ts";
import { PORTUGUESE } from "./acts/pt.ts";
import { SPANISH } from "./acts/es.ts";
import { DANISH } from "./acts/da.ts";
import { SWEDISH } from "./acts/sv.ts";
import { TURKISH } from "./acts/tr.ts";
import { FRENCH } from "./acts/fr.ts";
import { type ActGrammar, actGrammar } from "./acts/grammar.ts";
import { READ_LANGUAGES } from "./language.ts";

const GRAMMARS: readonly ActGrammar[] = [
  ENGLISH,
  GERMAN,
  FRENCH,
  SPANISH,
  ITALIAN,
  DUTCH,
  PORTUGUESE,
  POLISH,
  SWEDISH,
  DANISH,
  TURKISH,
].map(actGrammar);
const READ: ReadonlySet<string> = new Set(READ_LANGUAGES);

/** Pictographs that carry meaning, such as a check mark; faces, hearts and a waving hand only set the tone. */
const SAYS_SOMETHING =
  /(?![\u{1F600}-\u{1F64F}\u{1F910}-\u{1F92F}\u{1F970}-\u{1F97A}\u{1F490}-\u{1F49F}\u{1F44B}\u{2639}\u{263A}\u{2665}\u{2764}])[\u{2600}-\u{27BF}\u{2B00}-\u{2BFF}\u{1F000}-\u{1FAFF}]/u;
const WORD = /[\p{L}']+/gu;
/** A language with this share of the likeliest one's stop words may be the language of a part. */
const LIKELY = 0.75;
/** No more than this is checked word by word: a sentence shows its language early. */
const CHARACTERS_MAX = 600;

/**
 * The tables a sentence is read with: those of the languages whose stop words it contains, so that a sentence in two
 * languages is read as both; all of them when none fits, as in "Refund issued".
 */
export function grammarsFor(sentence: string): readonly ActGrammar[] {
  const counts = stopWordsIn(lowerCaseWords(sentence));
  const countOf = ({ language }: ActGrammar): number => counts.get(language) ?? 0;
  const most = Math.max(0, ...GRAMMARS.map(countOf));
  if (most < 2) return GRAMMARS;
  const likely = GRAMMARS.filter((grammar) => countOf(grammar) >= most * LIKELY);
  return likely.filter(
    (grammar) =>
      !ALIKE.has(grammar.language) ||
      likely.every((other) => !ALIKE.has(other.language) || countOf(other) <= countOf(grammar)),
  );
}

/** Swedish and Danish share most of their small words: the one with more of them is meant. */
const ALIKE: ReadonlySet<string> = new Set(["sv", "da"]);

/**
 * The first sentence in a language the check does not read, or null, so that the check knows where its reading ends.
 * Names and quoted titles inside a readable sentence do not count, nor does a sentence of `known` words: those of the
 * sources and the names of the requester, in lower case, which few texts need.
 */
export function unreadSentence(
  text: string,
  sentences: readonly string[],
  known: () => ReadonlySet<string>,
): string | null {
  const found = sentences.find(
    (sentence) => isUnread(sentence, 2) || isUnreadWithoutSmallWords(sentence, known),
  );
  if (found !== undefined) return found.trim();
  // A single such word may be a name, unless the text contains nothing else.
  if (isUnread(text.slice(0, CHARACTERS_MAX), 1)) return text.trim();
  return isOutside(text, READ) ? text.trim() : null;
}

/**
 * A few words without a stop word of a readable language: the letters show the language. A pictograph next to them says
 * something unread: "Refund ✔".
 */
function isUnreadWithoutSmallWords(sentence: string, known: () => ReadonlySet<string>): boolean {
  const part = sentence.slice(0, CHARACTERS_MAX);
  const words = lowerCaseWords(part);
  const counts = stopWordsIn(words);
  if (words.length === 0 || [...READ].some((language) => counts.has(language))) return false;
  if (SAYS_SOMETHING.test(part)) return true;
  const strange = part.replace(WORD, (word) => (known().has(word.toLowerCase()) ? " " : word));
  return speaksForOthers(strange, READ);
}

function isUnread(text: string, strangeMin: number): boolean {
  if (!isAscii(text)) {
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
    if (letters - latin > latin) return true;
  }
  const words = lowerCaseWords(text);
  if (words.some((word) => DONE_UNREAD.has(word))) return true;
  const counts = stopWordsIn(words);
  const count = (isRead: boolean): number =>
    Math.max(0, ...[...counts].filter(([code]) => READ.has(code) === isRead).map(([, n]) => n));
  return words.length > 2 && count(false) > count(true) && count(false) >= strangeMin;
}

/** The words at the beginning of a text, in lower case. */
function lowerCaseWords(text: string): readonly string[] {
  return text.slice(0, CHARACTERS_MAX).toLowerCase().match(WORD) ?? [];
}

/** Words of unread languages that alone say that something was done. */
const DONE_UNREAD: ReadonlySet<string> = new Set(
  `refundert tilbakebetalt kansellert avbestilt palautettu hyvitetty peruutettu`.split(/\s+/),
);

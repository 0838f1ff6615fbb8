/** Tells sentences of English, in which the check reads what a reply says was done, from those of other languages. */
import { isOutside, speaksForOthers } from "./detect.ts";
import { isAscii } from "#text/matches.ts";
import { stopWordsIn } from "./stop-words.ts";

const READ: ReadonlySet<string> = new Set(["en"]);

/** Pictographs that carry meaning, such as a check mark; faces, hearts and a waving hand only set the tone. */
const SAYS_SOMETHING =
  /(?![\u{1F600}-\u{1F64F}\u{1F910}-\u{1F92F}\u{1F970}-\u{1F97A}\u{1F490}-\u{1F49F}\u{1F44B}\u{2639}\u{263A}\u{2665}\u{2764}])[\u{2600}-\u{27BF}\u{2B00}-\u{2BFF}\u{1F000}-\u{1FAFF}]/u;
const WORD = /[\p{L}']+/gu;
/** A language with this share of the likeliest one's stop words may be the language of a part. */
const LIKELY = 0.75;
/** No more than this is checked word by word: a sentence shows its language early. */
const CHARACTERS_MAX = 600;

/**
 * Whether a sentence may be English: it has nearly as many small words of it as of any other language, as one in two
 * languages has, or hardly any, as "Refund issued".
 */
export function mayBeEnglish(sentence: string): boolean {
  const counts = stopWordsIn(lowerCaseWords(sentence));
  const most = Math.max(0, ...counts.values());
  return most < 2 || (counts.get("en") ?? 0) >= most * LIKELY;
}

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
  if (words.length === 0 || counts.has("en")) return false;
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
  const strange = Math.max(0, ...[...counts].flatMap(([code, n]) => (code === "en" ? [] : [n])));
  return words.length > 2 && strange > (counts.get("en") ?? 0) && strange >= strangeMin;
}

/** The words at the beginning of a text, in lower case. */
function lowerCaseWords(text: string): readonly string[] {
  return text.slice(0, CHARACTERS_MAX).toLowerCase().match(WORD) ?? [];
}

/** Words of unread languages that alone say that something was done. */
const DONE_UNREAD: ReadonlySet<string> = new Set(
  `refundert tilbakebetalt kansellert avbestilt palautettu hyvitetty peruutettu`.split(/\s+/),
);

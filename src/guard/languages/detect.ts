import { eld } from "eld/extrasmall";
import { hasStopWords, stopWordsIn } from "./stop-words.ts";

/** Fewer words than these tell a name, a product or an order number, but no language. */
const WORDS_MIN = 3;
/** From here on a detector's word counts beside the small words. */
const SENTENCE_WORDS = 5;
/** Words in small letters: names, titles and lines of an address are written in capitals. */
const PLAIN_WORDS_MIN = 2;
/** Letters of a script that is written without spaces or has one language only. */
const OTHER_LETTERS_MIN = 4;
/** Languages that score this close to the best are told apart by their small words, or not at all. */
const CLOSE = 0.04;
/** What stands alone has to lead by this much when no small word speaks for it. */
const CLEAR = 0.08;
/** A language with this share of the best score may be the one of a few words. */
const NEARLY = 0.9;
/** The detector reads the first 1,000 characters; more is not even prepared for it. */
const CHARACTERS_MAX = 4_000;

/** What says nothing about a language: links, addresses, anything with a digit in it. */
const CODES = /\S*@\S*|\bhttps?:\S*|\bwww\.\S*|[\w#€$£.,:/-]*\d[\w#€$£.,:/-]*/gi;
/** Words of shops and screens that stand in letters of every language. */
const EVERYWHERE =
  /(?<![\p{L}'])(?:orders?|refunds?|ok|okay|hi|hello|hallo|status|tracking|e-?mails?|mails?|login|log-in|account|password|reset|support|team|shop|tickets?|chat|links?|newsletter|pls|plz|thx|usb|app|online|service|info|no|si|re|fwd?)(?![\p{L}'])/giu;

/**
 * ISO 639-1 code of the language a text is written in; null when it is too short or the signs do not agree. Measured on
 * short letters to a shop in twelve languages: the detector's own word for "reliable" looks at the score alone and takes
 * "Refund 789 pls" for Danish, so how far it leads and the small words decide here. The smallest of the detector's
 * databases was as right as the next one, at half of its 0.3 s and 150 MB.
 */
export function languageOf(text: string): string | null {
  const plain = wordsAlone(text);
  const letters = plain.match(/\p{L}/gu)?.length ?? 0;
  const latin = plain.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return letters - latin > latin ? otherScript(plain, letters - latin) : latinScript(plain);
}

/**
 * True when the rows of letters speak for none of these languages, though for another one. It needs no sentence: two
 * words are mostly enough, and words that stand in letters of every language say nothing.
 */
export function speaksForOthers(text: string, languages: ReadonlySet<string>): boolean {
  const scores = Object.entries(eld.detect(wordsAlone(text)).getScores());
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
  const found = eld.detect(plain);
  return letters >= OTHER_LETTERS_MIN && found.isReliable() ? found.language : null;
}

function latinScript(plain: string): string | null {
  const written = plain.match(/\p{L}[\p{L}\p{M}']*/gu) ?? [];
  // Whoever writes in capitals only means them as small letters.
  const shouts = !/\p{Ll}/u.test(plain);
  const plainWords = shouts ? written : written.filter((word) => /^\p{Ll}/u.test(word));
  if (written.length < WORDS_MIN || plainWords.length < PLAIN_WORDS_MIN) return null;
  const ranked = Object.entries(eld.detect(plain).getScores()).sort(([, a], [, b]) => b - a);
  const counts = stopWordsIn(written.map((word) => word.toLowerCase()));
  return (
    speaksFor(ranked, counts, written.length >= SENTENCE_WORDS) ??
    (written.length > WORDS_MIN ? leader(ranked, counts) : null)
  );
}

type Ranked = readonly (readonly [string, number])[];

/**
 * Without small words only a clear lead counts, and only for languages whose small words are not listed. One may look
 * like a small word of another language by chance.
 */
function leader([best, second]: Ranked, counts: ReadonlyMap<string, number>): string | null {
  if (best === undefined || hasStopWords(best[0]) || Math.max(0, ...counts.values()) > 1)
    return null;
  return best[1] - (second?.[1] ?? 0) >= CLEAR ? best[0] : null;
}

/**
 * The one among the likely languages that has the most small words of all. Another language may have as many when the
 * detector finds it unlikely, but not in a few words.
 */
function speaksFor(
  ranked: Ranked,
  counts: ReadonlyMap<string, number>,
  isSentence: boolean,
): string | null {
  const most = Math.max(0, ...counts.values());
  const leaders = [...counts].filter(([, count]) => count === most).map(([code]) => code);
  if (most === 0 || (leaders.length > 1 && !isSentence)) return null;
  const top = ranked[0]?.[1] ?? 0;
  const likely = ranked.filter(([, score]) => score >= top - CLOSE).map(([code]) => code);
  const agreed = leaders.filter((code) => likely.includes(code));
  return agreed.length === 1 ? (agreed[0] ?? null) : null;
}

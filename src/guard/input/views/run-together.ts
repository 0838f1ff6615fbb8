/** Finds the words of attacks where they are written without spaces. */
import { ATTACK_PHRASES } from "#guard/input/injection-rules.ts";
import { wordsOfSteps } from "#text/phrase-matcher.ts";
import { COMMON_WORDS, FREQUENT, STRONG } from "./common-words.ts";

/** Letters in a row, as no word of a language without long compounds has them. */
const RUN = /[a-z]{18,400}/gi;
const WORD_MAX = 16;
/** The share of the letters of a run that must be known words. */
const KNOWN_SHARE_MIN = 0.8;

const SINGLE: ReadonlySet<string> = new Set([
  ...FREQUENT,
  ...STRONG,
  ...ATTACK_PHRASES.flatMap(({ words }) => wordsOfSteps(words)).filter((word) =>
    /^[a-z]+$/.test(word),
  ),
  "a",
  "i",
  "full",
  "order",
]);
/** Without those that are two others run together, as "systemprompt" in German. */
const WORDS: ReadonlySet<string> = new Set([...SINGLE].filter((word) => !isTwoWords(word)));

function isTwoWords(word: string): boolean {
  for (let cut = 4; cut <= word.length - 4; cut += 1)
    if (SINGLE.has(word.slice(0, cut)) && SINGLE.has(word.slice(cut))) return true;
  return false;
}

/** Only runs with a word of attacks in them are worth cutting. */
const HAS_STRONG = new RegExp(STRONG.join("|"), "i");

/** The runs of a text with their words apart, in lower case; runs that are not made of known words are left out. */
export function knownWords(text: string): readonly string[] {
  return (text.match(RUN) ?? [])
    .filter((run) => HAS_STRONG.test(run))
    .map(apart)
    .filter((run) => run !== "");
}

/** The way to cut a run that leaves the fewest letters outside known words; empty where too many are left. */
function apart(run: string): string {
  const letters = run.toLowerCase();
  const costs = [0];
  const starts = [0];
  for (let end = 1; end <= letters.length; end += 1) {
    let cost = (costs[end - 1] ?? 0) + 1;
    let start = end - 1;
    for (let from = Math.max(0, end - WORD_MAX); from < end; from += 1) {
      const before = costs[from] ?? 0;
      // A small price for each word: one long word is likelier than two short ones.
      if (before + 0.1 >= cost || !WORDS.has(letters.slice(from, end))) continue;
      cost = before + 0.1;
      start = from;
    }
    costs[end] = cost;
    starts[end] = start;
  }
  if ((costs[letters.length] ?? 0) > letters.length * (1 - KNOWN_SHARE_MIN) + 2) return "";
  return joinedBack(letters, starts, WORDS);
}

/** Letters between known words stay together. */
function joinedBack(
  letters: string,
  starts: readonly number[],
  known: { readonly has: (word: string) => boolean },
): string {
  const words: string[] = [];
  let rest = "";
  for (let end = letters.length; end > 0; end = starts[end] ?? 0) {
    const word = letters.slice(starts[end] ?? 0, end);
    if (word.length === 1 && !known.has(word)) {
      rest = word + rest;
      continue;
    }
    if (rest !== "") words.push(rest);
    rest = "";
    words.push(word);
  }
  if (rest !== "") words.push(rest);
  return words.toReversed().join(" ");
}

/** More letters than this are not cut, so that a text of nothing else costs no more than others. */
const CUT_MAX = 6_000;
/** Pieces that may be one word stay as they are. */
const PIECE_MIN = 5;
/** What a letter outside all words costs: more than a rare word's share of it. */
const LETTER_COST = 6;
/** The less frequent a word, the more it costs (Zipf's law), so that few and frequent words win. */
const WORD_COSTS: ReadonlyMap<string, number> = new Map(
  [...new Set([...COMMON_WORDS, ...SINGLE])].map((word, rank, all) => [
    word,
    // A letter that is a word by itself is hardly ever one in the midst of others.
    word.length === 1 ? LETTER_COST - 1 : Math.log((rank + 2) * Math.log(all.length)),
  ]),
);

/** Long pieces of a text cut into words of English; what is none stays together. For texts of which the spaces are lost. */
export function cutIntoWords(text: string): string {
  return text.slice(0, CUT_MAX).replaceAll(/[a-z]+/gi, (piece) => {
    if (piece.length < PIECE_MIN) return piece;
    const letters = piece.toLowerCase();
    const costs = [0];
    const starts = [0];
    for (let end = 1; end <= letters.length; end += 1) {
      let cost = (costs[end - 1] ?? 0) + LETTER_COST;
      let start = end - 1;
      for (let from = Math.max(0, end - WORD_MAX); from < end; from += 1) {
        const word = WORD_COSTS.get(letters.slice(from, end));
        if (word === undefined || (costs[from] ?? 0) + word >= cost) continue;
        cost = (costs[from] ?? 0) + word;
        start = from;
      }
      costs[end] = cost;
      starts[end] = start;
    }
    return joinedBack(letters, starts, WORD_COSTS);
  });
}

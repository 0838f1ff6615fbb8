/** The ASCII spelling that the language tables' patterns match against, and tables of words in it. */

import { isAscii } from "./normalize.ts";

/**
 * Accented letters, each with a capital that stands for it, or with the plain letter where no language has two words
 * that differ in it alone. Texts are lower-cased first, so capitals are free; the
 * result is ASCII, in which `\b` and `\w` work as intended and patterns are small and fast. With the equivalent Unicode
 * classes the tables took seconds to compile.
 */
const STAND_INS = new Map(
  "éE èK êH ëJ àA âB äD áF îG ïL íI ôM öO óP ûQ ùR üU úV çC ñN ßS œT ÿY åW æX ãZ ąa ćc ęe łl ńn śs źz żz ìi òo õo øo ğg ıi şs"
    .split(" ")
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);
const NOT_ASCII = /[\u0080-\uFFFF]/g;
const CURLY = /[’‘ʼ]/g;

/** A text in lower case with stand-ins; every position stays that of the original text. */
export function spelled(text: string): string {
  // The Turkish capital becomes two letters in lower case.
  const small = text.replaceAll("İ", "i").toLowerCase();
  if (isAscii(small) && small.length === text.length) return small;
  // A few capitals become two letters in lower case; keeping positions matters more than those.
  const kept =
    small.length === text.length
      ? small
      : text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return standIns(kept.replace(CURLY, "'"));
}

/** Maximum length of a word, and of an amount's digits. */
const WORD_MAX = 30;
const DIGITS_MAX = 15;

/**
 * A pattern for spelled texts. The source is written in lower case, with accents where they belong. Runs of letters and
 * digits are bounded, so that searching a text takes linear time whatever is repeated there.
 */
export function pattern(source: string, flags = ""): RegExp {
  const bounded = source
    .replaceAll(/(?<!\[)\\w\+/g, String.raw`\w{1,${WORD_MAX}}`)
    .replaceAll(/(?<!\[)\\w\*/g, String.raw`\w{0,${WORD_MAX}}`)
    .replaceAll(/(?<!\[)\\w\{(\d),\}/g, String.raw`\w{$1,${WORD_MAX}}`)
    .replaceAll(String.raw`[\d.,]*`, `[\\d.,]{0,${DIGITS_MAX}}`);
  return new RegExp(standIns(bounded), flags);
}

/** By word, in this spelling, what it stands for. Each list has the words of one value. */
export function byWord<Value>(
  lists: Iterable<readonly [value: Value, words: string]>,
  between = " ",
): ReadonlyMap<string, Value> {
  return new Map(
    [...lists].flatMap(([value, words]) =>
      words.split(between).map((word): [string, Value] => [spelled(word), value]),
    ),
  );
}

/** The source of a pattern for any of these words, longer ones first. */
export function wordAlternatives(words: Iterable<string>): string {
  return [...words].sort((a, b) => b.length - a.length).join("|");
}

function standIns(text: string): string {
  return text.replace(NOT_ASCII, (letter) => STAND_INS.get(letter) ?? letter);
}

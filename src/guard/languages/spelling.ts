/**
 * Letters with accents, each with a capital that stands for it. Texts are put in small letters first, so capitals are
 * free; what is left is ASCII, in which `\b` and `\w` mean what they should and patterns are small and quick. With the
 * Unicode classes that say the same, the tables took seconds to compile.
 */
const STAND_INS = new Map(
  "éE èK êH ëJ àA âB äD áF îG ïL íI ôM öO óP ûQ ùR üU úV çC ñN ßS œT ÿY åW æX ãZ"
    .split(" ")
    .map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);
const NOT_ASCII = /[\u0080-\uFFFF]/g;
const CURLY = /[’‘ʼ]/g;

/** A text in small letters with stand-ins, place by place as long as the text itself. */
export function spelled(text: string): string {
  const small = text.toLowerCase();
  // A few capitals become two letters; places count more than those.
  const kept = small.length === text.length ? small : text.replaceAll(/[A-Z]+/g, lowered);
  return standIns(kept.replace(CURLY, "'"));
}

/** No word is longer, and no amount has more digits. */
const WORD_MAX = 30;
const DIGITS_MAX = 15;

/**
 * A pattern for spelled texts. The source is written in small letters, with accents where they belong. Runs of letters
 * and digits get an end, so that looking through a text takes time in proportion to it, whatever is repeated there.
 */
export function pattern(source: string, flags = ""): RegExp {
  const bounded = source
    .replaceAll(/(?<!\[)\\w\+/g, String.raw`\w{1,${WORD_MAX}}`)
    .replaceAll(/(?<!\[)\\w\*/g, String.raw`\w{0,${WORD_MAX}}`)
    .replaceAll(/(?<!\[)\\w\{(\d),\}/g, String.raw`\w{$1,${WORD_MAX}}`)
    .replaceAll(String.raw`[\d.,]*`, `[\\d.,]{0,${DIGITS_MAX}}`);
  return new RegExp(standIns(bounded), flags);
}

/** Several of them, any of which may match. */
export function anyOf(...sources: readonly string[]): RegExp {
  return pattern(sources.join("|"));
}

function standIns(text: string): string {
  return text.replace(NOT_ASCII, (letter) => STAND_INS.get(letter) ?? letter);
}

function lowered(letters: string): string {
  return letters.toLowerCase();
}

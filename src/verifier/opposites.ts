/** Tells a statement that denies what its quote affirms word for word from one that says the same, and compares words. */
import type { Source } from "#core/contracts/guard.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { isSmallWord } from "#guard/languages/detect.ts";
import { hasDenial } from "#guard/languages/sentence-words.ts";
import type { Stretch } from "./folded.ts";
import type { Statement } from "./request.ts";

/** A statement as it stands in the reply. */
export interface Said extends Statement {
  /** The whole sentence around it. */
  readonly sentence: string;
  /** Whether a reader that was asked again stands by it. */
  readonly insists: boolean;
}

/** A quote that was found. */
export interface Quoted {
  readonly source: Source;
  readonly quote: string;
  /** With the rest of its lines, where its source is a record. */
  readonly words: string;
  readonly stretches: readonly Stretch[];
}

/**
 * A statement that is its quote, or the sentence around it, word for word but for a "not". Whether other words say yes or
 * no is for the reader to tell: code only guesses at it.
 */
export function oppositeRemark(text: string, { source, stretches }: Quoted): string | null {
  const isOpposite = stretches.some(({ start, end }) => {
    const around = sentencePieces(source.text).filter((one) => one.start < end && start < one.end);
    return [around.map((one) => one.text).join(" "), source.text.slice(start, end)].some(
      (quote) => hasDenial(text) !== hasDenial(quote) && affirmed(text) === affirmed(quote),
    );
  });
  if (!isOpposite) return null;
  return hasDenial(text)
    ? "the source says that it is so, not that it is not: write what it says"
    : "the source says that it is not so: write what it says";
}

/**
 * A statement without a "no" that rests on fields which the record leaves empty, or has the words of a sentence that says
 * no. A guess: an honest one may say it otherwise, and a reader that was told of it and stands by it knows better.
 */
export function unshownRemark(text: string, quoted: readonly Quoted[]): string | null {
  if (quoted.length === 0 || hasDenial(text)) return null;
  const isShown = quoted.some((one) => !(isEmpty(one) || deniesSameWords(text, one)));
  return isShown ? null : "what was given for it says no, or leaves it empty: write what it says";
}

function isEmpty({ source, words }: Quoted): boolean {
  return isFields(source) && words.split("\n").every((line) => /\bnone\s*$/.test(line));
}

function deniesSameWords(text: string, { source, quote }: Quoted): boolean {
  if (isFields(source) || !hasDenial(quote)) return false;
  const sorted = (words: string): string => tellingWords(words).toSorted().join(" ");
  return sorted(text) === sorted(quote);
}

/** Its words, without those that deny. */
function affirmed(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
  return words
    .map((word) => word.replace(/^can(?:not|['’]t)$/, "can").replace(/n['’]t$/, ""))
    .filter((word) => word !== "" && !hasDenial(word))
    .join(" ");
}

/** Whether its text is fields with values, and no sentences. */
export function isFields({ kind }: Source): boolean {
  return kind === "record" || kind === "action";
}

/** The words of a text that are no small ones, each by its beginning. */
export function tellingWords(text: string): readonly string[] {
  const told = (text.toLowerCase().match(/\p{L}{4,}/gu) ?? [])
    .filter((one) => !TELLS_NOTHING.has(one) && !isSmallWord(one) && !hasDenial(one))
    .map((one) => one.replace(/s$/, "").slice(0, STEM_CHARACTERS));
  // A page's title stands beside its first sentence.
  return [...new Set(told)];
}

/** "Under 10.00 USD" says what is compared, and not what becomes of it. */
const TELLS_NOTHING = new Set(["order", "under", "over", "above", "below"]);

const STEM_CHARACTERS = 5;

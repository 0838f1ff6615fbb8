/** Finds sentences of a reply that are not in the customer's language. */
import type { Receipts } from "#core/contracts/guard.ts";
import { isOutside, detectedLanguage } from "#guard/languages/detect.ts";
import { quotedFrom } from "./passage-quotes.ts";

/** Sentences are checked one by one; a reply shows its language early. */
const SENTENCES_MAX = 40;
/** A shorter sentence may be a title or a name. */
const WORDS_MIN = 8;
/** Languages so similar that one is easily taken for another. */
const ALIKE: readonly ReadonlySet<string>[] = [
  new Set(["da", "no", "nb", "nn", "sv"]),
  new Set(["es", "pt", "gl", "ca"]),
  new Set(["cs", "sk"]),
  new Set(["hr", "sr", "bs", "sl"]),
  new Set(["id", "ms"]),
  new Set(["ru", "uk", "be", "bg"]),
];
const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/**
 * The first sentence in another language than the customer's, with what to do about it; null when the reply is in
 * theirs, or either language is uncertain.
 */
export function otherLanguage(
  sentences: readonly string[],
  { language, passages }: Receipts,
): { readonly words: string; readonly reason: string; readonly remedy: string } | null {
  if (language === null) return null;
  const isQuoted = quotedFrom(passages);
  const alike = ALIKE.filter((set) => set.has(language)).flatMap((set) => [...set]);
  const allowed = new Set([language, ...alike]);
  const isOther = (text: string): boolean => isOutside(text, allowed);
  const own = sentences.slice(0, SENTENCES_MAX).filter((sentence) => !isQuoted({ text: sentence }));
  const long = own.find((sentence) => wordCount(sentence) >= WORDS_MIN && isOther(sentence));
  const words = long ?? (isOther(own.join(" ")) ? (own.find(isOther) ?? own[0]) : undefined);
  if (words === undefined) return null;
  const name = languageName(language);
  const found = detectedLanguage(words) ?? detectedLanguage(own.join(" "));
  const draft = found === null ? "in another language" : languageName(found);
  return {
    words,
    reason: `the customer writes ${name}, the draft is ${draft}`,
    remedy: `write in ${name}`,
  };
}

function languageName(language: string): string {
  return NAMES.of(language) ?? language;
}

function wordCount(sentence: string): number {
  return sentence.match(/\p{L}+/gu)?.length ?? 0;
}

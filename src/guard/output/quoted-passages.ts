/** Recognises sentences quoted from help pages. */
import type { Receipts } from "#core/contracts/guard.ts";
import { READ_MAX } from "#text/normalize.ts";

/** Shorter sentences match by chance: "We will refund you". */
const QUOTED_LETTERS_MIN = 20;

/** A help page's sentence, quoted word for word, says how things work in general. Each sentence is compared once. */
export function quotedFrom(
  passages: Receipts["passages"],
): (sentence: { readonly text: string }) => boolean {
  const pages = passages.map(({ text }) => lettersOf(text));
  const seen = new Map<string, boolean>();
  return ({ text }) => {
    const known = seen.get(text);
    if (known !== undefined) return known;
    const words = lettersOf(text);
    const quoted = words.length > QUOTED_LETTERS_MIN && pages.some((page) => page.includes(words));
    seen.set(text, quoted);
    return quoted;
  };
}

function lettersOf(text: string): string {
  return text
    .slice(0, READ_MAX)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

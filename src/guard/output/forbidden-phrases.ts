/** Finds phrases in a draft that must never go out. */
import { spelled } from "#guard/languages/spelling.ts";
import { literally } from "#core/values/words.ts";

/**
 * The forbidden phrases a text contains, as they stand there. Case, line ends and the kind of apostrophe make no
 * difference; a phrase matches whole words, so "sure" is not found in "measure".
 */
export function forbiddenIn(text: string, forbidden: readonly string[]): readonly string[] {
  const plain = spelled(text);
  return forbidden.flatMap((phrase) => {
    const found = patternOf(phrase)?.exec(plain);
    return found === null || found === undefined
      ? []
      : [text.slice(found.index, found.index + found[0].length)];
  });
}

function patternOf(phrase: string): RegExp | null {
  const parts = spelled(phrase.normalize("NFKC")).trim().split(/\s+/).map(literally);
  return parts.join("") === "" ? null : new RegExp(`(?<!\\w)${parts.join("\\s+")}(?!\\w)`);
}

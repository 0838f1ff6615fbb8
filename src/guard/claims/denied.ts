/** Tells a clause that states something from one that denies it or leaves it open. */
import type { ActGrammar } from "#guard/languages/acts/grammar.ts";

/** Whether a clause denies, or speaks of what is possible or wished. */
export function isDenied(plain: string, { negation, possible }: ActGrammar): boolean {
  return negation.test(plain) || possible.test(plain);
}

/** As many words that mean nothing: an auxiliary and its verb stand as far apart as before. */
export function fillers(words: string): string {
  return words.replaceAll(/\w/g, "_");
}

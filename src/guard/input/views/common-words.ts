/** Words by which a text that stands in reverse order, or has lost its spaces, is told. */
import { ATTACK_PHRASES } from "#guard/input/injection-rules.ts";
import { wordsOfSteps } from "#text/phrase-matcher.ts";

/** English words of nearly every text. */
export const FREQUENT: readonly string[] = wordsIn(
  `the and you your are this that with for from have will not all any what when who now then them they there here only
  about above before after into over just like must should would could can may does don't do say said tell give show
  send make take use put let me my mine we our us is it its as at by of on or to if be so no yes an in were was been did get got him her their out up new more other every had has do go see`,
);

/** English words of attacks. One of these in a run of letters is worth a look. */
export const STRONG: readonly string[] = wordsIn(
  `ignore disregard forget override bypass instruction instructions previous prompt prompts system assistant reveal
  password refund refunds approve approved approval customer customers address addresses secret hidden rules guidelines
  developer administrator unrestricted jailbreak execute pretend message everything verification restrictions policy`,
);

/** Those, and the words of the rules. Shorter ones stand inside other words. */
export const ATTACK_WORDS: readonly string[] = [
  ...new Set([...STRONG, ...ATTACK_PHRASES.flatMap(({ words }) => wordsOfSteps(words))]),
].filter((word) => /^[a-z]{4,}$/.test(word));

function wordsIn(list: string): readonly string[] {
  return list.split(/\s+/);
}

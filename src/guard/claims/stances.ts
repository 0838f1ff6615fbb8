/**
 * Reads what a text says of each kind of act, yes or no: "I have refunded it" says yes to a refund, "we cannot refund it"
 * says no. A question, a wish, a rule and a bare possibility say neither.
 */
import type { Clause, Piece } from "#guard/output/sentences.ts";
import { clausesIn } from "./acts.ts";
import { ENGLISH } from "./deed-grammar.ts";

/** What one sentence says of one kind of act. */
export interface Stance {
  readonly name: string;
  readonly says: "yes" | "no";
  /** True for what was done or is on its way, as against what is promised or granted. */
  readonly isDone: boolean;
  readonly sentence: Piece;
}

/** Longer texts are no answers of a person. */
const CHARACTERS_MAX = 20_000;

/** Every stance of the English sentences of a text, in their order. */
export function stancesIn(text: string): readonly Stance[] {
  return [...clausesIn(text.slice(0, CHARACTERS_MAX))].flatMap(
    ({ piece, clause, acts }): readonly Stance[] =>
      acts.length > 0
        ? acts.map(({ name, form }) => ({
            name,
            says: "yes",
            isDone: form === "done" || form === "underway",
            sentence: piece,
          }))
        : deniedIn(clause).map((name) => ({ name, says: "no", isDone: false, sentence: piece })),
  );
}

/** The acts a clause denies: those it would tell without its "not" and "can". */
function deniedIn({ plain, sentence }: Clause): readonly string[] {
  if (sentence.isQuestion || sentence.isConditional || !ENGLISH.negation.test(plain)) return [];
  const affirmed = [ENGLISH.negation, ENGLISH.possible].reduce(
    (words, taken) =>
      words.replace(new RegExp(taken.source, `${taken.flags.replace("g", "")}g`), " "),
    plain,
  );
  return ENGLISH.classes
    .filter(
      ({ own, nouns, granted, rule }) =>
        nouns?.test(plain) === true ||
        granted?.test(plain) === true ||
        rule?.test(affirmed) === true ||
        own.some(({ pattern }) => pattern.test(affirmed)),
    )
    .map(({ name }) => name);
}

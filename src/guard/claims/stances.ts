/**
 * Reads what a text says of each kind of act, yes or no: "I have refunded it" says yes to a refund, "we cannot refund it"
 * says no. A question, a wish, a rule and a bare possibility say neither.
 */
import type { ActClass } from "#guard/languages/acts/act-words.ts";
import type { ActGrammar } from "#guard/languages/acts/grammar.ts";
import { grammarsFor } from "#guard/languages/select.ts";
import { type Clause, type Piece, readSentence, sentencePieces } from "#guard/output/sentences.ts";
import { type Act, type ActReading, actsIn } from "./acts.ts";

/** What one sentence says of one kind of act. */
export interface Stance {
  readonly name: ActClass;
  readonly says: "yes" | "no";
  /** True for what was done or is on its way, as against what is promised or granted. */
  readonly isDone: boolean;
  readonly sentence: Piece;
}

/** Longer texts are no answers of a person. */
const CHARACTERS_MAX = 20_000;

/** Every stance of a text, in its order. */
export function stancesIn(text: string): readonly Stance[] {
  const found: Stance[] = [];
  let spoken: ActReading["spoken"] = null;
  for (const sentence of sentencePieces(text.slice(0, CHARACTERS_MAX)))
    for (const grammar of grammarsFor(sentence.text)) {
      let act: Act | null = null;
      let isOpen = false;
      for (const clause of readSentence(sentence, grammar)) {
        const reading: ActReading = actsIn(clause, { spoken, here: spoken, act, isOpen });
        isOpen = reading.isOpen;
        act = reading.acts[0] ?? act;
        spoken = reading.spoken ?? spoken;
        for (const { name, form } of reading.acts)
          found.push({
            name,
            says: "yes",
            isDone: form === "done" || form === "underway",
            sentence,
          });
        if (reading.acts.length > 0) continue;
        for (const name of deniedIn(clause, grammar))
          found.push({ name, says: "no", isDone: false, sentence });
      }
    }
  return found;
}

/** The acts a clause denies: those it would tell without its "not" and "can". */
function deniedIn(clause: Clause, grammar: ActGrammar): readonly ActClass[] {
  const { plain, sentence } = clause;
  if (sentence.isQuestion || sentence.isConditional || !grammar.negation.test(plain)) return [];
  const affirmed = [grammar.negation, grammar.possible].reduce(
    (words, taken) =>
      words.replace(new RegExp(taken.source, `${taken.flags.replace("g", "")}g`), " "),
    plain,
  );
  return grammar.classes
    .filter(
      ({ own, nouns, granted, rule }) =>
        nouns?.test(plain) === true ||
        granted?.test(plain) === true ||
        rule?.test(affirmed) === true ||
        own.some(({ pattern }) => pattern.test(affirmed)),
    )
    .map(({ name }) => name);
}

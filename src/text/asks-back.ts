/** Tells whether an answer asks its reader for something before it can go on. */
import { folded } from "./fold.ts";

/** A sentence that ends with a question mark of any script. */
const QUESTION = /(?<![^.!?？！؟。\n])[^.!?？！؟。\n]+[?？؟]/gu;

/** What is asked out of courtesy at the end of an answer, in folded form. */
const COURTESY =
  /anything else|any (?:other|further|more) questions|help (?:you )?(?:with )?(?:any|some)thing more|sonst noch|noch etwas|weitere fragen|autre (?:chose|question)|d'autres questions|algo mas|otra (?:cosa|pregunta)|alguna otra|altro|altre domande|nog iets|andere vragen|mais alguma|cos jeszcze|jeszcze w czym|baska bir|他に|还有其他|其他问题/u;

/** True when a sentence of the text is a question, other than whether there is anything else. */
export function asksBack(text: string): boolean {
  return (text.match(QUESTION) ?? []).some((sentence) => !COURTESY.test(folded(sentence)));
}

/**
 * Tells advertising and fraud from what customers write, by weights learnt from mails of our own (`npm run evals --
 * junk-train`). Pure: the same text always gets the same answer.
 *
 * It is careful on purpose: a junk mail that is worked on costs a teammate ten seconds, a customer's mail that is set
 * aside costs a customer. Who wrote is checked elsewhere.
 */

import type { Message } from "#core/values/message.ts";
import { normalise } from "#text/normalize.ts";
import { builtInModel, wholeScore } from "./classifier/classifier.ts";

/** What is read of the open messages of one writer. */
type Read = readonly Pick<Message, "subject" | "text">[];

/** A longer mail is read up to here; junk makes its point early. */
const READ_MAX = 8_000;

/** What is weighed of the open messages of one writer. */
export function junkText(messages: Read): string {
  const text = messages.map(({ subject, text: words }) => `${subject}\n${words}`).join("\n\n");
  return normalise(text.slice(0, READ_MAX));
}

/** Whether these messages are set aside by their words alone. */
export function readsLikeJunk(messages: Read): boolean {
  return junkScore(messages) >= builtInModel("junk").heading.block;
}

/** Whether they may be: then another sign, such as an offer that a model quotes, sets them aside. */
export function leansToJunk(messages: Read): boolean {
  return junkScore(messages) >= builtInModel("junk").heading.caution;
}

/** A number of an order makes them a customer's. */
const ORDER =
  /\b(?:order|bestellung|auftrag)(?: number| no\.?|nummer)?\s*(?:[:#]\s*)?\d{2,}|(?:^|\s)#\d{2,}\b/;

function junkScore(messages: Read): number {
  const text = junkText(messages);
  return ORDER.test(text) ? Number.NEGATIVE_INFINITY : wholeScore(text, builtInModel("junk"));
}

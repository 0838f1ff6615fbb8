/** Tells which addresses of the customer's a reply only names to refuse them. */
import type { Receipts } from "#core/contracts/guard.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { mayBeEnglish } from "#guard/languages/detect.ts";
import { deniesSomething, isSupposed } from "#guard/languages/sentence-words.ts";
import { contactKeysIn } from "./contacts.ts";
import { covered } from "./evidence.ts";
import { phrasesIn, type Piece, readSentence, sentencePieces } from "./sentences.ts";

/** "I can't send it to bob@other.test": what the customer wrote may be named to be refused, and nowhere else. */
export function refusedContacts(
  text: string,
  { asked, askedBefore = [] }: Receipts,
): ReadonlySet<string> {
  const theirs = new Set([asked, ...askedBefore].flatMap(contactKeysIn));
  const refusals = sentencePieces(text)
    // "Not to us but to them": English is split at its conjunctions as well.
    .flatMap((piece) => (mayBeEnglish(piece.text) ? readSentence(piece) : phrasesIn(piece)))
    .filter(isRefusal);
  const places = covered(text, refusals);
  const rest = Array.from(places, (isIn, at) => (isIn === 1 ? " " : text.charAt(at))).join("");
  const spoken = new Set(contactKeysIn(rest));
  const named = refusals.flatMap((phrase) => contactKeysIn(phrase.text));
  return new Set(named.filter((key) => theirs.has(key) && !spoken.has(key)));
}

/** "If you can't log in, …" and "do not hesitate to …" refuse nothing. */
function isRefusal(phrase: Piece): boolean {
  return (
    !isSupposed(phrase.text) &&
    (mayBeEnglish(phrase.text)
      ? ENGLISH.refuses.test(phrase.plain.replace(ENGLISH.idioms, " "))
      : deniesSomething(phrase.text))
  );
}

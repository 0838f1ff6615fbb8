/** Recognises a message that only says thanks. */

import { folded } from "#text/fold.ts";

/** Longer than any thanks with greeting, name and regards. */
const CHARACTERS_MAX = 160;

/** Words of which at least one has to stand in the message, in the languages of the output check. */
const THANKS = wordSet(
  "thanks thank thx cheers ok okay great perfect super cool wonderful brilliant lovely danke dankeschon besten vielen merci parfait gracias perfecto genial",
);

/** Words that may stand beside them. */
const BESIDE = wordSet(
  `you a lot so much very many again for your the help quick answer reply that all everyone team sam bye best kind regards
  warm wishes hi hello dear and have nice good day evening weekend too it is this that helps helped was got sorted works now
  schon schone sehr dank dir ihnen fur die ihre hilfe schnelle antwort hallo liebe grusse gruss viele freundliche mit und
  noch einen tag beaucoup bien pour votre reponse aide bonjour cordialement bonne journee a vous et tout
  muchas muchisimas mil por su tu ayuda respuesta rapida hola saludos un saludo todo buen dia`,
);

/**
 * True for a short thank-you with no question, number or request in it; the writer's own name below it counts as
 * nothing. A word it does not know may be a request, so such a message is never taken for thanks alone.
 */
export function isBareThanks(text: string, writer = ""): boolean {
  if (text.length > CHARACTERS_MAX || /[?¿\d]/.test(text)) return false;
  const names = new Set(letterWords(writer));
  const words = letterWords(text);
  return (
    words.some((word) => THANKS.has(word)) &&
    words.every((word) => THANKS.has(word) || BESIDE.has(word) || names.has(word))
  );
}

function letterWords(text: string): readonly string[] {
  return folded(text).match(/\p{L}+/gu) ?? [];
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

/** Reads from a text whether its writer wrote before, which numbers it calls orders, and which words tell it from others. */
import { folded, foldedWords } from "./fold.ts";

/**
 * How a text refers to something its writer wrote before: `clearly` ("this is my third mail", "still no answer"),
 * `perhaps` ("still", "again", "also"), or not at all.
 */
export type EarlierContact = "clearly" | "perhaps" | "no";

const ORDINAL =
  "(?:second|third|fourth|fifth|sixth|2nd|3rd|4th|5th|6th|last|previous|earlier|first|other|original)";
const LETTER =
  "(?:time|(?:e-?)?mails?|messages?|requests?|attempt|complaint|reminder|chat|letter|note|question|ticket)";

/** English, German, Spanish and French, in folded form. */
const CLEARLY = [
  String.raw`\b${ORDINAL} (?:\w+ )?${LETTER}\b`,
  String.raw`\b(?:as|like|what) i (?:already )?(?:wrote|said|mentioned|explained|asked|told)\b`,
  String.raw`\bi(?:'ve| have)? (?:already |just |also )?(?:wrote|written|mailed|e-?mailed|messaged|contacted|chatted|complained)\b`,
  String.raw`\b(?:no|any|an|without an?) (?:answer|reply|response|reaction)\b`,
  String.raw`\b(?:nobody|no one|none of you|you) (?:has |have |did |do )?(?:never |not |n't |didn't |haven't )?(?:answer|repl|respond)`,
  String.raw`\bhaven't heard\b|\bnot heard (?:back|anything)\b`,
  String.raw`\bstill (?:waiting|no\b|nothing|haven't|have not|not (?:here|arrived|received|been|there|got)|missing)`,
  String.raw`\bfollow(?:ing)?[- ]?up\b`,
  String.raw`\bany (?:news|update|progress)\b`,
  String.raw`\bforgot to (?:say|add|mention|write|attach|include|tell)\b`,
  String.raw`^\W*(?:ps|p\.s\.?|correction|sorry, i meant|i meant|to add to)\b`,
  String.raw`\b(?:in addition to|about|regarding) my (?:mail|e-?mail|message|chat|request)\b`,
  String.raw`\b(?:zweite|dritte|vierte|funfte|letzte|vorige|erste|fruhere)[nrsm]? (?:mal|e-?mail|mail|nachricht|versuch|anfrage)\b`,
  String.raw`\bwie (?:schon |bereits )?(?:geschrieben|gesagt|erwahnt|beschrieben)\b`,
  String.raw`\b(?:keine|ohne|noch keine) (?:antwort|ruckmeldung|reaktion)\b`,
  String.raw`\bimmer noch (?:nichts|nicht|keine?)|\bnachtrag\b|\bvergessen zu\b|\b(?:was|etwas|schon) neues\b`,
  String.raw`\b(?:segunda|tercera|cuarta) vez\b|\bsigo (?:esperando|sin)\b|\bsin respuesta\b|\btodavia (?:no|nada|sin)\b|\bmi (?:ultimo|anterior) (?:correo|mensaje)\b|\bolvide\b`,
  String.raw`\b(?:deuxieme|troisieme) (?:fois|mail|message)\b|\btoujours (?:rien|pas|aucune)\b|\bsans (?:reponse|nouvelles)\b|\bmon (?:dernier|precedent) (?:mail|message)\b|\bj'ai oublie\b`,
].map((pattern) => new RegExp(pattern, "u"));

const PERHAPS =
  /\b(?:still|again|also|another thing|one more thing|once more|besides|nochmals?|noch einmal|ausserdem|auch|encore|aussi|otra vez|tambien|ademas)\b/u;

/** Who wrote before says so early; a longer text is read up to here. */
const READ_MAX = 8_000;

/** How this text refers to an earlier one of the same writer. */
export function earlierContactIn(text: string): EarlierContact {
  const plain = folded(text.slice(0, READ_MAX));
  if (CLEARLY.some((pattern) => pattern.test(plain))) return "clearly";
  return PERHAPS.test(plain) ? "perhaps" : "no";
}

const CALLED_ORDER =
  /(?:\b(?:order|bestellung|auftrag|pedido|commande)(?:\s*(?:id|number|no|nr|num|nummer|numero|n°|#)\.?:?)?\s*(?:#\s*)?|#)([a-z]{0,4}-?\d[a-z\d-]{0,20})(?![\p{L}\p{N}])/gu;

/** The numbers a text calls an order, whosever they are, in folded form. */
export function calledOrders(text: string): readonly string[] {
  return [...new Set([...folded(text).matchAll(CALLED_ORDER)].map(([, number = ""]) => number))];
}

const SHORTEST_WORD = 3;

/** Words of every letter to a shop, which make no two letters alike. */
const USUAL = new Set(
  `the and for you your have has had with this that was are can could would will please hello thanks thank hey dear team
   kind regards best from not but its it's about there what when where which who how why does did been being they them
   our out get got just now then than some any all one two also still again very really want need like know tell let
   order number customer shop ourshop support help hope since
   und der die das ein eine einen ich mir mich ist sind war bitte danke hallo mit von fur auf nicht auch noch bestellung
   los las una para por con que mas pero gracias hola pedido
   les des une pour avec est pas merci bonjour commande vous votre mon mes`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** The words that tell a text from others, without those of every letter. */
export function tellingWords(text: string): ReadonlySet<string> {
  return new Set(
    foldedWords(text).filter((word) => word.length >= SHORTEST_WORD && !USUAL.has(word)),
  );
}

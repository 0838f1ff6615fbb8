/** Reads from a text what it is about: whether its writer wrote before, asks back or sends something back, which orders and amounts it names, and which words tell it from others. */
import { folded, foldedWords } from "./normalize.ts";
import { numbersInWords, partsIn } from "./numbers.ts";

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

/** A sentence that ends with a question mark of any script. */
const QUESTION = /(?<![^.!?？！؟。\n])[^.!?？！؟。\n]+[?？؟]/gu;

/** What is asked out of courtesy at the end of an answer, in folded form. */
const COURTESY =
  /anything else|any (?:other|further|more) questions|help (?:you )?(?:with )?(?:any|some)thing more|sonst noch|noch etwas|weitere fragen|autre (?:chose|question)|d'autres questions|algo mas|otra (?:cosa|pregunta)|alguna otra|altro|altre domande|nog iets|andere vragen|mais alguma|cos jeszcze|jeszcze w czym|baska bir|他に|还有其他|其他问题/u;

const ADDRESS = /\bhttps?:\/\/\S+/giu;

/** Greek asks with ";", to which Unicode's own Greek question mark U+037E is canonically equal. */
export function withQuestionMarks(text: string): string {
  return /\p{Script=Greek}/u.test(text) ? text.replaceAll(/[;\u037e]/g, "?") : text;
}

/** True when a sentence of the text is a question, other than whether there is anything else. */
export function asksBack(text: string): boolean {
  const words = withQuestionMarks(text.replaceAll(ADDRESS, " "));
  return (words.match(QUESTION) ?? []).some((sentence) => !COURTESY.test(folded(sentence)));
}

/** Somebody who writes more writes of it early. */
const RETURN_READ_MAX = 20_000;

/** "Return my money" is about no parcel, and "the return policy" about none that is under way. */
const PATTERNS = [
  "return(?:ing|ed)?(?! (?:(?:my|the|our|your) (?:money|payment|call)|what i|polic(?:y|ies)|rules?|terms|conditions))",
  "sen[dt](?:ing)?\\b[^.!?\\n]{1,40}\\bback|(?:send|give) back|returns? label",
  "take (?:(?:it|them|this) )?back(?! (?:what|my|the) (?:i|money|payment))",
  "zur(?:u|ue)ck ?(?:zu|ge)?(?:schick|send|sand|geb)\\w*|retour\\w*|r(?:u|ue)ck(?:sende|gabe)\\w*",
  "schick\\w*\\b[^.!?\\n]{1,40}\\bzur(?:u|ue)ck",
  "renvoyer\\w*|renvoye|(?:etiquette|bon) de retour",
  "devolver(?!.{0,30}\\bdinero)\\w*|devuelto|etiqueta de devolucion|devolucao|devolvid?[oi]",
  "rispedi(?:re|t[oa])|(?:fare|chiedere|avviare) (?:il|un) reso|restitui(?:re|t[oa])",
  "terug(?:ge)?stu\\w*|terug te sturen",
  "odesla\\w*|zwrocic towar|etykiet\\w* zwrotn\\w*",
].map((words) => new RegExp(`\\b(?:${words})\\b`));

/** True when the customer writes of sending something back, or of having sent it. */
export function writesOfReturn(words: string): boolean {
  const text = folded(words.slice(0, RETURN_READ_MAX));
  return PATTERNS.some((pattern) => pattern.test(text));
}

/** Text before or after a number that makes it an amount, not an order. */
const MONEY_SIGN = String.raw`[$€£¥]|\b(?:usd|eur|gbp|chf|pln|dollars?|euros?|pounds?|bucks?|quid|dolar(?:es|ow|y)?|dollari|libras?|pavos|reais|francs?|franchi|zl(?:otych|ote|oty)?)\b`;

/** A sign that makes a longer word or number of what it touches; these scripts put no spaces between words. */
const OF_WORD = String.raw`[[\p{L}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]]`;

/** What follows a number in those scripts where it is an amount, a day or a time; these words have no ends to look for. */
const COUNTED = "[元円圓块塊年月日号號时時点點]|บาท";

/**
 * Those of the orders whose id the text names by itself: not inside a longer number or word, and neither as an amount nor
 * as a day. The text is folded once for all of them, since a customer may have fifty.
 */
export function namedOrders(ownWords: string, orderIds: readonly string[]): readonly string[] {
  const text = folded(ownWords);
  return orderIds.filter((orderId) => {
    const id = bareId(orderId);
    // Of most orders nothing is there, and their pattern would take longer to build than all texts to read.
    if (id === "" || !text.includes(id)) return false;
    const byItself = String.raw`(?<!${OF_WORD}|-|\d[.,]|(?:${MONEY_SIGN})\s?)${asPattern(id)}(?!${OF_WORD}|-|[.,]\d|\s?(?:${MONEY_SIGN}|${COUNTED}))`;
    return new RegExp(byItself, "v").test(text);
  });
}

/** True when the text names this order. */
export function namesOrder(ownWords: string, orderId: string): boolean {
  return namedOrders(ownWords, [orderId]).length > 0;
}

/** True when the text may be about this order, "Order-1001" too: for what people are shown, where nothing rests on it. */
export function mentionsOrder(text: string, orderId: string): boolean {
  const id = bareId(orderId);
  const alone = String.raw`(?<![\p{L}\p{N}])${asPattern(id)}(?![\p{L}\p{N}])`;
  return id !== "" && new RegExp(alone, "u").test(folded(text));
}

/** An id without signs around it, as "#1001" is written without its own; empty for one without a letter or digit. */
function bareId(orderId: string): string {
  return folded(orderId).replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}

/** Signs within an id stand for themselves. */
function asPattern(id: string): string {
  return id.replaceAll(
    /[^\p{L}\p{N}]/gu,
    (sign) => String.raw`\u{${sign.codePointAt(0)?.toString(16)}}`,
  );
}

/** True when each word and number of a text occurs in the customer's own; order and punctuation do not matter. */
export function standsIn(ownWords: string, text: string): boolean {
  const own = new Set(foldedWords(ownWords));
  const words = foldedWords(text);
  return words.length > 0 && words.every((word) => own.has(word));
}

// Whether an amount of money is the one that the customer's own text names. Amounts are written as "120.00 USD".

/** Groups of digits in any notation: "1,200.50", "1.200,50", "1'200", "5". */
const NUMBER = /(?<![\p{L}\p{N}])\d+(?:[.,']\d+)*(?![\p{N}]|\s?%)/gu;
const SPACED_NUMBER = /(?<![\p{L}\p{N}])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\p{N}]|\s?%)/gu;

/**
 * Why a person has to look at an amount, as the words of the customer that it rests on: another amount of money than
 * asked for, a bare number or "half", which may be of anything, or empty where they name no such number at all. Null for an amount
 * that is on record (`known`) unless they ask for another one, and for one that they wrote as money ("$4", "4 bucks",
 * "4.50") beside nothing but amounts on record: then they chose it.
 */
export function amountDoubt(
  ownWords: string,
  amount: string,
  known: readonly string[],
): string | null {
  const words = numberIn(ownWords, amount);
  const priced = [...folded(ownWords).matchAll(PRICED)].map(([text]) => text);
  const own = priced.filter(
    (text) =>
      mayBeIn(amount.slice(amount.indexOf(" ") + 1), text) && numberIn(text, amount) !== null,
  );
  const others = priced.filter(
    (text) => !own.includes(text) && known.every((one) => numberIn(text, one) === null),
  );
  if (known.includes(amount))
    return (others[0] ?? (words === null ? priced[0] : undefined))?.trim() ?? null;
  if (own.length > 0 && others.length === 0) return null;
  const half = partsIn(ownWords).find(({ value }) => value === 2)?.words;
  return words ?? (known.some((one) => isHalf(amount, one)) ? half : null) ?? "";
}

function isHalf(amount: string, whole: string): boolean {
  return (
    2 * Number.parseFloat(amount) === Number.parseFloat(whole) &&
    amount.slice(amount.indexOf(" ")) === whole.slice(whole.indexOf(" "))
  );
}

/** Whether a text names this amount, in any notation. */
export function isAmountIn(written: string, amount: string): boolean {
  return numberIn(written, amount) !== null;
}

/** The number in a text that equals this amount, as written ("5", "5.00", "5,00", "$5", "a hundred"); else null. */
function numberIn(written: string, amount: string): string | null {
  const text = written.normalize("NFKC").replaceAll(/[\u{2019}\u{2018}]/gu, "'");
  const numbers = [...text.matchAll(NUMBER), ...text.matchAll(SPACED_NUMBER)];
  const isIt = (number: string): boolean => plainDigits(number) === plainDigits(amount);
  return (
    numbers.find(([number]) => isIt(number))?.[0] ??
    numbersInWords(written).find(({ value }) => isIt(String(value)))?.words ??
    null
  );
}

/** The currencies that a sign or word may mean; one that is not here says nothing. Texts are folded. */
const CURRENCIES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/€|\beur(?:os?)?\b/, ["EUR"]],
  [/£|\b(?:gbp|pounds?|quid|libras?)\b/, ["GBP"]],
  [/¥/, ["JPY", "CNY"]],
  [/\b(?:pln|zl(?:otych|ote|oty)?)\b/, ["PLN"]],
  [/\b(?:chf|francs?|franchi)\b/, ["CHF"]],
  [/\breais\b/, ["BRL"]],
  [/\busd\b/, ["USD"]],
  [
    /\$|\b(?:dollars?|bucks?|dolar(?:es|ow|y)?|dollari)\b/,
    ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"],
  ],
];

/** False when the text names another currency than this one. */
function mayBeIn(currency: string, text: string): boolean {
  return CURRENCIES.every(([named, meant]) => !named.test(text) || meant.includes(currency));
}

const PRICED = new RegExp(
  String.raw`(?:${MONEY_SIGN})\s?\d+(?:[.,']\d+)*|(?<![\p{L}\p{N}.,]|\d')\d+(?:[.,']\d+)*\s?(?:${MONEY_SIGN})|(?<![\p{L}\p{N}.,])\d+[.,]\d{2}(?![\p{L}\p{N}.,]*\d)`,
  "gu",
);

/** One or two digits after the last point or comma are a fraction; every other separator only groups. */
function plainDigits(number: string): string {
  const [, whole = number, fraction = ""] = /^(.*)[.,](\d{1,2})(?!\d)/.exec(number) ?? [];
  return `${whole.replaceAll(/\D|^0+(?=\d)/g, "")}.${fraction.padEnd(2, "0")}`;
}

/** Why no answer goes out with a text's links to other hosts than these, a sentence each. */
export function barredLinks(text: string, hosts: readonly string[]): readonly string[] {
  const linked = [...text.matchAll(/https?:\/\/[^\s()<>"'\]]+/gi)].flatMap(
    ([words]) => URL.parse(words)?.host ?? [],
  );
  return [...new Set(linked)]
    .filter((host) => !hosts.includes(host))
    .map(
      (host) =>
        `${host} is not on the list of hosts for links (link_hosts of the policy), so no answer goes out with it`,
    );
}

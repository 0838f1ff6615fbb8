/**
 * Recognises a request that may be carried out without a person. The form is closed: every sentence of what was written
 * last has to be one of a few, in English, so whatever is reported, quoted, conditional, withdrawn, denied or about
 * somebody else has no reading here. What is missed costs a teammate one click.
 */
import { folded, foldedWords } from "./fold.ts";

/** What has to be asked for. */
export interface Wanted {
  /** How the action is called in a request: verbs ("cancel") and what one wants ("return label"), folded. */
  readonly wishes: readonly RegExp[];
  /** The names of the one thing it is about, such as an order's number and its item; empty for the account itself. */
  readonly names: readonly string[];
}

/** What a customer wrote last. */
export interface Written {
  readonly texts: readonly string[];
  /** Words of their own name, with which they sign. */
  readonly name: string;
  /** The heading they chose; empty where there is none. */
  readonly subject: string;
}

/** Whoever writes more tells a story, and people read it. */
const CHARACTERS_MAX = 500;

/** Anything else could be a quotation, a list, a link or a label ("it says: …"). */
const OTHER_THAN_PLAIN = /[^\p{L}\p{N}\s,.!?()#'$€£-]/u;

const SENTENCE_END = /(?<=[.!?])(?<!\bn[or]\.)(?:\s+|$)|\n\s*\n/u;

const POLITE = "(?:(?:please|pls|kindly|just) )?";
const ASKING = "(?:can|could|would|will) you (?:please|kindly) ";
const WANTING = "i (?:really )?(?:want|need|would like)|i'd like";
/** What stands before a verb, and before the name of a thing. */
const TO_DO = `(?:${POLITE}|${ASKING}|(?:${WANTING})(?: you)? to )`;
const TO_HAVE = `(?:(?:${WANTING})(?: to (?:have|get))?|(?:${POLITE}|${ASKING})(?:give|send|get) me|i (?:request|ask for)|(?:i am|i'm) asking for) `;
const ARTICLE = "(?:(?:a|an|the|my|another|full) ){0,2}";
const ABOUT = "(?: (?:of|for|on|from))?";
const LAST =
  "(?: (?:please|pls|now|today|again|asap|as soon as possible|help(?: me)?|thanks|thank you)){0,3}";

const GREETING =
  "(?:yes|hi|hello|hey|dear|good (?:morning|afternoon|evening|day))(?: (?:there|team|all|everyone|support))?";
const CLOSING =
  "(?:(?:many )?thanks(?: a lot| very much| in advance)?|thank you(?: so much| very much| in advance)?|cheers|(?:(?:kind|best|warm|many) )?regards|best(?: wishes)?|yours(?: sincerely)?|sincerely)";

/** The number of another order, beside the one it is about. */
const ID = "#?(?:[a-z]{1,4}-?)?\\d+";

/** What is wrong with a thing, said of it alone. */
const FAULT = [
  "(?:is|was|arrived|came)(?: (?:completely|totally|already))? (?:broken|damaged|defective|faulty|cracked|scratched|dented|dead|wrong|too (?:small|big|large|short|long))",
  "(?:does not|doesn't|did not|didn't|won't|will not|never) (?:work|fit|charge|start|turn on)(?: (?:any ?more|at all))?",
  "(?:broke|stopped working|fell apart|never arrived|has not arrived|hasn't arrived)",
].join("|");

/**
 * True when the newest words are a plain request for exactly this: one imperative or first-person wish that names what it
 * is about, and beside it nothing but greetings, thanks, a name, and what is wrong with that thing.
 */
export function asksPlainly({ texts, name, subject }: Written, wanted: Wanted): boolean {
  const text = folded(texts.join("\n\n")).trim();
  if (text === "" || text.length > CHARACTERS_MAX) return false;
  if (OTHER_THAN_PLAIN.test(text) || !isPlainHeading(subject, [text, ...wanted.names]))
    return false;
  const thing = thingNamed(wanted.names);
  const requests = wanted.wishes.map((wish) => requestFor(wish, thing));
  const beside = besideIt(thing, foldedWords(name));
  let asked = false;
  for (const sentence of text.split(SENTENCE_END)) {
    const words = bareWords(sentence);
    if (words === "") continue;
    const isQuestion = sentence.includes("?");
    if (requests.some((request) => request.test(words)) && (!isQuestion || MAY_ASK.test(words)))
      asked = true;
    else if (isQuestion || !beside.test(words)) return false;
  }
  return asked;
}

/** Words of a heading that says nothing beyond the request, besides those of the request itself. */
const HEADING = new Set(
  "re about with for of my the a an question problem help request order refund return exchange cancellation invoice password reset broken damaged".split(
    " ",
  ),
);

/** A heading may give the text under it another meaning ("Is this mail from you?"), so it says nothing new. */
function isPlainHeading(subject: string, said: readonly string[]): boolean {
  const known = new Set(said.flatMap(foldedWords));
  return (
    !OTHER_THAN_PLAIN.test(subject.replace(/^re:/i, "")) &&
    !subject.includes("?") &&
    foldedWords(subject).every((word) => known.has(word) || HEADING.has(word))
  );
}

const MAY_ASK = new RegExp(`^(?:${GREETING} )?${ASKING}`);

/** Without the punctuation that changes nothing; what is left of it fits no form. */
function bareWords(sentence: string): string {
  return sentence
    .replaceAll(/\b(no|nr)\./g, "$1")
    .replaceAll(/[(),](?!\d)|(?<![.!?])[.!?]+$/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** A sentence that asks for this thing in these words, which an operator may have written with flags of their own. */
function requestFor({ source, flags }: RegExp, thing: string): RegExp {
  const wish = `(?:${source})`;
  const it = thing === "" ? "" : ` ${thing}`;
  const forms = [
    `${TO_DO}${wish}${it}`,
    `${TO_HAVE}${ARTICLE}${wish}${it === "" ? "" : `${ABOUT}${it}`}`,
    `${ARTICLE}${wish}${it === "" ? "" : `${ABOUT}${it}`}(?= (?:please|pls))`,
  ];
  const fault = `(?:it${thing === "" ? "" : `|${thing}`}) (?:${FAULT})`;
  return new RegExp(
    `^(?:${GREETING} )?(?:${fault} (?:and|so) )?(?:${forms.join("|")})(?: (?:(?:because|since|as) )?${fault})?${LAST}$`,
    flags.replaceAll(/[gy]/g, ""),
  );
}

/** What may stand beside the request: nothing that could take it back, or give it another speaker. */
function besideIt(thing: string, name: readonly string[]): RegExp {
  const signed = name.length === 0 ? "" : `(?:${name.join("|")})(?: (?:${name.join("|")})){0,3}`;
  const closing = signed === "" ? CLOSING : `${CLOSING}(?: ${signed})?|${signed}`;
  const fault = `(?:it|this${thing === "" ? "" : `|${thing}`}) (?:${FAULT})`;
  return new RegExp(`^(?:${GREETING}|${closing}|${fault})$`, "u");
}

/** One or two names of the same thing ("the USB cable of order 1003"). A bare number could be an amount. */
function thingNamed(names: readonly string[]): string {
  const called = names.map((name) => bareWords(folded(name))).filter((name) => name !== "");
  if (called.length === 0) return "";
  const one = `(?:${called.map(nameForms).join("|")})`;
  return `${one}(?: (?:(?:of|from|in) )?${one})?`;
}

function nameForms(name: string): string {
  const words = name.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  if (name.includes(" ") || !/\d/.test(name)) {
    // "The cable", where one has been named as "USB cable".
    const noun = words.split(" ").at(-1) ?? words;
    return `(?:(?:an?|the|my|this) )?${words}|(?:the|my|this) ${noun}`;
  }
  // Where several are named an amount could be that of each or of all, so none may stand before them.
  const several = `(?<!\\d.*)(?:(?:my|the|both) )?orders (?:${ID} (?:and )?){0,4}#?${words}(?: (?:and )?${ID}){0,4}`;
  const numbered = `(?:(?:my|the|this) )?(?:order|purchase) (?:(?:number|no|nr|id) )?#?${words}|#${words}|${several}`;
  return /\p{L}/u.test(name) ? `${numbered}|${words}` : numbered;
}

const AMOUNT = String.raw`(?:[$€£] ?)?\d+(?:[.,]\d+)?(?: ?(?:usd|eur|gbp|dollars?|euros?|pounds?|[$€£]))?`;

/** Money back for an order. */
export const REFUND_WISHES: readonly RegExp[] = [
  /(?:refund|reimburse)(?: me)?/,
  new RegExp(`(?:refund|reimburse)(?: me)? (?:(?:the|my) )?${AMOUNT} (?:for|of|on)`),
  /(?:refund|reimburse) me for/,
  new RegExp(`(?:refund|reimbursement)(?: of ${AMOUNT})?`),
  new RegExp(`(?:money|${AMOUNT}) back`),
  new RegExp(`back (?:the|my) (?:money|${AMOUNT})`),
];

/** An order that is not to come. */
export const CANCEL_WISHES: readonly RegExp[] = [/cancel|stop|cancellation/];

/** An order that is to go back. */
export const RETURN_WISHES: readonly RegExp[] = [/return|send back|(?:return )?label/];

/** Another one of the same item. */
export const EXCHANGE_WISHES: readonly RegExp[] = [/exchange|replace|swap|replacement/];

/** An invoice once more. */
export const INVOICE_WISHES: readonly RegExp[] = [
  /(?:copy of the )?(?:invoice|receipt)/,
  /(?:send|resend|e?mail)(?: me)? (?:the|an|my) (?:invoice|receipt) (?:for|of)/,
];

/** Into the account again. Who says of themselves that they cannot sign in asks for it. */
export const RESET_WISHES: readonly RegExp[] = [
  /(?:reset|recover) my password/,
  /(?:new )?password(?: reset)?(?: link| mail)?|reset (?:link|mail)/,
  /i(?: have|'ve)? (?:forgot|forgotten|lost) my password/,
  /i (?:cannot|can not|can't) (?:log|sign) in(?: (?:to|into) my account)?(?: any ?more)?/,
  /i(?: am|'m) locked out(?: of my account)?/,
];

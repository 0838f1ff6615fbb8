/** Recognises what one clause asks for, and the order numbers, amounts and addresses in it, by rules. */
import { literally } from "#core/values/words.ts";

/** Questions about how things work in general, even when they contain a word of a request. */
const GENERAL =
  /\b(?:polic(?:y|ies)|how long|how (?:do|can|could|does|should|to)|how much|how many|do (?:you|i)|if i|if it|is there|does your|are you|in which|(?:until|by) when|conditions?|in general)\b/i;
const GENERAL_UNLESS_MINE =
  /\b(?:what (?:is|are|if|happens)|what's|which|can (?:i|an?|the)|is it possible)\b/i;
const MINE =
  /\b(?:my|mine|it|that one|this one|the (?:order|parcel|package|delivery)|i was|i have been|i've been)\b/i;

/** The one-time code, not a discount code or an error code. */
const CODE = String.raw`(?<!discount |promo |promotion |voucher |coupon |gift |error |bar ?)\bcode\b`;

const RULES = [
  [
    "code",
    new RegExp(
      String.raw`\b(?:new|another|fresh|resend|send|no|get|got|receive[d]?)\b[^.?!]{0,40}${CODE}|${CODE}[^.?!]{0,40}\b(?:again|not|n't|didn't|hasn't|never|expired|old|too late)\b`,
      "i",
    ),
  ],
  // No help page knows what a conversation was about.
  [
    "recall",
    /\bwhat (?:did|have|had) (?:i|we|you) (?:just |already )?(?:ask(?:ed)?|said|say|write|wrote|written|talk\w*|discuss\w*|told|tell)\b/i,
  ],
  [
    "machine",
    /\b(?:am i|are you|is (?:this|that|it)|do i) (?:just |really |actually )?(?:(?:talk|speak|chat|writ)\w* (?:to|with) )?(?:an? )?(?:real |live |actual )?(?:machine|bot|chat-?bot|robot|computer|program|ai|human|person)\b/i,
  ],
  [
    "human",
    /\b(?:talk|speak|chat|connect|get|want|need|prefer|like)\b.{0,300}\b(?:human|real person|person|someone|somebody|representative|supervisor|manager|live agent|an agent|teammate|colleague)\b|\bhuman (?:being|agent|please)\b|\bcall me\b/i,
  ],
  // What a mail says of a password asks for none: they forgot it, or want it new.
  [
    "password",
    /^(?!.*\b(?:whether|e?-?mails? (?:says|said|saying|that|asking|telling|claims)|phish\w*|scam)\b).*(?:\b(?:forg[eo]t\w*|lost|(?:not|n['’]?t) (?:remember|recall|know))\b[^.?!]{0,40}\bpass(?:word|code)\b|(?:\b(?:please|pls|(?:can|could) (?:you|i)|i (?:need|want|would like)|i['’]d like|help me)\b[^.?!]{0,60}|^\W*)\b(?:reset\w*|change|new|recover|renew|set|send)\b[^.?!]{0,40}\bpass(?:word|code)\b|\bpass(?:word|code)\b[^.?!]{0,40}\b(?:please|link|forgotten|(?:not|n['’]?t|never|stopped) (?:work\w*|accepted)|wrong|rejected)\b)|\b(?:can'?t|cannot|can not|unable to)\s+(?:log|sign)\s*-?in\b|\blocked out\b/i,
  ],
  [
    "deadline",
    /\b(?:last (?:day|date)|deadline|until when|by when|how long|days left)\b.{0,100}\b(?:return|refund|change my mind|(?:send|give)\b.{0,40} back)\b/i,
  ],
  [
    "return",
    /(?<!n['’]t |not |never |why would i )\b(?:(?:want|wish|need|like|love) to|please|pls) (?:return(?! my call)|send (?:\w+ ){1,3}back)\b|\b(?:start|open|register|arrange)\b[^.?!]{0,20}\breturn\b|\b(?:send|mail|get|need|want)\b[^.?!]{0,30}\breturn label\b/i,
  ],
  [
    "invoice",
    /(?<!n['’]t |not )\b(?:re-?send|send|e-?mail|mail)\b(?: \w+){0,4} (?:invoice|receipt)\b/i,
  ],
  // Money that went back already is looked up; asking after it is no wish for more.
  [
    "payments",
    /^\W*(?:did|have you|has (?:it|my|the)|was|were|where(?:'s| is| are)?|is (?:my|the) refund)\b.*\b(?:refund(?:ed)?|money back|reimbursed)\b/i,
  ],
  ["refund", /\b(?:refund(?:ed|ing)?|money back|reimburse\w*|pay me back)\b/i],
  [
    "address",
    /\b(?:chang\w+|updat\w+|new|wrong|different|correct\w*|another|edit)\b.{0,300}\baddress\b|\baddress\b.{0,300}\b(?:chang\w+|updat\w+|wrong|is now|to be)\b|\b(?:ship|send|deliver)\b[^.?!]{0,300}\bto\b[^.?!]{0,300}\d|\bnew (?:address|flat|house|home|place)\b/i,
  ],
  [
    "cancel",
    /^\W*(?:(?:please|pls|just|so|i|we|you|can|could|would|will|must|want|need|like|have|to|['’](?:d|ll))\W+)*cancel (?:my|the|this|that|it|order|#?\d)\b(?! it if)/i,
  ],
  [
    "faq",
    /\b(?:cancel\w*|invoices?|receipt|bill|twice(?![^.?!]{0,80}\d)|payments? (?:\w+ ){0,3}(?:declined|failed|refused|not))\b/i,
  ],
  [
    "payments",
    /\b(?:charged|paid|billed)\b|\b(?:my|our|the|this|that|a|any|order|double|for) (?:\w+ ){0,2}(?:charge|payments?|billing)\b|\b(?:charge|payments?)\b.{0,80}\b(?:my|order|it)\b/i,
  ],
  [
    "order_status",
    /\bwhere(?:['’]s| is| are|\b.{0,40}\b(?:order|parcel|package|delivery)\b)|\bwhen\b.{0,60}\b(?:arriv\w+|come|coming|deliver\w*|ship\w*|here|expect|due|order|parcel|package|get (?:it|them|this|that))\b|\bany (?:news|updates?)\b|\bis (?:it|my \w+|the \w+) (?:still )?(?:coming|arriving|going to (?:come|arrive|be here))\b|\b(?:status|track\w*|eta|late|delayed?|still waiting|how far|on its way|not (?:yet )?(?:arrived|received|here)|hasn'?t (?:arrived|come|shipped)|has (?:it|my|order|the)\b.{0,300}\b(?:shipped|arrived|left)|is (?:it|my|order|the)\b.{0,300}\b(?:shipped|delivered|on the way))\b/i,
  ],
] as const;

/** What the rules recognise in one clause. `faq` is any question that is not about the customer's own order. */
export type Intent = (typeof RULES)[number][0] | "greeting" | "thanks";

const THANKS =
  /^\W*(?:(?:many |great|ok(?:ay)?|perfect|super|wonderful)\W*)*(?:thanks?|thank you|thx|cheers|great|perfect|ok(?:ay)?)\b/i;
const GREETING = /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear\b.*)\b/i;

/** What is about the conversation itself is never a general question. */
const OF_THE_TALK: ReadonlySet<Intent> = new Set(["human", "recall", "machine"]);

/** What somebody else said asks for nothing. */
const QUOTED = /["“„][^"“”„]{20,}["“”]|(?<!\w)['‘][^'‘’]{20,}['’](?!\w)/g;

/** Hurried customers leave its mark out, and a sentence that asks two things has only one. */
const QUESTION = /\?\s*$|^(?:is|are|do|does|can|could|may|what|when|where|which|who|how|why)\b/i;

/** The intent of one clause; null for text that only accompanies a request. */
export function intentOf(said: string, namesOrder: boolean): Intent | null {
  const clause = said.replaceAll(QUOTED, "");
  const isQuestion = QUESTION.test(clause);
  const small = isQuestion ? null : smallTalkIn(clause);
  if (small !== null) return small;
  const [intent = null] = RULES.find(([, pattern]) => pattern.test(clause)) ?? [];
  if (intent !== null && OF_THE_TALK.has(intent)) return intent;
  if (!namesOrder && isGeneral(clause, intent)) return "faq";
  return intent ?? (isQuestion && !namesOrder ? "faq" : null);
}

function smallTalkIn(clause: string): Intent | null {
  const words = clause.split(/\s+/).filter((word) => /\w/.test(word)).length;
  if (words <= 6 && THANKS.test(clause)) return "thanks";
  return words <= 4 && GREETING.test(clause) ? "greeting" : null;
}

/** "When are you open?" is not about an order, and "my payment" only counts with an order of the customer's own. */
function isGeneral(clause: string, intent: Intent | null): boolean {
  if (GENERAL.test(clause)) return true;
  const isOnRecord = intent === "order_status" || intent === "payments";
  if (MINE.test(clause)) return false;
  if (isOnRecord) return true;
  return (intent === "refund" ? /\b(?:what|which)\b/i : GENERAL_UNLESS_MINE).test(clause);
}

/** True for "never mind" and the like: the customer no longer wants what they asked before. */
export function withdraws(clause: string): boolean {
  return /\b(?:never ?mind|forget (?:it|that|about it|(?:the|my) (?:refund|return|order|request))|no longer need|disregard (?:that|my)|ignore my (?:last|previous|earlier))\b/i.test(
    clause,
  );
}

/** True for "sorry, I meant …": the clause corrects the request before it. */
export function corrects(clause: string): boolean {
  return /\b(?:sorry|i meant?|i mean|actually|correction|wrong (?:number|order|one)|instead|rather|make (?:that|it)|typo)\b/i.test(
    clause,
  );
}

// Finds order numbers, amounts and addresses in what a customer wrote.

const NAMED_ORDER =
  /\b(?:orders?|order (?:number|no\.?|id))\s*(?:(?:number|no\.?|id|is|was|:)\s*)?(?:#\s*)?((?:[a-z]{1,4}-?)?\d{2,12})\b/gi;

const HASHED_ORDER = /#\s*((?:[a-z]{1,4}-?)?\d{2,12})\b/gi;

/** A number alone, such as in "refund 789"; not part of a date, an amount, a count or a larger word, and no year. */
const BARE_NUMBER =
  /(?<![\w.,/€$£-]|\b(?:old|since|model|year) |, [a-z]{2} )(\d{3,12})(?![\w/-])(?![.,]\d)(?!\s*(?:usd|eur|gbp|dollars?|euros?|days?|weeks?|months?|years?|hours?|minutes?|m?ah\b|k?w\b|watts?|volts?|k?g\b|(?:kilo)?grams?|[kcm]?m\b|m?l\b|%|€|\$|£|pm\b|am\b|(?:[a-z]+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|way|court)\b))/gi;

/** Order numbers in the order they are written, each once. Numbers after a "not" are left out: "790, not 789". */
export function orderIdsIn(text: string): readonly string[] {
  const found = [NAMED_ORDER, HASHED_ORDER, BARE_NUMBER].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      id: (match[1] ?? "").toUpperCase(),
      at: match.index,
    })),
  );
  return [
    ...new Set(
      found
        .filter(
          ({ at }) =>
            !/\bnot\s+(?:for\s+)?(?:order\s+)?(?:#\s*)?$/i.test(
              text.slice(Math.max(0, at - 60), at),
            ),
        )
        .toSorted((a, b) => a.at - b.at)
        .map(({ id }) => id),
    ),
  ];
}

/** The last order number mentioned in these texts, for "it" and "that one". */
export function lastOrderIdIn(texts: readonly string[]): string | null {
  return texts.flatMap((text) => [...orderIdsIn(text)]).at(-1) ?? null;
}

/**
 * An amount as typed, odd forms included: the tool decides whether "12,50" or "-1" is an amount, so that the customer
 * gets its reason.
 */
export function amountIn(text: string): string | null {
  const number = String.raw`(-?\d[\d.,]*(?:e\d+)?)`;
  const patterns = [
    new RegExp(String.raw`[$€£]\s?${number}`, "i"),
    new RegExp(String.raw`${number}\s?(?:usd|dollars?|euros?|eur|gbp|[$€£])`, "i"),
    /(?<![\w.,])(-\d[\d.,]*|\d+[.,]\d+|\d+e\d+)(?![\w-])/i,
  ];
  for (const pattern of patterns) {
    const amount = pattern.exec(text)?.[1];
    if (amount !== undefined) return amount.replace(/[.,]$/, "");
  }
  return null;
}

const ADDRESS_INTRODUCTION =
  /(?:\baddress\b[^\n:]{0,200}?(?:\bis\b(?! wrong| not| incorrect| outdated)|:|\bto\b(?! be\b))|\b(?:ship|send|deliver|shipped|sent|delivered|goes?|go)\b[^\n:.?!]{0,40}?(?:\bto\b|:))\s*(?:be\s+)?(?:(?:this|(?:the|my|our) (?:following|new))(?: (?:address|place|home|house|flat))?\s*[:,]?\s*)?/gi;

/** House number and street, as they begin an address without an introduction. */
export const STREET =
  /\b\d{1,5}[a-z]?(?: \p{Lu}[\p{L}.'’-]{1,20}){1,4},|(?<![\p{L}.'’-])\p{Lu}[\p{L}.'’-]{1,20} \d{1,4}[a-z]?, \d{4}/u;

/** A postal address in the text: what follows "address … to", else what begins as it does where one is awaited. */
export function addressIn(text: string, awaited: RegExp | null = null): string | null {
  const introduced = [...text.matchAll(ADDRESS_INTRODUCTION)].map(
    (match) => match.index + match[0].length,
  );
  const bare = awaited === null ? -1 : text.search(awaited);
  const starts = bare < 0 ? introduced : [...introduced, bare];
  return starts.map((at) => addressAt(text.slice(at))).find((address) => address !== null) ?? null;
}

/** The text with a digit in place of its address, whose numbers are no order's. */
export function withoutAddress(text: string, address = addressIn(text)): string {
  const words = address?.split(/[\s,]+/).map(literally) ?? [];
  return words.length === 0 ? text : text.replace(new RegExp(words.join(String.raw`[\s,]+`)), "9");
}

/** Words with which a sentence continues after an address. */
const AFTER_ADDRESS =
  /(?<=\d.{0,60}),?\s{1,20}(?:please|thanks?|thank you|instead|for (?:my |the )?(?:order|parcel|#)|because|since|so that|and (?:please|also|refund|where|when))\b.*$/i;

/** A sentence's end that is no "St." or "Apt.", an empty line, or one that thanks. */
const ADDRESS_END =
  /\n\s*(?:\n|(?:thanks?|thank you|best|kind|regards|cheers|please)\b)|[!?]|(?<!str|\b(?:st|ave|apt|rd|blvd|dr|ln|no|nr|mt|ft|[a-z]))\.(?=\s|$)/i;

/** Takes the address from the beginning of a text; null when the text there does not look like one. */
function addressAt(text: string): string | null {
  const [paragraph = ""] = text.replace(/^[\s:,]+/, "").split(ADDRESS_END);
  const address = paragraph
    .replaceAll("\n", ", ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/,\s*,/g, ",")
    .replace(AFTER_ADDRESS, "")
    .replace(/(?<![\s,.!])[\s,.!]+$/, "")
    .trim();
  const looksLikeOne = /\d/.test(address) && /[a-z]{3}/i.test(address) && address.length >= 8;
  return looksLikeOne && address.length <= 500 ? address : null;
}

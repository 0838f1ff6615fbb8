/** Recognises what one clause asks for, by rules. */

/** What the rules recognise in one clause. `faq` is any question that is not about the customer's own order. */
export type Intent =
  | "order_status"
  | "refund"
  | "address"
  | "password"
  | "payments"
  | "code"
  | "human"
  | "recall"
  | "faq"
  | "greeting"
  | "thanks";

/** Questions about how things work in general, even when they contain a word of a request. */
const GENERAL =
  /\b(?:polic(?:y|ies)|how long|how (?:do|can|could|does|should|to)|how much|how many|do (?:you|i)|if i|does your|are you|in which|(?:until|by) when|conditions?|in general)\b/i;
const GENERAL_UNLESS_MINE =
  /\b(?:what (?:is|are|if|happens)|what's|which|can (?:i|an?|the)|is it possible)\b/i;
/** "Can my invoice be written in German?" asks what is possible, not what stands in an account. */
const ASKS_WHETHER_POSSIBLE = /^\W*(?:can|could|may) (?:my|the|an?) \w+ be \w+/i;
const MINE =
  /\b(?:my|mine|it|that one|this one|the (?:order|parcel|package|delivery)|i was|i have been|i've been)\b/i;

/** The one-time code, not a discount code or an error code. */
const CODE = String.raw`(?<!discount |promo |promotion |voucher |coupon |gift |error |bar ?)\bcode\b`;

const RULES: readonly (readonly [Intent, RegExp])[] = [
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
    "human",
    /\b(?:talk|speak|chat|connect|get|want|need|prefer|like)\b.{0,300}\b(?:human|real person|person|someone|somebody|representative|supervisor|manager|live agent|an agent|teammate|colleague)\b|\bhuman (?:being|agent|please)\b|\bcall me\b/i,
  ],
  [
    "password",
    /\b(?:password|passcode)\b|\b(?:can'?t|cannot|can not|unable to)\s+(?:log|sign)\s*-?in\b|\blocked out\b/i,
  ],
  // Money that went back already is looked up; asking after it is no wish for more.
  [
    "payments",
    /^\W*(?:did|have you|has (?:it|my|the)|was|were|where(?:'s| is| are)?|is (?:my|the) refund)\b.*\b(?:refund(?:ed)?|money back|reimbursed)\b/i,
  ],
  ["refund", /\b(?:refund(?:ed|ing)?|money back|reimburse\w*|pay me back)\b/i],
  [
    "address",
    /\b(?:chang\w+|updat\w+|new|wrong|different|correct\w*|another|edit)\b.{0,300}\baddress\b|\baddress\b.{0,300}\b(?:chang\w+|updat\w+|wrong|is now|to be)\b|\b(?:ship|send|deliver)\b[^.?!]{0,300}\bto\b[^.?!]{0,300}\d|\bnew address\b/i,
  ],
  ["payments", /\b(?:invoice|charged?|payments?|paid|receipt|billed|billing|bill)\b/i],
  [
    "order_status",
    /\b(?:where|status|track\w*|when|eta|late|delayed?|still waiting|how far|on its way|not (?:yet )?(?:arrived|received|here)|hasn'?t (?:arrived|come|shipped)|has (?:it|my|order|the)\b.{0,300}\b(?:shipped|arrived|left)|is (?:it|my|order|the)\b.{0,300}\b(?:shipped|delivered|on))\b/i,
  ],
];

const THANKS =
  /^\W*(?:(?:many |great|ok(?:ay)?|perfect|super|wonderful)\W*)*(?:thanks?|thank you|thx|cheers|great|perfect|ok(?:ay)?)\b/i;
const GREETING = /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear\b.*)\b/i;

/** The intent of one clause; null for text that only accompanies a request. */
export function intentOf(clause: string, namesOrder: boolean): Intent | null {
  const isQuestion = /\?\s*$/.test(clause);
  const small = isQuestion ? null : smallTalkIn(clause);
  if (small !== null) return small;
  const [intent = null] = RULES.find(([, pattern]) => pattern.test(clause)) ?? [];
  if (intent === "human" || intent === "recall") return intent;
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
  if (isOnRecord && ASKS_WHETHER_POSSIBLE.test(clause)) return true;
  if (MINE.test(clause)) return false;
  if (isOnRecord) return true;
  return intent !== "refund" && GENERAL_UNLESS_MINE.test(clause);
}

/** True for "never mind" and the like: the customer no longer wants what they asked before. */
export function withdraws(clause: string): boolean {
  return /\b(?:never ?mind|forget (?:it|that|about it)|no longer need|disregard (?:that|my)|ignore my (?:last|previous|earlier))\b/i.test(
    clause,
  );
}

/** True for "sorry, I meant …": the clause corrects the request before it. */
export function corrects(clause: string): boolean {
  return /\b(?:sorry|i meant?|i mean|actually|correction|wrong (?:number|order|one)|instead|rather|make (?:that|it)|typo)\b/i.test(
    clause,
  );
}

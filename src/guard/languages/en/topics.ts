/** How English names each topic a reply can make a claim about. */
import { ANYTHING, topicWords } from "#guard/languages/topic-words.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";
import type { TopicWords } from "#guard/languages/language.ts";

const GIVEN =
  "issued|processed|initiated|started|approved|sent|made|completed|granted|arranged|triggered|requested|confirmed|applied|given|authorised|authorized|accepted|put through|submitted|booked|executed|finalised|finalized|performed|released|credited|set up|sorted|handled|scheduled|prepared|organised|organized|pushed through|taken care of|filed|carried out";

const THINGS =
  "refunds?|money|link|password|address|replacement|voucher|discount|order|you|it|amount|charge|cancellation|account|invoice|label|\\d";
const UNDERWAY = anyOf(
  String.raw`\b(?:i am|i'm|we are|we're|they're|am|are|is|being)(?: (?:just|now|already|currently|also))* \w+ing\b.{0,30}\b(?:${THINGS})`,
  String.raw`\b(?:on (?:its|the|their) way|under ?way|in progress|in process|in motion|in the works|complete|done|through|all set|in effect|pending with|good to go|waiting for you|with your bank)\b`,
  String.raw`\bbeing (?:processed|sent|issued|made|prepared|worked on|wired|transferred)\b`,
  String.raw`\b(?:coming|going|heading|headed|travelling) (?:back|your way|to you|home)\b`,
  String.raw`\b(?:back|again) (?:on|in|with|to) (?:your|you)\b|\b(?:on|in|to) your \w+ again\b`,
  String.raw`\b(?:went|gone|moved|transferred) (?:back )?to your (?:\w+ )?(?:card|account|bank|paypal|wallet)\b`,
  String.raw`\bin your (?:inbox|mailbox|account|e-?mail)\b`,
  String.raw`\b(?:working on|taking care of|seeing to|dealing with|handling|arranging|sorting out)\b.{0,30}\b(?:refund|money|link|replacement|cancellation|address|voucher)\b`,
  String.raw`^\W*\w+ing\b.{0,40}\b(?:now|right away|as we speak|immediately)\b`,
);
const FUTURE = anyOf(
  String.raw`\b(?:will|'ll|shall|going to|gonna|about to|can expect|look forward to|getting|receiving)\b`,
  String.raw`\bshould (?:now )?(?:receive|see|get|arrive|appear|have|be|reach|show)\b`,
  String.raw`\bexpect(?: to)? (?:see|receive|get|your|the|a|\d)`,
  String.raw`\b(?:get|receive|have|see)s? (?!a refund or|the choice)(?:[\w.$€£,]+ ){1,4}back\b`,
);

/** Something the reply treats as existing: "your refund", "the full refund". */
function definite(nouns: string): RegExp {
  return pattern(String.raw`\b(?:your|the|this|that) (?:\w+ ){0,2}(?:${nouns})\b`);
}

const AMOUNT = String.raw`(?:\d[\d.,]* ?(?:usd|eur|gbp|cad|chf|dollars|euros|pounds)|[$€£] ?\d[\d.,]*)`;
const CASH = "refunds?|reimbursement|money|repayment|credit note|chargeback|funds|cash|payout";
/** Where money arrives. */
const PURSE =
  "(?:\\w+ )?(?:card|account|bank|paypal|wallet|statement|balance|original payment|payment method|pocket)";

/** The topics in English. */
export const TOPICS: readonly TopicWords[] = [
  topicWords({
    name: "refund",
    subject: pattern(
      String.raw`\b(?:${CASH}|reimburse|cash back|merchant credit|pay (?:you|it|them|everything|the \w+) back)\b`,
    ),
    itself: anyOf(
      String.raw`\b(?:refunded|refunding|reimbursed|reimbursing|repaid|paid (?:you |it |everything |that )?back|paying (?:you )?back|sending back|giving back|paid out|reversed|voided)\b`,
      // Sent 120.00 USD, returned the full 120.00 USD, the payment was returned.
      String.raw`\b(?:returned|returning|sent|sending|transferred|transferring|paid|wired|credited|gave|given|giving|put|putting|released)\b.{0,30}(?:${AMOUNT}|\bthe (?:money|amount|price|payment)\b)`,
      // Something moves to, or is on, the customer's card.
      String.raw`\b(?:credited|returned|transferred|sent|put|wired|going|goes|go|went|gone|coming|come|came|heading|back|landed|placed|restored|released|returning|posted|moved)\b.{0,60}\b(?:to|on|in|into|onto|with) your ${PURSE}\b`,
      String.raw`${AMOUNT}.{0,40}\b(?:back|coming|returned|again|started|on (?:its|their|the) way|(?:in|on|to|with) your ${PURSE})\b`,
      String.raw`\b(?:see|find|show|shows|showing|post)\b.{0,40}(?:${AMOUNT}|\b(?:amount|credit|money|sum)\b).{0,30}\b(?:card|account|bank|statement)\b`,
      String.raw`\bbank\b.{0,20}\b(?:show|shows|showing|see|post)\b.{0,40}(?:${AMOUNT}|\b(?:amount|credit|money)\b)`,
      String.raw`\b(?:price|amount|sum|payment|everything|it)\b.{0,20}\b(?:will be|is|should be|are)\b.{0,20}\b(?:in|on|to) your ${PURSE}\b`,
      // Get it back, sent it back.
      String.raw`\b(?:get|gets|getting|got|receive|received|have|had|see|expect|give|gave|given|giving)\b (?:you )?(?:your |the |this |it |that |all |of |full |entire |whole |price |money |everything |${AMOUNT} |[a-z]{3} [\d.,]+ )+back\b`,
      String.raw`\b(?:sent|gave|given|paid|put|transferred|moved|wired) (?:it|the \w+|your \w+|everything|that|you \w+|${AMOUNT}) back\b`,
      String.raw`\byou(?:'ll| will| are going to)? (?:receive|get|be paid|be sent|be credited)(?: with)? (?:the |a |your )?(?:${AMOUNT}|\d[\d.,]*|full (?:amount|price)|amount|sum)`,
      String.raw`\b(?:charge|payment|debit)\b.{0,20}\b(?:reversed|voided|removed|taken off|dropped|undone|returned|lifted)\b`,
      String.raw`\b(?:undone|removed|dropped|taken off|lifted) the (?:charge|payment|debit)\b`,
      String.raw`\bcredit(?:ed)?\b.{0,30}(?:\b(?:card|account|bank|statement)\b|${AMOUNT})`,
      String.raw`\b(?:charge|bill)(?:d)? you nothing\b|\byou (?:don't|do not|won't|will not) (?:have to )?pay (?:for it|anything)\b`,
    ),
    verbs: `${GIVEN}|refunded|refunding|reimbursed|reimbursing|repaid|paid back|paid you back|paid it back|paid out|returned|transferred|reversed|voided|put|wired|done|complete|successful|through|processing|issuing|initiating|returning|sending back|sent back|given back|given|gave|dropped|removed|undone|taken off|lifted|moved|deposited|restored|credit|posted|landed|cleared|generated|logged|registered|agreed`,
    nouns: `(?:full |total )?(?:${CASH}|credit|amount|sum|price|payment)|${AMOUNT}`,
    underway: UNDERWAY,
    future: FUTURE,
    definite: definite(`${CASH}|credit(?! card| limit)`),
    generally: anyOf(
      String.raw`\brefunds (?:are|can|go|take|usually|within|will|up to|above|of up|always|need|require)\b`,
      String.raw`\brefund (?:policy|window|period|rules?|takes|usually|normally|always|can|could|may|might|goes|depends|requires?|needs?|is (?:possible|an option))\b`,
      String.raw`\bmoney (?:usually|normally|always|can|could|may|goes|takes|depends)\b`,
      String.raw`\b(?:usually|normally|typically|generally)\b`,
      // An amount that was paid or is owed.
      String.raw`\b(?:amount|sum|price|total)\b(?=.{0,30}\b(?:paid|charged|due|of your order|was)\b)(?!.{0,60}\b(?:refund|back|credited|returned)\b)`,
    ),
    outright: pattern(
      String.raw`\bconsider (?:it|that|this|yourself|the \w+) (?:refunded|paid back|done)\b|\b(?:no longer|not) be charged\b|\byou(?:\'ve| have)? (?:paid|owe|pay) nothing\b|\bcosts? you nothing\b`,
    ),
  }),
  topicWords({
    name: "password reset",
    subject: pattern(
      String.raw`\b(?:reset|password|(?:log|sign)-?in link|e-?mail with (?:the|a|your) link|the link (?:is|should|has|was|will))\b`,
    ),
    verbs: `${GIVEN}|reset|resetting|emailed|e-mailed|mailed|changed|generated|sending|created|re-sent|resent|set|renewed`,
    nouns: "reset link|reset|password|link|reset (?:e-?)?mail|(?:e-?)?mail",
    underway: UNDERWAY,
    future: FUTURE,
    definite: definite("reset link|password reset|reset e-?mail"),
    generally: pattern(
      String.raw`\breset links? (?:works?|goes|is valid|expires|can)\b|\byou can\b|\b(?:forgotten|forgot|choose|your old) password\b`,
    ),
    outright: pattern(
      String.raw`\b(?:check|look (?:in|into|at)) your (?:inbox|mailbox|e-?mail) for\b`,
    ),
  }),
  // "Will not be sent" states it in a way that no denial in the same clause takes back.
  topicWords({
    name: "cancellation",
    subject: pattern(String.raw`\bcancell?ation\b`),
    itself: pattern(
      String.raw`\b(?:cancell?ed|cancell?ing|cancel|called off|withdrawn|annulled)\b|\b(?:stopped|halted|pulled|intercepted|recalled) (?:the |your |this |that )?(?:\w+ ){0,2}(?:order|delivery|shipment|parcel|dispatch)\b|\border\b.{0,20}\b(?:stopped|halted|pulled|intercepted|recalled)\b`,
    ),
    verbs: `${GIVEN}|cancelled|canceled|cancelling|canceling|called off|withdrawn|annulled|stopped|halted|pulled|intercepted`,
    nouns: "cancell?ation|order cancell?ation",
    underway: UNDERWAY,
    future: FUTURE,
    definite: definite("cancell?ation"),
    generally: pattern(
      String.raw`\bcancell?ations? (?:is|are|policy|can|costs|before|after|takes)\b`,
    ),
    outright: pattern(
      String.raw`\border\b.{0,30}\b(?:will (?:not|no longer|never)|won't|is not going to) (?:be )?(?:sent|ship|shipped|dispatched|delivered|leave|arrive|charged)\b|\b(?:will not|won't|no longer) be (?:shipped|sent|dispatched|delivered)\b|\b(?:is|are) (?:no longer|not) (?:coming|being (?:sent|shipped))\b|\border\b.{0,30}\b(?:won\'t|will not) (?:go out|leave|ship)\b|\b(?:pulled|intercepted|recalled) (?:your|the)\b`,
    ),
  }),
  topicWords({
    name: "change of address",
    subject: pattern(
      String.raw`(?<!\be-?mail |\bip )\b(?:address|destination)\b(?! (?:on file|you (?:use|order|wrote|write)|it was ordered|we have|change can|changes))`,
    ),
    itself: pattern(
      String.raw`\b(?:redirected|rerouted|re-routed|readdressed)\b|\bnow (?:go|goes|going|ship|ships|be (?:sent|delivered|shipped)|being (?:sent|shipped)|headed|addressed) to (?!you\b|your card|your account|your original|your bank|the original)|\bfrom now on\b.{0,60}\b(?:go|goes|ship|ships|be sent) to\b|\b(?:go|goes|going|ship|ships|sent|delivered) to (?!you\b|your (?:card|account|original|bank)|the original).{1,60}\b(?:now|instead|from now on)\b`,
    ),
    // "I can't find it for your e-mail address" is about an order.
    aside: pattern(
      String.raw`\b(?:for|from|under|with|at|to|by) (?:\w+ ){0,2}(?:e-?mail )?address\b`,
    ),
    verbs:
      "noted|changed|updated|corrected|amended|replaced|edited|modified|set|redirected|rerouted|re-routed|readdressed|switched|saved|recorded|changing|updating|entered|adjusted|stored|fixed|put in|new|in place|on the order|swapped|sorted",
    nouns: "(?:new |shipping |delivery )?address|change of address",
    underway: pattern(
      String.raw`\bfrom now on\b.{0,60}\b(?:go|goes|ship|ships) to\b|\bnow (?:go|goes|going|ship|ships|headed|being sent|being shipped|be (?:sent|delivered|shipped))\b|\b(?:go|goes|ship|ships) to .{1,60}\b(?:now|instead|from now on)\b|\b(?:i am|i'm|we are|we're) (?:now |just )?(?:changing|updating|correcting|redirecting|rerouting)\b`,
    ),
    future: pattern(
      String.raw`\b(?:will|'ll|shall|going to) (?:now |then |be )*(?:change|changed|update|updated|correct|corrected|redirect|redirected|reroute|rerouted|go to|be delivered to|ship to|use|replace)\b`,
    ),
    generally: pattern(
      String.raw`\baddress(?:es)? (?:can|cannot|may|must|should)\b|\bthe address was (?:not|un)`,
    ),
  }),
  // "A new pair" counts, "a new address" does not.
  topicWords({
    name: "replacement",
    subject: pattern(
      String.raw`\b(?:replacement|exchange|(?:brand[- ])?new (?!address|password|link|account|e-?mail|order|phone number|name|delivery)\w+|substitute|spare part)\b`,
    ),
    itself: pattern(String.raw`\b(?:re-?sent|re-?shipped|exchanged|swapped)\b(?!.{0,20}\blink\b)`),
    verbs: `${GIVEN}|shipped|ordered|dispatched|created|sending|shipping|arranging|resent|re-sent|reshipped|re-shipped|exchanged|swapped|posted|out|packed|reserved`,
    nouns:
      "replacement|exchange|new (?:one|pair|unit|item|set|product|device)|substitute|spare part",
    future: FUTURE,
    underway: pattern(
      String.raw`\b(?:i am|i'm|we are|we're|is|are|being)\b.{0,12} \w+ing\b.{0,40}\b(?:replacement|exchange|new \w+|substitute|part)\b|\b(?:on (?:its|the|their) way|under ?way|in progress|in the (?:post|mail)|(?:ships?|goes out|leaves?|arrives?|is (?:coming|headed|going out|shipping|leaving))|being (?:sent|packed|prepared|shipped)|out for delivery)\b`,
    ),
    definite: definite("replacement|exchange"),
    generally: pattern(
      String.raw`\b(?:replacement|exchange) (?:is (?:possible|an option|free)|can|could|takes|policy)\b`,
    ),
  }),
  topicWords({
    name: "compensation",
    subject: pattern(
      String.raw`\b(?:discount|voucher|coupon|store credit|gift card|compensation|compensate|goodwill|(?:loyalty |bonus |your )points|promo code|\d+ ?% off|\d+ points|free of charge|on the house|on us)\b`,
    ),
    itself: pattern(
      String.raw`\b(?:compensated|compensating)\b|\b(?:applied|added|took|taken|knocked) \d+ ?% off\b`,
    ),
    outright: pattern(
      String.raw`\b(?:accept|enjoy|find|redeem) (?:the|this|your|our|a) (?:\w+ )?(?:voucher|coupon|code|gift card|discount)\b`,
    ),
    verbs: `${GIVEN}|added|offered|attached|created|adding|applying|compensated|gifted|put|deducted|taken|taking|knocked|waived|loaded|upgraded`,
    nouns: "discount|voucher|coupon|store credit|gift card|compensation|promo code|code|points",
    underway: UNDERWAY,
    future: FUTURE,
    generally: pattern(
      String.raw`\b(?:vouchers?|coupons?|discounts?|gift cards?) (?:can|cannot|are|is valid|expire)\b`,
    ),
  }),
  topicWords({
    name: "change of the account",
    subject: pattern(
      String.raw`\b(?:account|newsletter|subscription|mailing list|profile|membership|e-?mail address)\b`,
    ),
    itself: pattern(String.raw`\b(?:unsubscribed|deregistered)\b`),
    outright: pattern(
      String.raw`\byou(?:\'re| are) (?:now )?(?:off (?:the|our) (?:mailing )?list|no longer subscribed)\b`,
    ),
    verbs:
      "closed|deleted|removed|unlocked|unblocked|blocked|activated|reactivated|deactivated|unsubscribed|subscribed|merged|registered|updated|changed|corrected|erased|paused|suspended|cancelled|canceled|deregistered|locked|taken off|secured|restored|verified|linked|created",
    nouns: "account|newsletter|subscription|profile|membership",
    underway: UNDERWAY,
    future: FUTURE,
    generally: pattern(
      String.raw`\b(?:you can|in your account|on (?:your|the) account page|go to|sign in)\b`,
    ),
  }),
  // Every second sentence is about a delivery: only these verbs say that it was changed.
  topicWords({
    name: "change of the delivery",
    subject: ANYTHING,
    verbs:
      "upgraded|expedited|prioriti[sz]ed|rescheduled|postponed|brought forward|moved up|moved to (?:mon|tues|wednes|thurs|fri|satur|sun)day|put on hold|on hold|fast-?tracked|rushed|sped up",
    nouns: "express upgrade|upgrade to express",
    underway: pattern(String.raw`\b(?:expediting|prioriti[sz]ing|rescheduling|fast-?tracking)\b`),
    outright: pattern(
      String.raw`\b(?:now|will|\'ll) (?:be |go |goes |ship |ships |travel |travels |sent |come |comes )+by express\b`,
    ),
    future: pattern(
      String.raw`\b(?:will|'ll) (?:now |be |get |have )*(?:upgrade|upgraded|expedite|expedited|prioriti[sz]ed?|reschedule|rescheduled|jump the queue|leave today|ship today|ship first)\b`,
    ),
  }),
  topicWords({
    name: "longer term",
    subject: ANYTHING,
    verbs: "extended|prolonged|waived|lengthened|reserved|set aside|kept back|put aside",
    nouns: "warranty extension|extension",
    underway: pattern(String.raw`\b(?:extending|waiving|prolonging)\b`),
    future: pattern(
      String.raw`\b(?:will|'ll) (?:be )?(?:extend|extended|waive|waived|prolong|reserve|reserved|set aside)\b`,
    ),
    generally: pattern(String.raw`\b(?:you can|can be|usually)\b`),
  }),
  topicWords({
    name: "document",
    subject: pattern(
      String.raw`\b(?:invoice|receipt|return label|shipping label|prepaid label|label|copy|confirmation (?:e-?mail|letter)|proof of purchase|form)\b`,
    ),
    verbs:
      "sent|e-?mailed|mailed|attached|enclosed|forwarded|created|generated|issued|re-?sent|prepared|in your (?:inbox|mailbox)|on its way",
    nouns: "invoice|receipt|label|return label|copy",
    underway: UNDERWAY,
    future: pattern(
      String.raw`\b(?:i|we)(?:'ll| will| am going to|'re going to) (?:\w+ )?(?:send|e-?mail|mail|attach|forward|create)\b`,
    ),
    generally: pattern(String.raw`\b(?:you can|usually|always)\b|\bwe send you\b`),
  }),
];

/** The ways a claim can be worded. */
interface Forms {
  readonly done: RegExp;
  readonly underway: RegExp;
  readonly future: RegExp;
}

/** Something a reply may say was done, with the operation that has to go with it. */
export interface ClaimTopic {
  readonly name: string;
  /** Operations that make the claim true. */
  readonly operation: RegExp;
  /** How a clause names it. */
  readonly subject: RegExp;
  /** Verbs that name it by themselves: "I refunded you". */
  readonly itself?: RegExp;
  readonly forms: Forms;
  /** A statement about how things usually go, which claims nothing about this case. */
  readonly generally?: RegExp;
  /** Names it in passing only, so that the "it" of the next clause is something else. */
  readonly aside?: RegExp;
  /** A word by which a record shows it as done before. */
  readonly state?: string;
}

const ADVERBS =
  "(?: (?:just|already|now|also|successfully|fully|partially|partly|automatically|immediately|since|today|directly|both|all|gone ahead|gone ahead and))*";
const WHO =
  "(?:i|we|he|she|they|our team|the team|my colleague|a colleague|a teammate|support|the shop)";

const GIVEN =
  "issued|processed|initiated|started|approved|sent|made|completed|granted|arranged|triggered|requested|confirmed|applied|given|authorised|authorized|accepted|put through|submitted|booked|executed|finalised|finalized";

/** The topics, the more particular first: a reset link "sent to your address on file" is no change of address. */
export const CLAIM_TOPICS: readonly ClaimTopic[] = [
  {
    name: "refund",
    operation: /refund/,
    subject: /\b(?:refund|refunds|reimbursement|money|repayment|credit note)\b/i,
    itself:
      /\b(?:refunded|refunding|reimbursed|reimbursing|repaid|paid (?:you )?back|reversed)\b|\b(?:credited|returned|transferred|sent|put)\b.{0,40}\bto your (?:card|account|bank|paypal|wallet|original payment)|\bget (?:your |the |this |it |[\d.]+ [A-Z]{3} )+back\b/i,
    forms: formsOf(
      `${GIVEN}|refunded|refunding|reimbursed|reimbursing|repaid|paid back|paid you back|paid out|returned|transferred|credited|reversed|put|done|processing|issuing|initiating|returning`,
    ),
    generally:
      /\brefunds (?:are|can|go|take|usually|within|will|up to|above|of up)\b|\brefund (?:policy|window|rules?|takes|usually)\b/i,
  },
  {
    name: "password reset",
    operation: /reset_password|password/,
    subject: /\b(?:reset|password)\b/i,
    forms: formsOf(`${GIVEN}|reset|resetting|emailed|mailed|changed|generated|sending|created`),
  },
  {
    name: "cancellation",
    operation: /cancel/,
    subject: /\bcancell?ation\b/i,
    itself: /\b(?:cancell?ed|cancell?ing)\b/i,
    forms: formsOf(`${GIVEN}|cancelled|canceled|cancelling|canceling`),
    state: "cancelled",
  },
  {
    name: "change of address",
    operation: /address/,
    subject: /\b(?:address|destination)\b/i,
    // "I can't find it for your e-mail address" is about an order.
    aside: /\b(?:for|from|under|with|at|to|by) (?:\w+ ){0,2}(?:e-?mail )?address\b/i,
    itself: /\b(?:redirected|rerouted|re-routed)\b/i,
    forms: formsOf(
      "changed|updated|corrected|amended|replaced|edited|modified|set|redirected|rerouted|re-routed|switched|saved|recorded|changing|updating",
    ),
  },
  {
    name: "replacement",
    operation: /replac|exchange|resend|reship/,
    subject: /\b(?:replacement|exchange|new one|substitute)\b/i,
    itself: /\b(?:re-?sent|re-?shipped|exchanged)\b/i,
    forms: formsOf(
      `${GIVEN}|shipped|ordered|dispatched|created|sending|shipping|arranging|resent|re-sent|reshipped|exchanged`,
    ),
  },
  {
    name: "compensation",
    operation: /discount|voucher|coupon|credit|compensat|gift/,
    subject:
      /\b(?:discount|voucher|coupon|store credit|gift card|compensation|goodwill|loyalty points)\b/i,
    forms: formsOf(`${GIVEN}|added|credited|offered|attached|created|adding|applying`),
  },
];

/** The wordings for what is done with a topic, given as participles for the inside of a pattern. */
function formsOf(verbs: string): Forms {
  const verb = `(?:${verbs})`;
  return {
    done: new RegExp(
      [
        // I have refunded, we've just issued, I did refund, I refunded.
        String.raw`\b${WHO}(?:'ve|'d| have| had| has| did| was able to| managed to)?${ADVERBS} ${verb}\b`,
        // has been issued, was changed, is confirmed, got approved.
        String.raw`\b(?:has|have|had|is|are|was|were|been|being|got|gets)\b${ADVERBS}(?: been| being)?${ADVERBS} ${verb}\b`,
        String.raw`\b\w+'s${ADVERBS}(?: been)?${ADVERBS} ${verb}\b`,
        // "Refund issued." "Address changed!" "Just refunded 120.00 USD."
        String.raw`^\W*(?![^,;]{0,24}\breset\b)(?:(?:your|the|a|full|partial|just|now|password|shipping|delivery) )*(?:refund|reset|link|password|address|replacement|order|cancellation|amount|money|voucher|discount)?(?: of [^ ]{1,20}(?: [A-Z]{3})?)? ?${verb}\b`,
        String.raw`\border #?[\w-]{1,20} ${verb}\b`,
        String.raw`\bconsider (?:it|this|that|yourself|the \w+) ${verb}\b`,
        String.raw`\b(?:went|gone|came|come|is|are) through\b|\bnow (?:reads|shows|points|goes)\b`,
        String.raw`\b${WHO}(?:'ve| have)?${ADVERBS} (?:did|done) (?:the|your|a) `,
        String.raw`\byour ${verb} (?:amount|money|order|refund|address|password)\b`,
        String.raw`\b(?:having|after) ${verb}\b`,
        String.raw`\b(?:here is|here's|attached is|please find|enclosed is|this is|you have|you've got|you've received|you have received) (?:your|the|a|an) (?:full |partial |new )?(?:refund|discount|voucher|coupon|replacement|gift card)\b`,
      ].join("|"),
      "i",
    ),
    underway: new RegExp(
      [
        String.raw`\b(?:i am|i'm|we are|we're|am|are|is|being)${ADVERBS} (?:\w+ing)\b.{0,30}\b(?:refund|address|password|reset|replacement|order|money|you|it|discount|voucher)\b`,
        String.raw`\b(?:on (?:its|the) way|under ?way|in progress|in process|complete|done|through|all set|in effect|pending with|being (?:processed|sent|issued|made))\b`,
      ].join("|"),
      "i",
    ),
    future:
      /\b(?:will|'ll|shall|going to|gonna|about to|should (?:receive|see|get|arrive|appear|have)|expect(?: to)? (?:see|receive|get|your|the|a)|can expect)\b/i,
  };
}

const PEOPLE =
  "(?:we|i|someone|somebody|they|support|the team|a (?:colleague|teammate|specialist|person|human|manager|member of (?:our|the) team)|our (?:team|specialists?|colleagues?|experts?))";
const SEES_TO_IT =
  "(?:get back to|be in touch|contact|reach out|follow up|reply to|respond to|call|e-?mail|write to|let you know|look into|investigate|review|check|take (?:a look|over|care)|handle|keep you (?:posted|updated|informed)|come back to|update you|inform you|notify|pass (?:it|this|that|your \\w+) on|forward)";

/** Promises that people will take it up. */
export const HAND_OVER_PROMISED = new RegExp(
  String.raw`\b${PEOPLE}(?:'ll| will| are going to|'re going to| shall)(?: \w+){0,2} ${SEES_TO_IT}\b|\byou(?:'ll| will)(?: \w+){0,1} hear (?:back )?from\b`,
  "i",
);

const HANDED =
  "(?:forwarded|passed|escalated|handed|transferred|raised|opened|created|filed|notified|informed|alerted|contacted|asked|told|forwarding|passing|escalating|handing|transferring|raising|opening|creating|filing|notifying|informing|alerting|contacting|asking)";
const TAKER =
  "(?:team|colleagues?|specialists?|ticket|case|department|supervisor|manager|warehouse|carrier|courier|support|them|it|this|person|people|teammates?)";

/** Says that people have it already. */
export const HAND_OVER_DONE = new RegExp(
  String.raw`\b(?:i|we)(?:'ve| have| had|'m| am|'re| are)?(?: just| now| already| also)* ${HANDED}\b(?=[^.]{0,60}\b${TAKER}\b)|\b(?:has|have|is|been|was)(?: been)?(?: now| already)? (?:forwarded|passed on|passed to|escalated|handed over|raised with|transferred to (?:our|the|a) (?:team|colleague|specialist|person))\b`,
  "i",
);

/** Claims that name no topic: "all done", "I have taken care of it", and verbs that always change something. */
export const UNNAMED =
  /\b(?:all done|it(?:'s| is) (?:all )?(?:done|sorted|fixed|settled)|that(?:'s| is| has been) (?:done|sorted|fixed|settled|taken care of)|(?:i|we)(?:'ve| have)(?: just| now| already| also)* (?:done|taken care|sorted|fixed|resolved|settled|updated|changed|added|removed|deleted|closed|activated|deactivated|extended|waived|upgraded|expedited|rescheduled|scheduled|booked|ordered|shipped|dispatched|unlocked|unblocked|blocked|applied|adjusted|corrected|merged|sent|emailed|mailed|placed|registered|unsubscribed|subscribed|reset|cancelled|canceled))\b/i;

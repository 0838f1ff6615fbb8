/** What the output check looks for in English. */
import type { Wording } from "#guard/languages/language.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";
import { FRAMES } from "./frames.ts";
import { TOPICS } from "./topics.ts";

const PEOPLE =
  "(?:we|i|someone|somebody|they|support|the team|the (?:warehouse|courier|carrier|finance) team|a (?:colleague|teammate|specialist|person|human|manager|technician|member of (?:our|the) team)|one of (?:our|my) \\w+|(?:our|my) (?:\\w+ )?(?:team|specialists?|colleagues?|experts?|manager|supervisor|warehouse|department|technicians?|support))";
/** People whose only role in a reply is to deal with the request. */
const OTHERS =
  "(?:someone|somebody|a (?:colleague|teammate|specialist|manager|technician|member of (?:our|the) team)|one of (?:our|my) \\w+|(?:our|my|the) (?:\\w+ )?(?:team|specialists?|colleagues?|experts?|manager|supervisor|warehouse|department|technicians?)|finance|accounting)";
const SEES_TO_IT =
  "(?:get back to|be back|be in touch|get in touch|contact|reach out|follow up|reply to|respond to|answer|call|phone|ring|give you a (?:call|ring)|e-?mail|write to|let you know|look into|look for|look at|investigate|review|check|take (?:a look|over|care|this up|it up|it from)|handle|keep you (?:posted|updated|informed)|keep an eye|come back to|update you|inform you|notify|pass (?:it|this|that|your \\w+) on|forward|speak|talk|ask (?!you\\b)|have a word|chase|raise|escalate|dig|get (?:this|it|that) (?:sorted|fixed|resolved)|sort (?:this|it|that)|find out|search|trace|monitor|report|see to|make sure|arrange|organi[sz]e|deal with|work on)";
const ABOUT_TO =
  "(?:'ll| will| am going to|'m going to| are going to|'re going to| is going to| shall|'s going to| am about to|'m about to)";

/** Adverbs between "we have" and the verb. */
const LATELY =
  "(?: (?:just|now|already|also|then|since|gone ahead and|both|successfully|personally|immediately|meanwhile))*";

/** What may have happened without us: states that are checked separately, and the customer's own account. */
const HARMLESS_EVENTS =
  "been|delivered|shipped|dispatched|posted|returned|arrived|paid|charged|billed|debited|ordered|placed|purchased|received|prepared|packed|started to|stopped working|failed|tried|happened|passed|expired|damaged|cracked|dented|scratched|affected|declined|denied|rejected|refused|delayed|called|named|listed|included|covered|described|designed|required|needed|expected|supposed|allowed|meant|based|located|interested|pleased|delighted|concerned|worried|annoyed|disappointed|mentioned|asked|wanted|used|opened|closed|checked|looked|noticed|confused|mixed|unboxed|sent (?:on|in|by)|made (?:of|by|on|with|for)|taken (?:on|by)|given (?:the|your)|promised|agreed|handed|needed|deserved|missed|left|stored|damaged|registered for|tracked|calculated|counted|written|signed|worked|lasted|cost|lost|found|sold";

const HANDED =
  "(?:had a word|forwarded|passed|escalated|handed|transferred|raised|opened|created|filed|notified|informed|alerted|contacted|asked|told|briefed|called|spoken|talked|flagged|reported|logged|reached out|checked in|forwarding|passing|escalating|handing|transferring|raising|opening|creating|filing|notifying|informing|alerting|contacting|asking|briefing|flagging|chasing)";
const TAKER =
  "(?:team|colleagues?|specialists?|ticket|case|department|supervisor|manager|warehouse|carrier|courier|support|them|it|this|person|people|teammates?|bank|finance|complaint|investigation|ups|post office)";

/** Between "has" and "shipped". */
const SINCE = "(?: now| already| been| just| being| all| finally){0,3}";

/** "Sorry that it arrived broken" repeats the customer. */
const NOT_AS_TOLD =
  "(?! (?:broken|damaged|late|faulty|dented|open|empty|scratched|defective|in (?:this|such|that)))";

/** What the check looks for in English. */
export const english: Wording = {
  language: "en",
  clauseEnd: pattern(
    String.raw`[,;:–—]\s|\s-+\s|\s[([]|\b(?:and(?! #?\d[\w-]*\b(?! ?(?:usd|eur|gbp|%|dollars|euros|business|days|working)))|but|so(?! (?:is|has|was|are|have|were|did) )|because|although|though|while|whereas|(?<!not )yet|(?<!\b(?:'ll|will|can) )then)\s`,
    "g",
  ),
  question: pattern(
    String.raw`^\W*(?:(?:and|so|just to be sure|to be sure|sorry|one question|in that case|or)[,:]? )?(?:has|have|had|was|were|is|are|did|does|do|would|could|can|shall|should|will|may|which|what|when|who|how|where|whether|why|don't|doesn't|isn't|won't)\b`,
  ),
  condition: pattern(
    String.raw`\b(?:if|once|unless|whether|in case|as soon as (?!possible)|when(?:ever)? (?:you|it|the|we|an?|your)|after (?:you|it|we|approval|a (?:teammate|person))|provided|depending on|should you|as long as|while)\b|\b(?:i|we)(?:'ll| will) (?:\w+ )?then\b|(?:^\W*|\b(?:please|just|simply) )(?:send|tell|give|check|confirm|reply|answer|write|let|share|provide|name|say)\b[^.!?]{0,160}(?:[,;] (?:and |so |then )?| and )(?:i|we)(?:'ll| will)\b`,
  ),
  news: pattern(
    String.raw`\b(?:once|as soon as|when|after|if) (?:i|we|they) (?:know|hear|have (?:news|more|an|heard|checked|spoken|any)|find|learn|get (?:an|news|word|more))\b`,
    "g",
  ),
  inGeneral: pattern(
    String.raw`^\W*(?:(?:all|most|our|standard|express|for) )*(?:orders|parcels|packages|items|products|goods|deliveries|refunds|replacements|vouchers|returns|repairs)\b(?! #?\d)`,
  ),
  hypothetical: pattern(
    String.raw`^\W*(?:(?:and|or|but|only|even|just|then) )?(?:if|once|when|whenever|unless|until|before|after(?! (?:checking|looking|speaking|you wrote|your))|whether|as soon as (?!possible)|in case|provided|as long as|while|should you|how|what|which|where|who|why)\b`,
  ),
  repeats: pattern(
    String.raw`\byou (?:asked|wrote|write|mention\w*|said|say|request\w*|told|gave|give|quoted|named|refer\w*|want\w*|would like|describe\w*)\b|\b(?:your|the) (?:message|question|request|e-?mail|letter)\b|(?:\b(?:not|unable to|no|cannot)|n't) (?:\w+ ){0,6}(?:find|found|see|locate|order)\b|\b(?:only|just) \w+ (?:about|to|with) (?:orders|your own)\b`,
  ),
  denial: pattern(
    String.raw`^\W*(?:no|none|nothing|neither|never|nobody)\b|\b(?:cannot|not|no longer|unable to|never|neither|nor)\b|n't\b`,
  ),
  past: pattern(String.raw`\b(?:has|have|had|was|were|been|did|i|we)\b|'ve\b`),
  undone: isUndone,
  refers: pattern(
    String.raw`\b(?:it|this|that|everything|all|them|they|both|yours|the money|the amount|the sum|so|the rest)\b`,
  ),
  reports: pattern(
    String.raw`\byou (?:also )?(?:wrote|write|say|said|mention(?:ed)?|asked|told us|told me|claim|report(?:ed)?|think|believe|heard)\b[^,;]{0,20}\b(?:that|whether|if)\b(?:(?! and )[^,;]){0,80}$`,
  ),
  happens: pattern(
    String.raw`\b(?:has|have|had|was|were|is|are|been|being|will|did|went|got|\w{2,}ed|sent|paid|put|gave|given|made|done|coming|\w{3,}ing|transfers|sends|pays)\b|'(?:ll|re|ve|s)\b`,
  ),
  harmless: pattern(
    String.raw`\b(?:can|could|may|might|would|must|need|needs|possible|eligible|ask|asks|asked|request\w*|want|wants|like|about|regarding|question\w*|policy|usually|normally|typically|always|never|not|no|declined|denied|rejected|refused|whether|how|when|depends|instead|either|offer\w*|choose|prefer|waiting|wait|missing|sorry|understand|worry|discuss|talk|goes|takes|before|until|to see)\b|n't\b|'d\b`,
  ),
  likewise: pattern(String.raw`^\W*(?:and )?so (?:is|has|was|are|have|were|did)\b`),
  inFull: pattern(
    String.raw`\b(?:full(?:y)?|whole|entire(?:ly)?|complete(?:ly)?|everything|all (?:of |your |the )|in full|total|100 ?%|(?:paid|pay|owe) nothing)\b`,
  ),
  half: pattern(String.raw`\b(?:half|50 ?%)\b`),
  several: pattern(
    String.raw`\b(?:both|all|each|every one) (?:of )?(?:the |your |these |those |my )?(?:two |three )?(?:orders?|purchases|refunds|parcels)\b|\b(?:two|three) (?:orders|refunds)\b|\bboth (?:have|were|are|got)\b`,
  ),
  anew: pattern(
    String.raw`\b(?:just|now|today|another|again|a second|right away|a moment ago|this minute)\b`,
  ),
  otherPlaces: pattern(
    String.raw`\b(?:bank account|paypal|apple pay|google pay|store credit|wallet|other card|another card|new card|gift card|different card|cheque|check by)\b`,
  ),
  priceBefore: pattern(
    String.raw`\b(?:of (?:the|your)|you paid|paid|costs?|price(?: of| was|:)?|worth|total(?: of| was|:)?|out of|from (?:the|your)|originally|charged)\s$`,
  ),
  priceAfter: pattern(
    String.raw`^\s(?:order|purchase|items?|product|you (?:paid|had paid|were charged)|that you|price|total|in total|paid|(?!refund|credit)[a-z]+ (?:has|have|was|were) (?:now |already |just )?been)\b`,
  ),
  verb: pattern(
    String.raw`\b(?:is|are|was|were|am|be|been|has|have|had|will|would|can|could|may|might|must|should|shall|do|does|did|i|we|you|they|it|he|she|not|please|see|goes|takes|stays|remains|if|which|who|that)\b|'(?:s|re|ve|ll|m|d)\b|n't\b`,
  ),
  toPlace: /\bto (?=\d|\p{Lu})/u,
  frames: FRAMES,
  topics: TOPICS,
  handOverPromised: anyOf(
    String.raw`\b${PEOPLE}${ABOUT_TO}(?: \w+){0,2} ${SEES_TO_IT}\b`,
    String.raw`\b${OTHERS}${ABOUT_TO} (?!(?:not|never|only|always|be (?:closed|open|happy))\b)\w+`,
    String.raw`\b${OTHERS} (?:calls|rings|phones|contacts|writes to|gets back to) you\b`,
    String.raw`^\W*(?:and |then |also )?will (?:\w+ ){0,2}${SEES_TO_IT}\b`,
    String.raw`\byou(?:'ll| will)(?: \w+){0,1} (?:hear (?:back )?(?:from|by|shortly|soon)|get (?:a|an) (?:call|answer|update|reply)|be (?:contacted|called|informed|notified|updated|kept))\b`,
    String.raw`\b(?:expect|await) (?:a|our|their|an) (?:call|reply|answer|update|visit)\b`,
  ),
  handOverDone: anyOf(
    String.raw`\b(?:i|we)(?:'ve| have| had|'m| am|'re| are)?(?: (?:just|now|already|also|since|been|gone ahead and|asked|currently|personally))* ${HANDED}\b(?=[^.]{0,60}\b${TAKER}\b)`,
    String.raw`\b(?:has|have|is|been|was|were|are)(?: been)?(?: now| already)? (?:forwarded|passed on|passed to|escalated|handed (?:over )?to (?:our|the|a|my) (?:\\w+ )?(?:team|colleague|specialist|person|manager|department)|raised with|flagged|assigned to|logged|transferred to (?:our|the|a) (?:team|colleague|specialist|person))\b`,
    String.raw`\b(?:case|ticket|complaint|investigation|search|trace|inquiry|enquiry)\b.{0,30}\b(?:has been|was|is|have been|'s been) (?:now |already )?(?:opened|created|raised|started|filed|launched|logged|open|under ?way|in progress|registered)\b`,
    String.raw`\b${PEOPLE}(?:'s|'re|'m| is| are| am)(?: (?:now|already|currently|still|busy))* (?:looking (?:into|at|for)|investigating|checking|reviewing|working on|chasing|searching|handling|dealing with|on it|tracing|following up|taking care)\b`,
    String.raw`\b${OTHERS}(?:'s| is| are|'re)(?: (?:now|already|currently|still|busy))* (?:on (?:it|the case)|\w+ing (?!\w* ?(?:hours|from|between)))`,
    String.raw`\b${OTHERS}(?: \w+)? (?:took over|has taken over|\w{3,}ed) (?!hours)`,
    String.raw`\b${OTHERS}(?:'s| has|'ve| have)(?: (?:now|already|just|since))* (?:been )?(?!(?:closed|opened|received|checked|a|the|no|not)\b)\w+(?:ed|en|ld|ld|nt|de)\b`,
    String.raw`(?<!\byou )(?<!\byou've )\b(?:has|have|was|were)(?: (?:now|already|just))* been (?:told|informed|notified|alerted|instructed|briefed|asked|contacted|reported)\b`,
    String.raw`(?<!\byou )\b(?:was|were)(?: (?:now|already|just))* (?:told|informed|notified|alerted|instructed|briefed)\b`,
    String.raw`\b(?:i|we)(?:'ve| have)?(?: (?:just|now|already|also))* (?:told|informed|notified|alerted|instructed|briefed|asked|contacted|reported) (?:the|our|your|my) \w+`,
    String.raw`\b(?:complaint|case|request|message|ticket|matter|claim)\b.{0,20}\b(?:sits|lies|rests|went|goes|is) (?:now )?(?:with|to) (?:our|the|my)\b`,
    String.raw`\b(?:is|are) being (?:looked into|investigated|reviewed|checked|examined|handled|searched|looked at)\b`,
    String.raw`\b${PEOPLE}(?:'s| has|'ve| have) (?:been (?:informed|told|notified|asked|alerted)|(?:already |now )?(?:started|begun|taken (?:over|it up|this up)))\b`,
    String.raw`^\W*(?:and |also )*(?:let (?:our|the|my) \w+(?: team)? know|asked (?:our|the|my) \w+|told (?:our|the|my) \w+|informed (?:our|the|my) \w+)\b`,
    String.raw`\b(?:i|we)(?:'ve| have)?(?: \w+){0,1} let (?:our|the|my) \w+(?: team)? know\b`,
  ),
  promised: pattern(
    String.raw`\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall)\b`,
  ),
  promisedLightly: pattern(
    String.raw`\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to| shall)(?: (?:gladly|then|also|only|happily|of course|certainly|always|never|not|first|just))* (?:look (?:\w+ )?up|look for (?:the|a) (?:best|right|good)|be (?:happy|glad|able|here|there|pleased|sorry|honest|open|brief|more than)|need|have to|help|explain|wait|gladly|ask you|tell|do (?:my|our) best|do (?:everything|all|what) (?:i|we) can|try|keep it|look forward|assume|show you|list|answer|start with|walk you|never|not|only|go through|stay|see|miss|be|guide you|take your)\b`,
  ),
  doneUnnamed: anyOf(
    String.raw`^\W*(?:(?:ok|okay|right|great|perfect|super|sure|thanks),? )?(?:(?:it's|that's|it is|that is|and|all|everything|you're|you are) )*(?:all )?(?:done|sorted|settled|fixed|resolved|taken care of|set|covered|mission accomplished|job done)\b(?= ?(?:[.!,;:]|$| for you| now| on our| and))`,
    String.raw`\b(?:it|that|this|everything|all of (?:it|this))(?:'s| is| has been| was|'s been)(?: now| all| already)* (?:done|sorted|fixed|settled|taken care of|resolved|arranged|in order|handled|set up|dealt with|completed|finished|corrected|rectified|adjusted|put right)\b`,
    String.raw`\b(?:i|we)(?:'ve| have)(?: just| now| already| also)* (?:got you covered|done (?:it|that|so|this|as|what|everything)|taken care|sorted|fixed|resolved|settled|dealt with|handled|seen to)\b`,
    String.raw`\b(?:problem|issue|matter|request|case|claim|complaint)s?(?: has been| have been| is| are| was| were)?(?: now| all| already)* (?:solved|resolved|fixed|sorted|closed|done|settled|granted|accepted|approved)\b`,
    String.raw`\b(?:i|we)(?:'ve| have)? made sure (?:of (?:that|it)|that)\b`,
    String.raw`\b(?:decided|chose) to\b.{0,40}\bdid so\b|\byou(?:'re| are) (?:all set|good to go|sorted|covered)\b`,
  ),
  didSomething: anyOf(
    String.raw`\b(?:i|we)(?:'ve| have)${LATELY} (?:\w+ed|put|set|let|cut|done|made|sent|given|begun|run|taken|bought|brought|built|chosen|drawn|found|held|kept|left|lent|lost|paid|sold|spoken|taught|told|thrown|turned|won|written|withdrawn|undone|unlocked|\w+en)\b`,
    String.raw`\b(?:i|we|they)${LATELY} \w{2,}ed\b(?= (?:your|the|my|our|a|an|you|it|both|them|this|that|order|all|another|\d))`,
    String.raw`\b(?:i|we)${LATELY} (?:put|set|sent|gave|made|took|told|held|cut|withdrew|undid) (?:your|the|it|you|a|an|both|them|this|order)\b`,
    // Anything done to something of the customer's, except an order's state and what people say.
    String.raw`(?<!\byou )(?<!\byou've )(?:\b(?:has|have|was|were|is now|are now)|'s|'ve)${LATELY}(?: (?:now|finally|successfully|duly))*(?: been)?${LATELY} (?!(?:${HARMLESS_EVENTS})\b)(?:\w{3,}ed|undone|withdrawn|sent|given|taken|put|made|set up|dealt with|looked after)\b`,
    // "Your guarantee now runs until 2029."
    String.raw`\b(?:your|the) (?:\w+ ){1,3}now (?!(?:is|has|was|shows|costs|says|appears|takes|counts|needs)\b)\w{2,}s\b`,
    // "… and unlocked your account."
    String.raw`^\W*(?:also |then |and )*(?:unlocked|unblocked|blocked|deleted|closed|extended|waived|upgraded|expedited|activated|deactivated|unsubscribed|rescheduled|removed|added|updated|changed|shipped|dispatched|booked|ordered|registered|notified|informed|alerted|merged|stopped|halted|fixed|corrected|swapped|switched|arranged|organi[sz]ed)\b(?= (?:your|the|my|our|a|you|it)\b)`,
  ),
  didLittle: pattern(
    String.raw`\b(?:i|we)(?:'ve| have)?${LATELY}(?: not| never| only| carefully)* (?:checked|looked|found|seen|read|reviewed|gone|received|got|had|been|understood|noticed|noted|located|verified|compared|listed|included|quoted|copied|written|explained|mentioned|described|asked you|answered|replied|counted|searched|tried|heard|gathered|missed|misunderstood|misread|made (?:a|an|the) (?:mistake|error)|thought|wondered|waited|known|learned|learnt|apologi[sz]ed|enjoyed|worked|loved|liked|summari[sz]ed|attached the|ended|put together|confirmed|reached|said|told you|kept you|let us|not|needed|wanted|hoped|promised|agreed|talked|spoken|discussed|charged|failed|offered|expected|assumed|reali[sz]ed|believed|stated|referred|linked|shipped|dispatched|delivered|posted|kept|called it|used|cannot|appreciated|regretted|taken a look|taken note)\b`,
  ),
  states: [
    {
      state: "shipped",
      pattern: anyOf(
        String.raw`\b(?:has|have|was|were|is|are|got|'s|'ve)${SINCE} (?:shipped|dispatched|sent out|handed (?:over )?to (?:the )?(?:carrier|courier|postal service|post|ups|usps|dhl|fedex|dpd|gls)|posted)\b`,
        String.raw`\b(?:we|they|i)(?:'ve| have)?(?: now| already| just)* (?:shipped|dispatched|sent out|posted)\b`,
        String.raw`\b(?:left|leaving) (?:our|the) warehouse\b|\b(?:in transit|out for delivery|with the (?:carrier|courier))\b`,
        String.raw`\b(?:your|the|order) (?:[\w#-]+ ){1,3}(?:is|are|'s) (?:now |already )?on (?:its|the|their) way\b`,
      ),
    },
    {
      state: "delivered",
      pattern: anyOf(
        String.raw`\b(?:has|have|was|were|is|are|got|'s|'ve)${SINCE} (?:delivered|arrived|dropped off)\b${NOT_AS_TOLD}`,
        String.raw`\b(?:(?:your|the|order) (?:[\w#-]+ ){1,3}|it |they )(?:arrived|reached you)\b${NOT_AS_TOLD}`,
        String.raw`\b(?:delivered|dropped off|handed over) (?:your|the|it)\b`,
        String.raw`\b(?:we|they)(?:'ve| have)?(?: now| already)* delivered\b`,
      ),
    },
    {
      state: "returned",
      pattern: anyOf(
        String.raw`\b(?:has|have|was|were|is|are|'s|'ve)${SINCE} (?:returned|sent back|come back)\b(?! to your (?:card|account|bank|original))`,
        String.raw`\b(?:we|i)(?:'ve| have)?(?: now| already| just)* (?:received|got) (?:your|the) (?:\w+ ){0,2}(?:return|returned|parcel|package|goods)\b`,
        String.raw`\b(?:we|i)(?:'ve| have)?(?: now| already| just)* (?:received|got) (?:your|the) (?:\w+ )?(?<item>\w+)\b`,
        String.raw`\b(?:return|parcel|item) (?:has |is |was )?(?:been )?(?:received|arrived back|back with us)\b`,
      ),
    },
    {
      state: "lost",
      pattern: pattern(String.raw`\b(?:has|have|was|were|is|are|got|'s)${SINCE} lost\b`),
    },
  ],
};

/**
 * Whether the text before "has been refunded" takes it back: "no refund", "not yet", "I can't see that it". A "not"
 * further away belongs to something else, as in "I can't wait to tell you: I have refunded it".
 */
function isUndone(upTo: string, matched: string): boolean {
  const before = upTo.slice(0, upTo.length - matched.length);
  return (
    /^\W*(?:no (?!problem|worr|doubt)|none|nothing|neither|never|nobody)/.test(before) ||
    /\b(?:after|once|when|until|before|if|unless|as soon as|whether) (?:\w+ ){0,4}$/.test(before) ||
    /(?:\bnot|n't|\bnever|\bno longer|\bno|\bwithout)(?: \w+){0,2} ?$/.test(before) ||
    /(?:\bnot|n't|\bcannot)\b(?! wait| help| be happier).{0,40}\b(?:that|whether|if|find|see)\b/.test(
      before,
    ) ||
    /(?:\bnot|n't|\bnever)\b/.test(matched)
  );
}

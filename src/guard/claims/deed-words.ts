/** The words by which English says that something was, is or will be done, each as alternatives of a pattern. */

const R = String.raw;

/** What a reply may say was done with money, an order or an account. */
export type ActClass =
  | "refund"
  | "credit"
  | "replacement"
  | "cancellation"
  | "address"
  | "password"
  | "document"
  | "account"
  | "delivery"
  | "waiver";

/** The forms of some verbs, each as alternatives of a pattern in the spelling of spelling.ts; absent ones do not exist. */
export interface VerbForms {
  /** Participles: "refunded" after "I have" or "was". */
  readonly done?: string;
  /** Finite forms, or whole phrases, that say by themselves that it is done: "here is your voucher". */
  readonly said?: string;
  /** The present as a promise, with `we` as subject: "refunding". */
  readonly now?: string;
  /** Infinitives after a marker of the future: "refund" after "we will". */
  readonly will?: string;
}

/** The words of one class. */
export interface ActSource extends VerbForms {
  /** Nouns that name it; together with a general verb, or with what a noun may be, they say that it is done. */
  readonly nouns?: string;
}

/** States of an order: participles after an auxiliary, and phrases that say it by themselves. */
export interface StateSource {
  readonly state:
    | "processing"
    | "shipped"
    | "travelling"
    | "delivered"
    | "returned"
    | "lost"
    | "due";
  readonly done?: string;
  readonly said?: string;
}

/** The words, in the spelling of spelling.ts. */
export const WORDS = {
  /** Conjunctions and signs between clauses. */
  clauseEnd: R`[,;:–—](?! (?:no|none|not yet)\W{0,9}$)\s|\s-+(?! (?:no|none|not yet)\W{0,9}$)\s|\s[([](?!(?:order )?#?[a-z-]{0,12}\d[\w-]{0,20}\))|\b(?:(?:(?<!\b(?:choice|choose|pick) between (?:(?!(?:is|are|was|were|has|have|will)\b)[^\s,;:.]{1,20} ){1,4})|(?=and (?:i|we|they)\b))and(?! \w+ing (?:is|are|was|would|will|can|costs)\b)(?! #?\d[\w-]*\b(?! ?(?:usd|eur|gbp|%|dollars|euros|business|days|working)))|but|so(?! (?:is|has|was|are|have|were|did) )|because|although|though|while|whereas|(?<!not )yet|(?<!\b(?:'ll|'d|will|would|can) )then)\s`,
  /** How a question begins. */
  question: R`(?:(?:and|so|just to be sure|to be sure|sorry|one question|in that case|or)[,:]? )?(?:has|have|had|was|were|is|are|did|does|do|would|could|can|shall|should|will|may|which|what|when|who|how|where|whether|why|don't|doesn't|isn't|won't)`,
  /** "If" and the like, anywhere in a sentence. */
  condition: R`(?:^\W*|(?<=; ))(?:then|after that|afterwards|thereafter)|(?<=\b(?:or|can|may) [^.!?]{0,80})as you (?:like|prefer|wish|choose)|with your (?:ok|okay|permission|approval|consent|go-ahead|agreement)|in that case|if|once|unless|whether|in case|as soon as(?! possible)|when(?:ever)? (?:you|it|the|we|an?|your|your \w+)|after (?:the|your|an?) (?:\w+ ){1,3}(?:has|have|is|are|reach(?:es|ed)|arrives?|comes?)\b|after (?:you|it|we|they (?:were added|are added|arrive|are received|come back|have (?:reached|arrived|come back))|approval|an?|(?:the |your )?(?:cancell\w+|return\w*|receiv\w+|inspection|arrival))|provided|depending on|should you|^\W*should(?= (?!i |we ))|as long as|while|or i(?:'ll| will)|(?:^\W*|(?<=[:;] )|\b(?:please|just|simply) )(?:(?:send|drop|tell|give|confirm|reply|answer|write|let|share|provide|name|say|return|bring)\b[^.!?]{0,160}(?:[,;] (?:and |so |then )?| and )(?:(?:i|we|you|it|that)(?:'ll| will)?|the (?:\w+ ){1,2}(?:is|are|will))|check\b[^.!?]{0,160}(?:[,;] (?:and |so |then )?| and )(?:i|we)(?:'ll| will)?)|(?:i|we)(?:'ll| will) then`,
  /** How a clause begins that asserts nothing: "once", "how". */
  hypothetical: R`(?:(?:and|or|but|only|even|just|then) )?(?:if|once|when|whenever|unless|until|before|after(?! (?:checking|looking|speaking|you wrote|your|(?:an?|the|my|our|another) (?:\w+ )?(?:try|attempt|look|check|call)))|whether|as soon as (?!possible)|in case|provided|as long as|while|should you|how|what|which|where|who|why|to|(?:please )?(?:keep(?! the (?:faulty|broken|damaged|defective|old|wrong|first|extra|spare))|bring|choose|enter|follow|ask|reset (?:it|them)|write (?:to us|us|from))\b(?! me))`,
  /** Says how things usually go. */
  general: R`\b(?:usually|normally|typically|generally|always|in general|(?:it )?takes|policy|in most cases|as a rule|up to \d+)\b|^\W*(?:for )?(?!(?:your|the|these|those|both|his|her|their|all|my|our|new|some|two|three|orders|i|we|it|\d+) )(?:[\w-]+ ){0,2}[\w-]{2,}s (?:are|aren't|get|go|come|ship)\b(?! (?:\w+ing|already|now|just)\b)(?!.{0,80}\byou\b)|^\W*(?:for )?orders (?!#?\d)|\b(?:goes|holds|applies) for orders (?:that|which)\b|^\W*(?:an? |each |every |any |our |all )?(?:gift cards?|vouchers?|coupons?|points) (?:is|are|stays?|remains?) valid\b`,
  negation: R`too late|cannot|not|no(?!\. ?\d)|none|nothing|neither|nor|never|nobody|no longer|unable|without a|\w+n't|isn't|(?:stays?|remains?|left) (?:as (?:it|they)|the same|unchanged)|left (?:it|them|all|that|everything|(?:the|your) \w+|(?:order )?#?\d[\w-]*)(?: (?:exactly|just))?(?: as (?:it|they) (?:is|are|was|were)| unchanged| untouched| alone)|denied|declined|refused|impossible`,
  /** What we do not do: "we can't send it there". */
  refuses: R`(?:i|we)(?:'m| am|'re| are)?(?: \w+)? (?:can't|cannot|can not|won't|will not|unable to|not able to|not allowed to)|(?:not|never) (?:to|at|for|via|by)|(?:is|are)(?:n't| not) (?:possible|allowed)`,
  /** Phrases with a negation or a modal that deny and limit nothing: "no problem", "I can confirm". */
  idioms: R`(?:period|window|warranty|guarantee|time|term|sale)(?: (?:has|have|had))? ended|\b(?:(?:placed|ordered|bought|purchased|booked|made) (?:with|from|under|using|via)|to be (?:safe|sure|honest|clear|on the safe side)|(?:instead of|rather than) (?:(?:the|a|an|your|any|another|some) )?[^\s,.;]{1,30}|consider (?:it|that|this) ignored|no (?:problem|worries|worry|doubt|need to worry|trouble)|not only|not a problem|(?:can't|cannot|couldn't) (?:wait|be happier|help)|why not|not to worry|do(?:n't| not) (?:worry|hesitate)|can (?:confirm|tell you|assure you|now say)|(?:may|can) i say|without (?:any )?(?:delay|problems?)|not long ago|no later than|until (?:today|now)|no charge|no cost|no extra cost|as you can see|you can (?:see|check)|could (?:not )?resist|enjoy (?:your|the) new (?!voucher|discount|credit|refund|gift|replacement|points|code)\w+)\b`,
  /** Modals of possibility, wishes and offers. */
  possible: R`can|could|may|might|would|must|should(?! (?:already |now |soon |also )?(?:see|have|be|get|receive|find|arrive|show|hit|reach))|shall we|need|needs|needed|\w*'d|you(?:'ll| will) be able|able to(?! (?:refund|cancel|change|get))|possible|eligible|whether|how|either|(?<!\bas you )prefer|offer|like to|want|wants|wanted|ask for|asking for|asked for a refund|request(?:ing)?|entitled|option|options|choice between|(?<!\bas you )(?:choose|wish)|in order to|(?<!managed )to (?:get|make|request|start|receive|have|be|issue|process)`,
  /** "You wrote that …". */
  reported: R`(?:as )?you(?:'ve| have)? (?:also )?(?:wrote|write|say|said|mention(?:ed)?|asked (?:to|us|me|whether|if|about|that)|told us|told me|claim|report(?:ed)?|think|believe|heard|saw|cancelled|returned|changed|received)|(?:e-?mail|message|notice) (?:that|which) (?:tells|says|shows)(?: you)?`,
  /** Participles and past forms without "-ed". */
  irregular: R`began|begun|bent|bought|bound|broke|broken|brought|built|burnt|caught|chose|chosen|cut|dealt|done|drawn|drew|driven|drove|dug|fed|flown|forgiven|froze|frozen|gave|given|gone|ground|held|hid|hidden|hung|kept|laid|left|lent|lit|made|paid|put|rang|redone|rewritten|rode|run|rung|sawn|sent|set|sewn|shaken|shown|shut|sold|sought|spent|split|spoke|spoken|spread|stuck|swept|taken|taught|threw|thrown|told|took|torn|undid|undone|went|withdrawn|withdrew|withheld|won|wound|wove|woven|wr(?:ote|itten)(?= to (?!you\b))`,
  /** Verbs of looking, understanding, reckoning and feeling: nothing is done by them. */
  looks: R`(?:look|check|search|tr(?:y|ied)|compar|consider|review|read|notic|not(?:ed|ic)|learn|receiv|need|want|wish|hop|lik|lov|enjoy|miss|expect|appreciat|regret|apologi[sz]|happen|us(?:e|ed)|discontinu|agree|help|assum|count|calculat|list|link|quot|confus|overlook|summari[sz]|indeed)\w*|gone (?:through|over)|went (?:through|over)|told you|made (?:sure|an? (?:\w+ )?(?:mistake|error))|held off|wait\w*|kept (?:you|us) waiting|t(?:aken|ook) (?:a look|(?:it|this|that)(?: one)? as (?:yours|meant))`,
  /** What a thing is or a record shows of it: "it has been delivered". Done by us, it is a deed. */
  shows: R`(?:includ|cover|ship|deliver|return|damag)\w*`,
  /** Verbs of speaking, which do nothing unless it is said of an order. */
  says: R`(?:ask|mention|explain|describ|answer|repl|promis|offer|accept|discuss|talk)\w*`,
  /** What a thing may be for itself; what was sent is a state of an order. */
  stays: R`correct|right|now|closed|set|kept|put|made|placed|held|locked|turned|paid|ordered|back|given|did|gave|added|through|packed|successful|sent|dispatched|posted`,
  /** What follows a verb, as against the thing that "detailed" or "limited" is said of. */
  object: R`the|your|yours|you|it|its|this|that|these|those|them|him|her|us|an?|one|two|all|both|everything|every|some|any|my|our|to|for|on|in|at|of|off|about|with|by|from|out|up|over|down|back|away|aside|through|into|until|already|now|just|there|so|as|again|today|today's|yesterday|\w+ly`,
  /** Between an auxiliary and its verb. */
  adverbs: R`of course|this (?:morning|afternoon|minute|moment)|today|yesterday|for you|by \w+|without \w+|just|also|already|now|all|both|since|then|even|indeed|\w+ly`,
  /** Auxiliaries that make a participle a statement about this case, with their subject where they need one. */
  auxiliary: R`\b(?:i|we|they|has|was|were|is|are|been|being|got)|(?<!\byou )\b(?:have|had)|'s|'re|'m|'ve`,
  /** Those of verbs that many things are done with: "it is closed" tells how it is, "it has been closed" what was done. */
  deedAuxiliary: R`\b(?:i|we|has|have|had|was|were|been|being|got)|(?<!\byou )\b(?:have|had)|'ve|(?:is|are|'s|'re)(?= (?:now|already|just|hereby|being)\b)`,
  /** In "has been refunded": what shows that it has happened already, so that an "if" beside it does not matter. */
  past: R`has|have|had|was|were|been|i|we|\w*'ve`,
  /** Words right before a participle that make it one of something else: "the", "to be". */
  notBefore: R`you|password|to be|be|the|a|an|any|your|not|of|for|who|you've|you have|you had|every|each|will|to`,
  /** Words right after it that do: "is free". */
  notAfter: R`(?:items?|orders?|products?|goods) (?:are|can|cannot)|is free|is|isn't|takes|costs`,
  /** We by other hands, up to the verb: "I've had a link sent", but not "a look at the lamp sent on Monday". */
  causes: R`(?:(?:i|we)(?:'ve| have)?(?: just| already| now| also)? (?:had|got(?:ten)?)|(?:i'm|we're|i am|we are)(?: just| already| now| also)? (?:having|getting))(?: (?:it|that)(?: all)?|(?: (?!(?:look|at|in|on|of|for|with|from|about|to|you|we|i|they|it|that|which|who|is|are|was|were|has|had|have)(?!\w))[\w'-]{1,30}){1,5})`,
  /** What befalls somebody, or what a thing is like: "it was spoiled for you", "we've got a guide called Care", "two left". */
  befalls: R`(?:work|turn|drag|spoil|ruin|wast|plan|mix|muddl|spell|delay|annoy|call|nam|limit|detail)\w*|bought|left(?! (?:at|by|for|with|on|under|behind)(?!\w))`,
  /** Auxiliaries of the passive that is to come: "will be". */
  ahead: R`(?:will|'ll|shall|going to|about to|should)(?: \w+){0,2} (?:be|have been|get)`,
  /** The subject that makes a present one of ours. */
  we: R`i'm|we're|they're|i am|we are|they are|(?:is|am|are|team is) (?:now |being |currently )?|just|now|be|team is|^\W*`,
  /** Markers of the future. */
  future: R`(?:\b(?:will|shall)|'ll|\b(?:going to|about to|went ahead to|managed to|able to|let me|did|decided to|agreed to|promise to|guarantee to|liberty of|made sure to))`,
  /** Verbs that are found in nearly every clause; a clause without one is an announcement: "Refund issued". */
  finite: R`is|are|was|were|am|be|been|has|have|had|will|would|can|could|may|might|must|should|shall|do|does|did|i|we|you|they|it|he|she|please|goes|takes|stays|if|which|who|that|\w+'(?:s|re|ve|ll|m|d)|\w+n't|within|by|remains?`,
  /** Verbs that need a noun of a class: send, issue, make. */
  give: {
    done: R`issued|made|processed|sent(?: out| back| off)?|e-?mailed|mailed|arranged|initiated|started|triggered|approved|granted|authori[sz]ed|booked|created|generated|added|credited|given|gave|put(?: through| in)?|completed?|done|fixed|sorted out|did|submitted|organi[sz]ed|set up|transferred|placed|applied|dispatched|shipped|attached|ordered|confirmed|paid|released|posted|agreed(?: to)?|accepted|resent|re-sent|logged|registered|awarded|deposited|restored|moved|packed|finali[sz]ed|carried out|wired|undone|rectified|landed|cleared|handled|executed|gone ahead with`,
    now: R`issuing|making|processing|sending|e-?mailing|arranging|initiating|starting|giving|adding|crediting|putting|preparing|shipping|booking|creating|granting|transferring|looked (?:at|into)|working on|handling|posting|offering you`,
    will: R`(?:be )?(?:issue|make|process|send|e-?mail|mail|arrange|initiate|start|approve|grant|book|create|add|credit|give|put|submit|organi[sz]e|transfer|ship|dispatch|pay|deposit|get|prepare|have|hand|throw in)`,
  },
  /** Verbs that need a noun of a class: change, update, extend. */
  change: {
    done: R`changed|updated|corrected|altered|amended|edited|set|reset|adjusted|replaced|fixed|entered|saved|stored|switched|swapped|redirected|rerouted|re-routed|forwarded|moved|extended|prolonged|renewed|lengthened|waived|removed|deleted|closed|erased|wiped|ended|taken off|unlocked|unblocked|blocked|locked|reopened|activated|deactivated|added|merged|subscribed|unsubscribed|upgraded|expedited|prioriti[sz]ed|rescheduled|scheduled|postponed|put|placed|held|paused|stopped|halted|reserved|booked|made|noted(?! that\b)|arranged|registered|cancelled|confirmed|turned|restored|modified|recorded|dropped|lifted|reactivated|verified|brought forward|kept|secured`,
    now: R`changing|updating|correcting|setting|redirecting|rerouting|moving|extending|waiving|removing|deleting|closing|unlocking|upgrading|expediting|rescheduling|holding|stopping|reserving|prolonging|adding|switching`,
    will: R`(?:be )?(?:change|update|correct|amend|set|redirect|reroute|move|extend|prolong|renew|waive|remove|delete|close|unlock|unblock|block|reopen|activate|deactivate|unsubscribe|upgrade|expedite|reschedule|schedule|postpone|put|place|hold|keep|pause|stop|reserve|add|switch|have|make|prioriti[sz]e|run|fix|adjust)`,
  },
  /** What a noun may be: "on its way". */
  stands: R`on (?:its|their) way|is (?:now )?(?:with|at) (?:your|the) (?:bank|card)|(?:is|are|it's|waiting|there|now|already) in your (?:inbox|mailbox|basket|cart)|under ?way|in progress|in process|has left|have left|left our|(?:went|came|got) (?:out|through|off|the green light|to your)|gone (?:out|through)|(?:is|are|'s|has|have|was|were) (?:now )?(?:already )?(?:through|successful|pending|in place|done|confirmed|complete|ready|waiting|coming|back|out|guaranteed)|(?<!\bto )comes? (?:back|to you|today|tomorrow)|is coming|are coming|hit your|reached your|will (?:reach|arrive|be (?:there|with you|ready|back|on your))|here(?: is|'s) your|here are your|you've (?:got|received)|attached`,
  /** People other than the writer, and what they do for a customer, in a form that says that they do it now or soon. */
  people: R`someone|somebody|(?:a|my|our|one of (?:our|my)|the) (?:\w+ ){0,2}(?:team|specialists?|colleagues?|teammates?|experts?|manager|supervisor|warehouse|department|technicians?|engineer|accounting|courier|carrier|person|human|lead)|finance|(?:a )?member of (?:our|the) team|they|you(?:'ll| will)|(?:someone|somebody) from \w+|expect|i(?:'ll| will)|we(?:'ll| will)|case|complaint|investigation|search|ticket`,
  deals: R`(?:will|\w+'ll|going to|is|are|\w+'s|\w+'re|has|have)(?: \w+){0,3} (?<!\b(?:the|your|this|that|these|those|its) )(?:call(?:ing)?|ring(?:ing)?|phone|contact(?:ing|ed)?|reach(?:ing)? out|get(?:ting)? (?:back|in touch)|(?:be |been )?in touch|come back to you|repl(?:y|ying)|respond(?:ing)?|answer you|write to you|follow(?:ing)? up|look(?:ing|ed)? into|look(?:ing)? at it|investigat(?:e|ing)|looked (?:at|into)|working on|handl(?:e|ing)|hear (?:back )?(?:from|by|shortly|soon)|(?:be )?contacted|on (?:it|the case|the phone)|taken over|speak (?:to|with) (?:our|the|my)|check with (?:the|our)|ask (?:the|our|my) (?:\w+ )?(?:team|warehouse|colleagues?|manager)|pass (?:it|this|that|your \w+) on|escalat(?:e|ing)|opened|created|raised|filed|taking care|keep you (?:posted|updated|informed))|(?:calls|rings|phones|contacts|writes to|gets back to) you|to (?:call|ring|phone|contact) you|(?:a|our|their) (?:call|reply|answer|visit) (?:from|before|by|soon|shortly|today|tomorrow)|took over|chasing (?:the|our)`,
  /** "I have passed it on to the team." */
  handed: R`(?:i|we)(?:'ve| have|'m| am|'re| are)?(?: \w+){0,2} (?:(?:forward|pass|escalat|hand|transferr?|rais|notifi|notify|inform|alert|brief|ask|flag|contact|talk|open|creat|fil|report|assign)(?:ed|ing)|told|spoken)\b.{0,40}\b(?:team|colleagues?|specialists?|department|supervisor|manager|warehouse|carrier|courier|support|bank|finance|person|people|ticket|case|complaint|investigation)|(?:has|have|was|were|is|been)(?: \w+){0,2} (?:forwarded|passed on|escalated|handed over|assigned) to|(?:supervisor|manager|team|warehouse|colleagues?) (?:has|have) been (?:informed|told|notified)|(?:case|ticket|complaint|investigation|search|inquiry) (?:has been|was|is)(?: now)? (?:opened|created|raised|started|filed|launched|logged|open|under ?way)|(?:i|we)(?:'ve| have)? (?:started|opened|launched|begun) (?:a|an|the) (?:search|trace|investigation|case|ticket|claim)|(?:i|we)(?:'ve| have)?(?: just| already)? (?:had|got) (?:the|our|a|my) (?:\w+ )?(?:team|colleague|specialist|department|manager|warehouse|carrier|courier|bank|person|technician) (?:to )?(?!(?:who|that|which|about|at|in|on|for|of|and|or|as|is|was|near|nearby|here|there|available|holidays?|account|address|details)(?!\w))\w+`,
  classes: {
    refund: {
      done: R`refunded|returned(?=\W*$| (?:you )?(?:the )?(?:full )?(?:[\d$€]|money|amount)|.{0,40}\bto (?:your|the original))|reimbursed|repaid|(?:paid|sent|given|gave|put|transferred|wired|moved|credited)(?: (?:it|the|that|this|you|your|one|all|everything|of|them|full|whole|\w*money|amount|sum|price|[\d.,$€£]+|usd|eur|gbp|in full)){0,7} back|credited (?:to|with)|(?:paid|sent|transferred|wired|moved|returned|booked)(?: \w+){0,3} to your (?:card|account|bank|paypal)|reversed|voided|returned to (?:your|the original)|compensated`,
      said: R`money(?:'s| is) back|you(?:'ll| will| should)?(?: \w+)? (?:get|receive|see)(?: (?:the|your|all|full|whole|back)){0,3} (?:[$€£] ?\d|\d[\d.,]*(?: ?[$€£]| (?:usd|eur|gbp|dollars?|euros?)\b))|(?:refunds?|money)(?: \w+){0,2} (?:went|gone) (?:out|through|back)|payment(?: \w+){0,4} (?:went|gone) (?:out|back|through(?= to you))|payment to you(?: \w+){0,2} (?:went|gone) through|(?:costs|money|amount|refund|sum)(?: \w+)? went to your|consider (?:it|that|this|yourself|the \w+) (?:refunded|paid back)|(?:went|gone|are|is|be) back (?:to|on|in) your|(?:is|are|'s|were|was) (?:(?:coming|going|heading|travell?ing|on (?:its|the) way) back(?! to us)|on (?:its|their) way to your (?:card|account|bank))|(?:charge|payment|debit)\b.{0,20}\b(?:reversed|voided|removed|undone|lifted|dropped)|(?:undone|removed|dropped|lifted|reversed|taken off) the (?:charge|payment|debit)|(?:got|have|gotten) your money back|asked for (?:a|the|your) refund for you|put in (?:a|the|your) refund|taken off your (?:card|bill)`,
      now: R`refunding|reimbursing|repaying|(?:paying|sending|giving|putting)(?: (?:it|the|that|you|your|all|everything|money|full|whole|amount|price|[\d.,$€£]+|usd|eur|gbp)){0,5} back|getting your money back`,
      will: R`(?:be )?(?:refund(?!s?\b (?:is|has|was|page|policy))|reimburse|repay|compensate|(?:pay|send|give|put|transfer)(?: [^\s,;]{1,20}){0,5} back|(?:get|receive|see|have)(?: [^\s,;]{1,20}){1,5} back(?! to you)|refunding|return (?:the|your) (?:money|amount|payment)|credit)`,
      nouns: R`refunds?|reimbursement|money|cash|merchant credit|(?:everything|what) you (?:have )?paid|double (?:charge|booking|payment)|payment for|the (?:full |complete |returned )?(?:amount|sum|price)|repayment|payback|full (?:price|amount)|credit(?= (?:to|on|of))`,
    },
    credit: {
      nouns: R`vouchers?|coupons?|gift cards?|store credit|discounts?|(?:bonus |loyalty )?points|credit|goodwill|\d+ ?% off|gift(?! ?-?(?:wrap\w*|paper|box|message|note|tag|receipt))|promo(?:tion)? code|compensation|code`,
    },
    replacement: {
      said: R`(?:orders?|purchase)(?: #?\d+)? (?:is|was|were|has been|have been) placed(?: \w+){0,2} (?:again|anew|for you)|(?:i|we)(?:'ve| have)? replaced|(?:has|have|was|were|is|are) (?:been )?(?:replaced|exchanged|swapped) (?:for you|with|by|now|already)|exchange is (?:done|arranged)`,
      now: R`replacing|reshipping|resending|exchanging`,
      will: R`replace|reship|resend|exchange|repair`,
      nouns: R`replacements?|new (?!(?:\w+ )?(?:address|password|link|order|orders|mail|customers?|readers?|products|delivery|voucher|phone number|name|account|e-?mail|code|street|city|date|place|home|house|flat)\b)\w+|another (?:pair|one|parcel|lamp|phone|unit|item|set)|substitute|spare part|second (?:pair|unit|item|set|lamp|parcel|package|one)|exchange`,
    },
    cancellation: {
      done: R`cancell?ed|called off|annulled|revoked|scrapped|voided`,
      said: R`(?:i|we)(?:'ve| have)? (?:stopped|halted|withdrawn|undone|deleted|removed) (?:the |your |this )?(?:order|tent|lamp|phone|purchase)|(?:put a stop to|pulled|^\W*stopped) (?:the|your|order)|(?:order|tent|lamp|laptop|phone|parcel|shipment|delivery)(?: \d+)? (?:is|has been|was|are|were)(?: now)? (?:stopped|halted|withdrawn|deleted|off|removed)|order (?:\S+ )?no longer exists|consider (?:it|the \w+|order \S+) cancell?ed|out of the system`,
      now: R`cancell?ing`,
      will: R`(?:be )?cancel|call off`,
      nouns: R`cancell?ation`,
    },
    address: {
      will: R`redirect|reroute|re-route|(?:be )?(?:sent|delivered|shipped|go|arrive|send (?:it|the \w+)|deliver(?: it| the \w+)?) (?:to|at) (?:the|your|that) (?:new|other|correct)`,
      said: R`address (?:is|was) now|now going to(?= \d)|(?:parcel|order|lamp|package|it|delivery|headphones|phone|everything|shipment)(?: #?\d+)?(?: (?:will|'ll|is|are|has|have|was))?(?: (?:now|be|been|then|already)){0,2} (?:go|goes|going|sent|delivered|shipped|arrive|headed|heading|routed) (?:now )?(?:to|at) (?:your|the|that) (?:new|other|office|work|sister|friend|neighbou?r|correct)|now (?:go|ship)(?:es|s)? to|(?:parcels?|orders?|lamp|phone|headphones|it|they) (?:go|ship)(?:es|s)? to (?:your|the) new|(?:lamp|order \S+|phone|headphones|parcel) (?:goes|ships) to [^.]{0,30} now|(?:to|at) your new address from now|address (?:on|for|of) (?:the )?order \S+ is (?:now )?(?:correct|right|set)|has the (?:new|right|correct) (?:\w+ )?address`,
      nouns: R`(?:shipping |delivery |new |mailing )?address(?! (?:on file|you|(?:that )?we have))|destination|recipient|street`,
    },
    password: {
      said: R`(?:link|e-?mail)(?: (?:to|for|with|an?|the|your|new|set|reset|choose|change|password|link|it)){0,6} (?:is|has been|was|just)(?: now| just| already)? (?:sent|in your inbox|on its way|out|there|went)|(?:sent|e-?mailed|mailed) you (?:a|the|your) (?:\w+ ){0,2}link|(?:reset|password)(?: \w+){0,3} (?:is|are) (?:now )?(?:done|complete|new)|your new password is|temporary password`,
      nouns: R`(?:reset|log-?in|sign-?in|password) (?:link|e-?mail|mail|code)|reset|password|link(?= (?:to|for)|\W|$)`,
    },
    document: {
      nouns: R`(?:return |shipping |prepaid )?labels?|invoices?|receipts?|copy of|documents?|return slip|credit note|certificate`,
    },
    account: {
      said: R`(?:i|we)(?:'ve| have)? (?:unlocked|unblocked|deleted|closed|deactivated|reactivated|merged|subscribed|removed you|taken you off|signed you up|verified your|made a note|added a note|left a note)|you(?:'re| are|'ve been| have been) (?:now )?(?:unsubscribed|signed up|subscribed|removed from|off (?:the|our) (?:mailing )?(?:list|newsletter)|upgraded to|a \w+ member)`,
      nouns: R`account|profile|newsletter|subscription|e-?mail (?:address|preferences)|phone number|(?:first |last |middle )?name|mailing list|user ?name|data|login|billing details|(?:payment|card) details|membership|(?:old|stolen|lost) card|details|data|colou?r|size|note`,
    },
    delivery: {
      said: R`on hold|(?:i|we)(?:'ve| have)? (?:held|paused|stopped) (?:the|your) (?:parcel|delivery|shipment|package)|(?:parcel|delivery|shipment|package|courier|carrier|driver)(?: \w+){0,2} (?:scheduled|rescheduled|stopped|held|told|instructed|postponed|booked|arranged|reserved) ?|(?:reserved|set aside|put aside) (?:for you|in your|one|it|your|the|a|another)|held back for you|(?:is|are) (?:now )?(?:reserved|set aside|put aside)|delivery (?:is|has been|was)(?: \w+)? (?:scheduled|moved|set) (?:for|to)|(?:goes|ships|is sent|travels) (?:by|as|with|via) express`,
      nouns: R`(?<!\b(?:after|before|since) )deliver(?:y|ies)|shipping|shipment|express|parcel|package|courier|pick-?up|dispatch|slot|time window|delivery date`,
    },
    waiver: {
      nouns: R`fees?|(?:shipping|delivery|return|postage) (?:costs?|fees?|charges?)|warranty|guarantee|return (?:window|period)|deadline|surcharge|costs|postage|trial|grace period|charges?`,
    },
  } satisfies Record<ActClass, ActSource>,
  states: [
    {
      state: "processing",
      said: R`(?:(?:order|parcel|package|items?|#?\d+)(?: is| are|'s|'re)|(?:it|they)(?: is| are|'s|'re)(?: still| now| currently| being))(?: still| now| currently| being)* (?:in process|processing|processed|packed|prepared)|(?:not|\w+n't)(?: yet)?(?: been)? (?:shipped|dispatched|sent out)`,
    },
    {
      state: "shipped",
      done: R`shipped|dispatched|sent out|handed (?:over )?to (?:the )?(?:carrier|courier|postal service|post|ups|usps|dhl|fedex|dpd|gls)|posted`,
      said: R`(?:we|they|i)(?:'ve| have)?(?: now| already| just)* (?:shipped|dispatched|sent out|posted)|left (?:our|the) warehouse`,
    },
    {
      state: "travelling",
      said: R`in transit|out for delivery|(?:is|now|already) with the (?:carrier|courier)|(?<!\bfor )(?:your|the|order) (?!(?:[\w#-]+ ){0,2}(?:refund|money|e-?mail|mail|link|code|label|replacement|voucher|answer|reply|invoice|new|amount)\b)(?:[\w#-]+ ){1,3}(?:is|are|'s) (?:now |already |still )?on (?:its|the|their) way`,
    },
    {
      state: "delivered",
      done: R`(?:delivered|arrived|dropped off)(?! (?:broken|damaged|late|faulty|dented|open|empty|scratched|defective|in (?:this|such|that)))`,
      said: R`(?:carrier|courier|driver)(?: has)? (?:handed over|dropped off|brought|delivered)(?= (?:it|them|the|your)\b)|(?:(?:your|the|order) (?!(?:[\w#-]+ ){0,2}(?:payment(?! terminal)|e-?mail(?! gift)|mail|message|question)\b)(?:[\w#-]+ ){1,3}|it |they )(?:arrived|reached you)(?! (?:broken|damaged|late|faulty|dented|open|empty|scratched|defective|in (?:this|such|that)))|(?:we|they|courier|driver|carrier)(?:'ve| have)?(?: now| already)* delivered`,
    },
    {
      state: "returned",
      done: R`(?:returned|sent back|come back)(?! to (?:your|the (?:original|payment|card|account))| (?:\w+ ){0,2}[\d$€])`,
      said: R`(?:we|i)(?:'ve| have)?(?: now| already| just)* (?:received|got) (?:your|the) (?:\w+ ){0,2}(?:return|returned|parcel|package|goods)|(?:we|i)(?:'ve| have)?(?: now| already| just)* (?:received|got) (?:your|the) (?:\w+ )?(?<item>\w+)|(?:return|parcel|item) (?:has |is |was )?(?:been )?(?:received|arrived back|back with us)`,
    },
    {
      state: "due",
      said: R`due|expected(?! (?:date|day))|(?:we|i)(?: now| still)? expect (?:it|them|(?:the|your) (?:\w+ )?\w+)|(?:should|will|'ll) (?:arrive|come|reach you|be (?:there|with you))|arrives`,
    },
    {
      state: "lost",
      said: R`^\W*(?:has|have) been lost|(?:order|parcel|package|shipment|it)(?: \S+){0,3} (?:is|was|has been|got)(?: \w+)? lost|(?:(?<!\byou )(?:has|have)|(?:we|they)(?:'ve)?|courier|carrier)(?: (?:has|have|already|probably))? lost(?! (?:track|sight|count|touch))`,
    },
  ] satisfies readonly StateSource[],
  details: {
    inFull: R`full(?:y)?|whole|entirety|entire(?:ly)?|complete(?:ly)?|everything|all (?:of|your|the)|in full|total|100 ?%|(?:paid|pay|owe) nothing`,
    half: R`half|50 ?%`,
    /** "Both orders". */
    several: R`(?:both|all|each|every one) (?:of )?(?:the |your |these |those |my )?(?:two |three )?(?:orders?|purchases|refunds|parcels)|(?:two|three) (?:orders|refunds)|both (?:have|were|are|got)`,
    /** "Just", "another": not what a record shows as done before. */
    anew: R`just|(?<!\bby )now|today|another|again|anyway|all the same|regardless|a second|right away|straight away|immediately|this morning|a moment ago|this minute`,
    /** Places for money other than the one it came from. */
    otherPlaces: R`bank account|paypal|apple pay|google pay|store credit|wallet|other card|another card|new card|gift card|different card|cheque|check by`,
    /** Before and after an amount that was paid, not moved. */
    priceBefore: R`of (?:the|your)|you paid|paid|costs?|price(?: of| was|:)?|worth|total(?: of| was|:)?|out of|from (?:the|your)|originally|charged`,
    priceAfter: R`order|purchase|items?|product|you (?:paid|had paid|were charged)|that you|price|total|in total|paid|(?!refund|credit)[a-z]+ (?:has|have|was|were) (?:now |already |just )?been`,
    /** "So is order 456": repeats the verb of the clause before. */
    likewise: R`(?:and )?so (?:is|has|was|are|have|were|did)\b`,
  },
};

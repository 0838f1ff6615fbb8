/** How customers write about their order in English. */
import type { CaseWords } from "#guard/languages/case-words.ts";

const ORDER = "(?:order|parcel|package|delivery|shipment|item|product|goods)";

export const ENGLISH_CASE: CaseWords = {
  supposed:
    /^\W*(?:(?:and|but|so|or|please|also) )*(?:if|whether|unless|in case|once|as soon as|until|till|suppose|assuming|provided|let me know (?:if|when|once))\b|\b(?:if|whether|unless|in case|until|till) (?:it|they|the|my|this|that|i|we|you)\b/,
  unreal:
    /\b(?:should(?:'ve| have)?|would(?:'ve| have)?|could|might|must have|supposed to|meant to|expected to|promised to|was to|were to|will|won't be|going to|hope|hoping|wish|scheduled to|due to arrive)\b/,
  reported:
    /\b(?:tracking|status|website|site|app|carrier|courier|driver|ups|dhl|fedex|usps|royal mail|system|page|e-?mail|your (?:mail|message|records?)|you) (?:\w+ ){0,3}?(?:says?|said|shows?|showed|claims?|claimed|reports?|tells?|told|states?|insists?|marks?|reads?|lists?)\b|\b(?:marked|shown|listed|showing|shows up) as\b|\baccording to\b|\bsupposedly\b|\ballegedly\b/,
  otherOrder:
    /\b(?:last|previous|other|earlier|first|second|past|next|another|other half of (?:the|my)) (?:\w+ )?(?:order|parcel|package|one|ones|time|purchase|delivery|item)\b|\bthe rest\b|\bthe other (?:one|two|half|items?)\b/,
  negation:
    /\b(?:not|never|no|nothing|nobody|none|neither|without|nor|cannot|yet to|failed to|hardly|ain't|\w+n't|dont|didnt|hasnt|havent|wasnt|isnt|doesnt|wont)\b/,
  why: /^\W*(?:(?:so|and|but|then|please|hi|hello|sorry) )*(?:why|how come|how is it|how can it be)\b/,
  asking:
    /^\W*(?:(?:so|and|but|hi|hello|please) )*(?:has|have|had|did|does|do|is|are|was|were|will|can|could|would|should|may|when|where|what|which|who|how)\b/,
  otherThing:
    /\b(?:e-?mails?|messages?|reply|replies|response|answer|invoice|receipt|confirmation|notification|newsletter|letter|link|code|password|log-?in|account|website|site|page|app|checkout|button|form|voucher|coupon|gift card|call|phone call|number|tracking|label|promises?|law|contract|catalogue|quote|refund|money|payment|credit|request|ticket|heart(?:broken)?)\b/,
  arrived:
    /\b(?:arrived|turned up|showed up|got here|has come|have come|came (?:today|yesterday|this morning|this week|last|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|in (?:the|a|pieces|two)|with|without|broken|cracked|damaged|smashed|shattered|faulty|late|early|already|finally|defective|scratched|dented|bent|wet|empty|open(?:ed)?|missing)|(?:was|were|been|got) delivered|(?:i|we)(?:'ve| have)? (?:just |finally |already |only |today |yesterday )*received|(?:i|we)(?:'ve| have)? (?:just |finally |already |only )*(?:got|unpacked|unboxed|opened|picked up|collected) (?:my|the|it|this|these|them|a (?:broken|cracked|damaged|wrong|different|used|faulty))|received (?:it|the|my|a (?:broken|cracked|damaged|wrong|different|used|faulty)))\b/,
  came: /\b(?:received?|arrived?|delivered|reached (?:me|us)|shown up|turned up|got|gotten|get (?:my|the|it|this)|come|came|seen)\b/,
  inHand:
    /\b(?:broke|is broken|was broken|are broken|were broken|is cracked|was cracked|has a crack|cracks? in|is shattered|is damaged|was damaged|are damaged|is defective|is faulty|was faulty|stopped working|does(?:n't| not) (?:work|turn on|switch on|fit|charge|start|light)|won't (?:turn on|switch on|charge|start)|not working|dead on arrival|is too (?:small|big|large|tight|loud|heavy)|out of the box|fell apart|is scratched|was scratched|is the wrong (?:colour|color|size|model|one)|(?:i am|i'm|been) using it|i tried it on|i plugged it in)\b/,
  missing: new RegExp(
    String.raw`\bstill waiting (?:for|on) (?:my|the|it|this|our|that)\b|\bno sign of (?:my|the|it)\b|\bnot here yet\b|\bstill not here\b|\b${ORDER} (?:is|has|went|seems|seems to be|got|must be|was|has been)(?: \w+)? (?:missing|lost)\b|\blost in the (?:mail|post)\b|\bnothing (?:has )?(?:arrived|came|come|turned up|shown up)\b|\b(?:i|we) (?:have |'ve )?(?:still )?(?:received|got) nothing\b`,
  ),
  refund: /\b(?:refund(?:ed|s|ing)?|money back|reimburse\w*|paid (?:me )?back)\b/,
  refunded:
    /\b(?:you(?:'ve| have)? (?:\w+ )?(?:refunded|reimbursed|paid me back)|(?:i|we|it|order|half|part|all|everything)(?: \w+)? (?:was|were|been|got) (?:\w+ )?(?:refunded|reimbursed)|(?:i|we)(?:'ve| have)? (?:already |just |only )*(?:been|was|were|got|received|had) (?:\w+ ){0,3}(?:refund(?:ed)?|money back|reimbursed)|refund (?:has |just |already )*(?:arrived|came|come|went through|landed))\b/,
  refundMissing:
    /\bwhere(?:'s| is| has| are)? (?:\w+ )?(?:my|the|our) (?:\w+ )?(?:refund|money)\b|\bstill waiting (?:for|on) (?:\w+ ){0,2}(?:refund|money back|reimbursement)\b|\bno (?:refund|money)(?: has| yet| so far| came| arrived| on my)\b/,
  charged: /\b(?:charged|billed|debited|took|taken|paid|withdrew|withdrawn|deducted)\b/,
  chargedTwice:
    /\b(?:charged|billed|debited|paid|took(?: the money)?|deducted|taken)(?: \w+){0,5} (?:twice|two times|2 times|2x|double|three times)\b|\b(?:double|duplicate|two|2|second) (?:charges?|payments?|billing|transactions?|debits?)\b|\btwice (?:charged|billed|debited)\b|\bdouble[- ](?:charged|billed)\b/,
  newAddress:
    /\b(?:change|update|correct|edit|replace|wrong|new|different|another|old)\b.{0,40}\baddress\b|\baddress\b.{0,30}\b(?:is wrong|was wrong|has changed|changed|is now|needs to be changed|is outdated)\b|\b(?:send|ship|deliver|redirect|forward|reroute)\b.{0,30}\bto (?:my (?:new|work|office|parents|other)|another|a different|this address|the following)\b|\b(?:i|we)(?:'ve| have| am| are|'m|'re)? (?:just |recently )?(?:moved|moving) (?:house|to|home|out|last|on|next)\b/,
};

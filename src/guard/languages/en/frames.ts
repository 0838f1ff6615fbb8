/** English sentence patterns for completed actions. */
import { anyOf, pattern } from "#guard/languages/spelling.ts";
import type { Frames } from "#guard/languages/language.ts";

const ADVERBS =
  "(?:,? (?:just|already|now|also|then|successfully|fully|partially|partly|completely|entirely|automatically|immediately|manually|personally|promptly|quickly|gladly|happily|finally|since|today|directly|both|all|each|too|indeed|therefore|gone ahead|gone ahead and|been|as (?:promised|agreed|requested|discussed|you asked|you wished))\\b,?)*";
const WHO =
  "(?:i|we|he|she|they|you|our (?:team|system|bank|finance team|accounting)|the (?:team|system|bank|shop)|my (?:colleague|manager)|a (?:colleague|teammate)|support|finance)";

/** Predicates of "your refund …" that say nothing was done. */
const NOT_DONE_YET =
  "not|never|no|only|usually|normally|typically|generally|always|possible|impossible|available|unavailable|eligible|limited|subject|due|denied|declined|rejected|refused|up to|out of|outside|within|the|a|an|about|based|dependent|still (?:possible|open|pending|available|not|missing)|pending|what|where|that|this|an option|longer";

/** How English says that something is done. */
export const FRAMES: Frames = {
  before: pattern(
    [
      // I have refunded, we've just issued, I did refund, I refunded.
      String.raw`\b${WHO}(?:'ve|'d| have| had| has| did)?${ADVERBS} `,
      // has been issued, was changed, is confirmed, got approved.
      String.raw`\b(?:has|have|had|is|are|was|were|been|being|got|gets|getting)\b${ADVERBS}(?: being)?${ADVERBS} `,
      String.raw`\b\w+'s${ADVERBS}(?: been)?${ADVERBS} `,
      // I got your refund approved, I had it changed.
      String.raw`\b(?:got|had|getting|have) (?:your|the|it|this|that|a) (?:\w+ ){0,2}`,
      String.raw`\border #?[\w-]{1,20} |\bconsider (?:it|this|that|yourself|(?:the|your) \w+) |\b(?:having|after) `,
    ].join("|"),
    "g",
  ),
  reach: 0,
  behind: null,
  sharesAuxiliary: false,
  notBehind: pattern(
    String.raw` (?:items?|products?|articles?|orders?|goods|parcels?|address(?:es)?) (?:can|could|may|must|will|is|are|cannot|have)\b|(?<=ing) (?:is|are|was|will|can|costs?|takes?|requires?|needs?|works?|may|should|would)\b`,
    "y",
  ),
  opening: pattern(
    String.raw`^\W*(?![^,;]{0,24}\breset\b)(?:(?:your|the|a|full|partial|just|now|also|then|both|password|shipping|delivery|is|has been|was) )*`,
  ),
  gap: pattern(String.raw`^(?: of [^ ]{1,20}(?: [a-z]{3})?)?(?: for [^,;]{1,40})?:? ?$`),
  subject: pattern(
    String.raw`^\W*(?:(?:and|so|then|now|today|also|plus|rest assured|good news|great news|as promised|i promise|happily|luckily)\b[,:]? )*(?:(?:that|the|your|this|a|full|whole|complete|entire|partial|new) ){1,3}`,
  ),
  predicate: pattern(
    String.raw`(?: of [^ ]{1,20}(?: [a-z]{3})?)?(?: for [^,;]{1,40}?)?(?:'s|'ll| is| are| was| were| has| have| had| got| went| came| left| hit| reached| landed| arrived| cleared| should| shows?| appears| will| shall)\b(?! (?:\w+ )?(?:${NOT_DONE_YET})\b)`,
    "y",
  ),
  present: pattern(
    String.raw`\b(?:here is|here's|attached is|please find|enclosed is|this is|you have|you've got|you've received|you have received|you got|you received|(?:did|done|made)) (?:your|the|a|an|this|that) (?:full |partial |new |whole )?`,
    "g",
  ),
  anyhow: anyOf(
    // I was able to refund, I managed to get the refund done, we decided to pay.
    String.raw`\b${WHO}(?:'ve|'d| have| had| has)?${ADVERBS} (?:(?:was|were|been) able to|managed to|decided to|chose to|made sure|went ahead|took the liberty|taken the liberty|saw to it|seen to it)\b`,
    String.raw`\b(?:went|gone|go|goes|came|come|is|are|put|pushed) through\b|\bnow (?:reads|shows|points|goes)\b`,
    String.raw`\byour (?:refunded|returned|cancelled|updated|changed) (?:amount|money|order|refund|address|password|items?)\b`,
  ),
};

/**
 * What of a reply needs no source. Where no second model reads: English greetings, thanks, regret, good wishes and asking
 * for an answer, as a closed class. Every word of such a sentence stands in a list of words that say nothing of a case, and each
 * of its clauses has a word that greets, thanks, regrets, wishes or asks, and states nothing beside it: "the team is
 * looking for it" has small words alone. A model that reads may be kind in any words that name nothing.
 */
import { factsIn } from "#guard/output/evidence.ts";
import type { Fact } from "#guard/output/facts.ts";
import { linksIn } from "#guard/output/links.ts";
import { phrasesIn, sentencePieces } from "#guard/output/sentences.ts";
import { endsAsking, isSupposed } from "#guard/languages/sentence-words.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { mayBeEnglish } from "#guard/languages/detect.ts";
import { withoutAddress } from "#guard/output/names.ts";
import { isKnown, namesWithoutSource, type ReadSources, tellsNotFound } from "./sources.ts";

/** Words of thanks, regret, greeting and asking, with the small words between them. No list has a verb of doing. */
const UNTOLD = new Set(
  `hello hi hey dear good morning afternoon evening day weekend thanks thank you your so very much many for to the a an
  and or but of in on at by with from as i i'm we we're us our ours me my am are is be was it it's this that these those there
  message mail e-mail email note question questions request patience patient understanding writing write wrote reaching
  out getting touch contacting contact telling asking letting let know tell say kind kindly words trust feedback honesty sorry
  apologies apologise apologize really truly deeply sincerely hear heard about how what such any anything else trouble
  inconvenience inconvenient confusion frustration frustrating annoying disappointing disappointment upsetting unpleasant
  stressful worrying understand understandable understandably can't cannot couldn't don't do not see imagine must feel feels
  felt never easy happens glad happy pleased pleasure gladly help helping further more other if need have you'd you've
  like would please reply answer answering just when whenever anytime time all best warm regards wishes cheers
  faithfully team support welcome you're enjoy nice lovely great wonderful pleasant rest care looking forward hearing
  worry worries no problem oh ah well pity shame hope hopefully soon always again one which two them mean
  meant prefer choose choice decide send give photo photos picture pictures name could unfortunately bear
  moment than ever who where both either each waiting wait happened went wrong
  congratulations sincere happily myself ourselves yourself situation matter indeed quite too imagine accept appreciate
  honest helps wishing thinking idea`.split(/\s+/),
);

/** Turns whose words say more elsewhere: "feel free" gives nothing away, "it is free" does. */
const TURNS =
  /(?<!\p{L})(?:feel free|here(?:['’]s| is) (?:the overview|what i found)|that['’]s(?= (?:frustrating|worrying|annoying|disappointing|upsetting|stressful|a pity|a shame))|(?:i|we) can (?:imagine|understand)|(?:we(?:['’]re| are)|i(?:['’]m| am)) (?:always )?here|yours (?:sincerely|faithfully|truly)|write back|get(?:ting)? back to (?:us|me|you)|take care|(?:your |the )?order number)(?!\p{L})/giu;

/** What makes a clause of English a courtesy: a greeting, thanks, regret, sympathy, a wish, an offer, asking to answer. */
const COURTEOUS =
  /\b(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|thank|thanks(?! to (?:the|our|them))|sorry|apolog\w+|understand\w*|imagine|see how|know how|must feel|frustrat\w+|disappoint\w+|annoying|upsetting|stressful|worrying|unpleasant|inconvenien\w+|confus\w+|(?:a )?(?:pity|shame)|oh|ah|hope\w*|regards|wish\w*|cheers|yours|welcome|congratulations|glad\w*|happy|happily|pleased?|pleasure|appreciate|enjoy|no (?:problem|worries)|(?:don't|do not|no need to) worry|(?:nice|lovely|great|wonderful|pleasant) (?:day|weekend|evening|rest)|let (?:me|us) know|anything else|(?:any|other|more|further) questions?|look(?:ing)? forward|feel free|take care|(?:we|i)(?:'re|'m| are| am) (?:always )?here(?= (?:for you|to help)|\W*$))\b|^\W*(?:just |simply |and )*(?:reply|answer|write|get in touch|contact|tell (?:us|me)|say so)\b/i;

/** What says more within such a clause: what is so, what we tell, when, and what is not to be done. */
const SAYS_MORE =
  /\b(?:that|because|since|as|know|sorry|hope|glad|understand|and|but|so) (?:it|they|we|our|one|the|i|there|these|those)\b(?! (?:really|truly|fully|so|very|quite|can|hope|understand|thank|apologi[sz]e|appreciate|look|are sorry|am sorry)\b)|\b(?:tell|let) you\b|\bplease (?:do not|don't)(?! (?:worry|hesitate))|\b(?<!\b(?:good|nice|lovely|great|wonderful|pleasant|enjoy (?:the|your)|of (?:the|your)) )(?:morning|afternoon|evening|day|weekend)\b/i;

/** With one of these a few words beside a courtesy are a statement of their own. */
const STATES =
  /\b(?:is|are|am|was|were|be|have|has|had|need|do|does|did|can't|cannot|couldn't|must|could|would|'s|'re|'m|'ve)\b/i;

/** A person says no more at once without saying something. */
const WORDS_MAX = 25;
/** One who reads may find no more in a longer one: "Whether that can be moved, or … , our page does not say". */
const READ_WORDS_MAX = 2 * WORDS_MAX;

/** "Hello Ann Fields," and "Kind regards, Lea": a name may follow, and nothing else. */
const NAMED =
  /^\W*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening),?|(?:(?:kind|best|warm) regards|best wishes),?|welcome,?|thank(?:s| you),?|sorry,?)\s+((?:(?:mr|mrs|ms)\.?\s+)?\p{Lu}[\p{L}'’-]{1,20}(?:\s+\p{Lu}[\p{L}'’-]{1,20})?)[,.!]*\s*$/iu;

/** Whether a text has a name alone after a greeting or a farewell. */
function namesSomebody(text: string): boolean {
  const [, name = ""] = NAMED.exec(text) ?? [];
  return /^\p{Lu}/u.test(name) && name.split(/\s+/).every((one) => /^\p{Lu}/u.test(one));
}

/** The words of a text as the lists have them. */
export function wordsIn(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu) ?? []
  );
}

/**
 * Whether a text may go unread. `isTheirs` tells the words a regret may repeat as the customer's.
 */
export function isCourtesy(text: string, isTheirs: (word: string) => boolean): boolean {
  if (/[\d@%$€£/]/.test(text)) return false;
  if (namesSomebody(text)) return true;
  const words = wordsIn(text.replaceAll(TURNS, " "));
  const clauses = text
    .replaceAll("’", "'")
    .split(/[,;:.!?–—]\s*/)
    .filter((clause) => /\p{L}/u.test(clause.replaceAll(TURNS, " ")));
  return (
    words.length <= WORDS_MAX &&
    words.every((word) => UNTOLD.has(word) || isTheirs(word)) &&
    clauses.every(isCourteous)
  );
}

/** Who may be offered. */
const PEOPLE = new Set(wordsIn("person people colleague human someone somebody teammate team"));

/**
 * Whether a sentence offers a person on the customer's word, and names no value: it tells of nothing that is so. In other
 * languages than English the condition has to be that they wish it.
 */
export function offersPerson({ text, sentence }: Part): boolean {
  if (!mayBeEnglish(sentence))
    return (
      ELSEWHERE.wished.test(text) && ELSEWHERE.people.test(text) && !ELSEWHERE.gives.test(text)
    );
  const isOfPeople = wordsIn(sentence).some((word) => PEOPLE.has(word));
  return isConditional(sentence) && isOfPeople && ATTENDS.test(sentence) && !GIVES.test(sentence);
}

/** Whether a sentence supposes something and gives none of what is known for it. */
export function onlySupposes({ text, sentence }: Part): boolean {
  if (mayBeEnglish(sentence)) return isConditional(sentence) && !GIVES.test(sentence);
  const isSupposing = sentencePieces(sentence)
    .flatMap(phrasesIn)
    .some((one) => isSupposed(one.text));
  return isSupposing && !ELSEWHERE.gives.test(text);
}

function isConditional(sentence: string): boolean {
  return sentencePieces(sentence).some(
    ({ text, plain }) =>
      /\?\W*$/.test(text) || ENGLISH.condition.test(plain) || /\b(?:can|could) offer\b/.test(plain),
  );
}

/** The same in German, French, Spanish, Italian, Dutch, Polish and Portuguese, by the beginnings of words. */
const ELSEWHERE = {
  wished:
    /(?<!\p{L})(?:(?:wenn|falls) (?:sie|du|ihr) (?:das |es |dies )?(?:möcht|wünsch|woll|willst)|si (?:vous|tu) (?:le )?(?:souhait|préf|voul|veux|désir)|si vous me (?:dites|répondez) que vous (?:le )?(?:souhait|préf|voul)|si (?:lo )?(?:dese|quier|prefier)|se (?:lo )?(?:desider|vuol|vuoi|preferi)|als (?:u|je) (?:dat |het )?(?:wil|wens)|jeśli (?:\p{L}+ )?(?:chce|życz|wol)|se (?:quis|desej))/iu,
  people:
    /(?<!\p{L})(?:person|mensch|kolleg|mitarbeite|collègue|conseill|compañer|colega|collega|medewerker|osob|pracowni|pessoa)/iu,
  gives:
    /\d|(?<!\p{L})(?:rembours|argent|gratuit|envo|remplac|annul|geld|erstatt|kosten|gratis|schick|send|ersatz|ersetz|stornier|behalt|gard|diner|reembols|devol|enví|envi|cancel|rimbors|sold|denar|sped|invi|terugbetal|stuur|vervang|houd|zwr|pienią|wyś|wys|bezpł|anul|dinheir)/iu,
};

/** What people do who take over, and how they are asked for. */
const ATTENDS =
  /\b(?:look|check|decide|answer|reply|replies|talk|speak|write|get back|takes? over|help|(?:rather have|prefer) (?:a|an|one|some|to))s?\b/i;

/** What is more than that: a number, money, goods, what is waived or undone. */
const GIVES =
  /\d|\b(?:refund|money|pay|free|gift|keep|discount|voucher|waive|cancel|replace|send|back to you|exchange)\w*\b/i;

function isCourteous(clause: string): boolean {
  return COURTEOUS.test(clause)
    ? !SAYS_MORE.test(clause)
    : !STATES.test(clause) && wordsIn(clause).length <= FEW_WORDS;
}

/** "As always", "and a cracked corner": beside a courtesy they state nothing. */
const FEW_WORDS = 4;

// What of a reply needs no quote.

/**
 * Whether a text has nothing that could be told from a source: no value, link or strange name, and no more words than one
 * says at once. Such words may be called a courtesy, or a question where they ask, by a reader that reads; a question
 * may name what stands in a source. A reader that was asked again and `insists` is believed a day, a length of time or a
 * number in a courtesy too ("Music since 2024, how lovely!", "I can't promise you Friday"), if a source has it.
 */
export function namesNothing(
  text: string,
  kind: "courtesy" | "question",
  sources: ReadSources,
  insists = false,
): boolean {
  const asks = kind === "question";
  if (asks ? !endsAsking(text) || SUPPOSES.test(text) : PERMITS.test(text)) return false;
  if (wordsIn(text).length > READ_WORDS_MAX || linksIn(text).length > 0) return false;
  if (namesWithoutSource(text, sources).length > 0) return false;
  const untold = asks ? text : withoutOrders(text, sources);
  const facts = factsIn(untold, sources.today);
  const isTold = (fact: Fact): boolean => isKnown(fact, sources.telling, sources);
  if (asks) return facts.every(isTold);
  const rest = facts.reduce((left, { words }) => left.replace(words, " "), untold);
  return (
    facts.every((fact) => insists && isTold(fact) && fact.kind !== "amount") &&
    !/[@%$€£]/.test(rest) &&
    numbersIn(rest).every((number) => insists && isTheirs(number, sources))
  );
}

/** Whether the customer wrote this number, as a word of its own. */
function isTheirs(number: string, { all }: ReadSources): boolean {
  return all.some(({ kind, text }) => kind === "customer" && numbersIn(text).includes(number));
}

function numbersIn(text: string): readonly string[] {
  return text.match(/\d+(?:[.,:]\d+)*/g) ?? [];
}

/** Whether the whole of a text is the name of one of the pages behind a word or two: "(see Returns).". */
export function refersToPage(text: string, { all }: ReadSources): boolean {
  const [, title] =
    /^\W*(?:see|siehe|voir|véase|ver|vedi|zie|veja|zob\.|zobacz) ([^()]{2,120}?)[)\s.,;:!?]*$/iu.exec(
      text,
    ) ?? [];
  return (
    title !== undefined &&
    all.some(
      ({ kind, name }) => kind === "page" && (name === title || name.startsWith(`${title} (`)),
    )
  );
}

/**
 * Whether a statement is a part of a question that its sentence ends: "which is it, the lamp (order 17)," names orders on
 * record, and supposes nothing of them.
 */
export function asksOn({ text, sentence }: Part, sources: ReadSources): boolean {
  return (
    endsAsking(sentence) &&
    wordsIn(sentence).length <= READ_WORDS_MAX &&
    ASKS.test(text) &&
    !TELLS_OF_US.test(text) &&
    factsIn(text, sources.today).every(({ kind }) => kind === "order") &&
    namesNothing(`${text}?`, "question", sources)
  );
}

/** A stretch of a reply with the sentence it stands in. */
export interface Part {
  readonly text: string;
  readonly sentence: string;
}

/** What we did is told, and not asked. */
const TELLS_OF_US = /\b(?:we|i|us|our|\w{3,}ed)\b/i;

/** How a question for one of several begins; "when" and "where" also begin what is stated. */
const ASKS =
  /^\W*(?:(?:and|or|so|und|oder|also|et|ou|y|o|en|of) )?(?:which|is it|is this|is that|do you mean|welche[rsmn]?|ist es|quel(?:le)?s?|lequel|laquelle|est-ce|cuál(?:es)?|qué|quién|wat|welke?|wie|quale|qual|que|który|która|które|co)(?!\p{L})/iu;

/** "Nie wiem, czy plecak z zamówienia 790 …": to name an order that is on record tells no more of it than its article would. */
function withoutOrders(text: string, { all }: ReadSources): string {
  const orders = new Set(all.map(({ orderId }) => orderId?.toLowerCase()));
  return text.replaceAll(/(?<![\w.,:/-])#?([a-z\d-]{1,40})(?![.,]?\d)/gi, (named, id: string) =>
    orders.has(id.toLowerCase()) ? " ".repeat(named.length) : named,
  );
}

/** "You can charge it in the rain": what may be done with a thing a source tells, and no kindness. */
const PERMITS =
  /(?:^|[,;:.!?–—]\s|\b(?:and|so|but|because|then)\s)\W{0,3}(?:you (?:can|may|could|needn['’]t|don['’]t (?:have|need) to)|(?:you(?:['’]re| are)|feel) free to|(?:it|that)(?:['’]s| is)(?: \p{L}+)? (?:safe|fine|ok|okay|harmless) to)(?: \p{L}+){1,3} (?:it|them)\b/iu;

/** "Did you know that it is in Denver?" */
const SUPPOSES = /\b(?:know that|aware|heard that|noticed|remember that|reali[sz]e|guess what)\b/i;

/** What states nothing by its form, whatever a reader calls it. */
export function statesNothing(text: string, sources: ReadSources): boolean {
  return isCourtesy(withoutAddress(text), () => false) || tellsOwnLook(text, sources);
}

/**
 * "I've looked at order 17": that order is a record of the turn, or none was found; without a number, the only one is.
 */
function tellsOwnLook(text: string, { all }: ReadSources): boolean {
  const { many, numbers } = LOOKED.exec(withoutAddress(text))?.groups ?? {};
  if (numbers === undefined) return false;
  const records = all.filter(({ kind }) => kind === "record");
  const orders = new Set(records.flatMap(({ orderId }) => orderId ?? []));
  const named = numbers.match(/[A-Z]{0,4}-?\d[\w-]*/gi) ?? [];
  if (named.length === 0) return many === undefined && orders.size === 1;
  const isLookedFor = records.some(tellsNotFound) || named.every((one) => orders.has(one));
  return (many === undefined || named.length > 1) && isLookedFor;
}

/** The speaker's own look, with no word more: neither a day nor with whom, and nothing that "checked that" would state. */
const LOOKED =
  /^\s*(?:(?:hi|hello|hey|hm),?\s+)?I(?:['’]ve| have)? (?:just )?(?:looked (?:at|into|up|for)|had a look at|checked)(?: your| the)? order(?<many>s)?(?<numbers>(?: #?[A-Z]{0,4}-?\d[\w-]{0,30}(?:(?:,| and|, and) #?[A-Z]{0,4}-?\d[\w-]{0,30}){0,4})?)[\s,:.!]*$/i;

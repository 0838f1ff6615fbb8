/** Answers general questions by quoting the help pages. */
import {
  type Answer,
  type PassageSeen,
  type Transcript,
  beforehand,
  lookAtPages,
  sentence,
} from "./transcript.ts";
import { oneLine } from "#core/values/words.ts";

/** What of a question's words a passage has to tell; with less it is about something else, and quoting it would mislead. */
const FIT_MIN = 0.55;
/** Words that tell two questions about one thing apart, and no thing themselves. */
const WEAK = 0.3;
/** The other way round: how much of the heading is asked about decides between passages that tell as much. */
const HEADING_ASKED = 0.3;
/** The search knows more words than these rules: the page it puts first is the likelier one. */
const FOUND_FIRST = 0.15;
const NAMED_MIN = 2;
/** What only the customer calls so says half as much. */
const UNKNOWN = 0.5;

/** What asks how long is not answered by a passage without a time. */
const ASKS_HOW_LONG = /\bhow (?:long|quickly|fast|soon|old)\b|\bdeadline\b|\bwithin what\b/i;
const TIME = /\d[^.]{0,12}\b(?:minutes?|hours?|days?|weeks?|months?|years?|characters)\b/i;
const QUOTE_CHARACTERS_MAX = 420;
const QUERY_CHARACTERS_MAX = 300;

const STOP_WORDS = new Set(
  "the and for you your our are can could does did what from that this have has was will would should there about into out any all please want need know like get got its it's i'm i've say says said then now may might must still than too very just really some her his him mine been also don same back while under over per let use take put give make come came them they amount myself yourself himself herself ourselves themselves quickly usually yet soon else simply actually maybe perhaps sure lot stuff possible time times trying quick quickly tell see happen happens going think work works help problem issue trouble something anything thing things way ways own try kind sort exactly hope wonder wondering ask asking question".split(
    " ",
  ),
);
const WEAK_WORDS = new Set(
  "how wrong fast soon long much many when where who why which not cannot with without more one two only after before until already most again".split(
    " ",
  ),
);

/** Words that shops and customers use for the same thing: the first of each line stands for all. */
const SAME = new Map(
  [
    "order bought buy purchase parcel package shipment",
    "cost fee price free",
    "product article item goods device gadget",
    "ship deliver dispatch",
    "abroad international overseas outside foreign country",
    "gift present",
    "mail email",
    "refund money reimburse cash",
    "answer reply respond response",
    "damaged broken broke cracked pieces",
    "forgot forgotten",
    "phone telephone hotline ring call",
    "guarantee warranty",
    "invoice receipt bill",
    "voucher coupon discount promo",
  ].flatMap((line) => {
    const [first = "", ...others] = line.split(" ").map(stem);
    return others.map((word) => [word, first] as const);
  }),
);

/**
 * Answers a general question from the help pages, with its source; escalates when they do not cover it. What was told
 * before the question says what it is about. Who names nothing at all is asked once.
 */
export function answerFromPages(transcript: Transcript, question: string, told = ""): Answer {
  const whole = `${told} ${question}`;
  const wordings = [question, whole].filter((text) => !isVague(text));
  if (wordings.length === 0)
    return transcript.askedBefore
      ? { kind: "escalate", reason: "It is still unclear what it is about after asking back." }
      : { kind: "question", text: WHAT_ABOUT, topic: "other" };
  const pages = lookAtPages(transcript, { queries: [...new Set(wordings.map(queryOf))] });
  if (pages.kind !== "seen") return beforehand(pages);
  const quote = quoteFor(question, pages.value, wordings);
  return quote === null
    ? { kind: "escalate", reason: whyUnanswered(pages.value) }
    : { kind: "part", text: quote, topic: "faq" };
}

const WHAT_ABOUT =
  "I would like to help. What is it about? Please tell me the product or the order number, and what happened.";

/** Whether a text names no thing that could be looked up. */
export function isVague(text: string): boolean {
  return ![...keywordsOf(text).values()].includes(1);
}

/** Says what is known and no more: that a page which was read answers nothing cannot be known by words alone. */
function whyUnanswered(passages: readonly PassageSeen[]): string {
  const titles = [...new Set(passages.map(({ title }) => title))].slice(0, TITLES_MAX);
  return titles.length === 0
    ? "No help page was found for this."
    : `No answer was drafted. Help pages that were found: ${titles.join("; ")}.`;
}

const TITLES_MAX = 3;

/**
 * The sentences of the passage that tells most of what is asked, with the page's name; null when none tells enough. A
 * question in two wordings is answered where one of them is. Where a word stands on none of the pages found, the place of
 * the search says nothing, and the heading has to name two others.
 */
export function quoteFor(
  question: string,
  passages: readonly PassageSeen[],
  wordings: readonly string[] = [question],
): string | null {
  const known = keywordsOf(passages.map(({ title, text }) => `${title} ${text}`).join(" "));
  const asked = wordings.map(
    (text) =>
      new Map(
        [...keywordsOf(text)].map(([word, weight]) => [
          word,
          known.has(word) ? weight : weight * UNKNOWN,
        ]),
      ),
  );
  const isKnown = [...(asked[0] ?? [])].every(([, weight]) => weight !== UNKNOWN);
  const [best] = passages
    .map((passage) => {
      const first = isKnown && passage.title === passages[0]?.title ? FOUND_FIRST : 0;
      const fits = asked.map((wording) => fitOf(wording, passage));
      const rank = fits.reduce((sum, fit) => sum + fit.rank, first * fits.length);
      const named = Math.max(...fits.map((fit) => fit.named));
      return { ...passage, rank, named, fit: first + Math.max(...fits.map(({ fit }) => fit)) };
    })
    .filter(({ named }) => isKnown || named >= NAMED_MIN)
    .filter(({ fit }) => fit >= FIT_MIN)
    .toSorted((one, other) => other.rank - one.rank)
    .map(({ title, text }) => ({ title, quote: beginningOf(text) }))
    .filter(({ quote }) => !ASKS_HOW_LONG.test(question) || TIME.test(quote));
  return best === undefined ? null : `${best.quote} (see ${best.title})`;
}

/** A word of the heading says what a passage is about, one of the title what the page is, one of the text the least. */
function fitOf(asked: Keywords, { title, text }: PassageSeen) {
  const heading = keywordsOf(/^#{1,6}\s.*$/m.exec(text)?.[0] ?? "");
  const [name, body] = [keywordsOf(title), keywordsOf(text)];
  const told = (word: string): number =>
    Math.max(Number(heading.has(word)), name.has(word) ? 0.9 : 0, body.has(word) ? 0.7 : 0);
  const fit = shareOf(asked, told);
  const named = [...asked].filter(([word, weight]) => weight === 1 && heading.has(word)).length;
  const rank = fit + HEADING_ASKED * shareOf(heading, (word) => Number(asked.has(word)));
  return { fit, named, rank };
}

/** The mean of what is told of each word, each by its weight. */
function shareOf(words: Keywords, told: (word: string) => number): number {
  const all = [...words].reduce((sum, [, weight]) => sum + weight, 0);
  return [...words].reduce((sum, [word, weight]) => sum + weight * told(word), 0) / (all || 1);
}

/** What a passage begins with answers its heading; half a sentence may say the opposite. */
function beginningOf(text: string): string {
  let room = QUOTE_CHARACTERS_MAX;
  return sentencesOf(text)
    .filter((part, at) => (room -= part.length + 1) >= 0 || at === 0)
    .map(sentence)
    .join(" ");
}

function sentencesOf(text: string): readonly string[] {
  return plainText(text)
    .split(/(?<=[.!?])\s+|\n+/)
    .map((part) => part.trim())
    .filter((part) => part.length > 3);
}

/** Help pages are Markdown; replies are plain text. */
function plainText(text: string): string {
  return text
    .replaceAll(/^#{1,6}\s.*$/gm, "")
    .replaceAll(/!?\[([^\][]{0,300})\]\([^()]{0,300}\)/g, "$1")
    .replaceAll(/[*_`]+/g, "")
    .replaceAll(/^\s*(?:[-+]|\d+\.)\s+/gm, "")
    .replaceAll(/(?<![.!?:])\n(?=[a-z])/g, " ");
}

function queryOf(question: string): string {
  return oneLine(question).slice(0, QUERY_CHARACTERS_MAX).trim();
}

/** The words of a text by their stems, and how much each says. */
type Keywords = ReadonlyMap<string, number>;

function keywordsOf(text: string): Keywords {
  const words =
    text
      .toLowerCase()
      .replaceAll(/n['’]t\b/g, " not")
      .replaceAll("e-mail", "email")
      .replaceAll(
        /\b(?:send|sent|give|giving|bring|take|ship)(?:ing)?\b(?=[^.?!]{0,30}\bback\b)/g,
        "return",
      )
      .match(/[a-z]{3,}/g) ?? [];
  return new Map(
    words
      .filter((word) => !STOP_WORDS.has(word))
      .map((word) =>
        WEAK_WORDS.has(word) ? [word, WEAK] : [SAME.get(stem(word)) ?? stem(word), 1],
      ),
  );
}

/** Reduces "shipping", "shipment" and "ship", "packaging" and "package", or "countries" and "country", to one word. */
function stem(word: string): string {
  return word
    .replace(/ies$/, "y")
    .replace(/(?:ing|ed|es|s|ly)$/, "")
    .replace(/ment$/, "")
    .replace(/([b-df-hj-np-tv-z])\1$/, "$1")
    .replace(/(?<=...)e$/, "")
    .slice(0, 9);
}

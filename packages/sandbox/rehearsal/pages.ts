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

/** With a smaller share of the question's words a passage is about something else, and quoting it would mislead. */
const SHARE_MIN = 3 / 4;

/** What asks for a price, a time or a number is not answered by a passage without one. */
const ASKS_FOR: readonly (readonly [RegExp, RegExp])[] = [
  [/\bhow much\b/i, /\d[.,]\d\d\b|\b(?:free|no cost)\b/i],
  [
    /\bhow (?:long|quickly|fast|soon|old)\b|\b(?:until|by) when\b/i,
    /\d[^.]{0,12}\b(?:minutes?|hours?|days?|weeks?|months?|years?|characters)\b/i,
  ],
  [/\bhow (?:many|big|far)\b/i, /\d/],
];
const QUOTE_CHARACTERS_MAX = 420;
const SENTENCES_MAX = 3;
const QUERY_CHARACTERS_MAX = 300;

const STOP_WORDS = new Set(
  "the and for you your our are can could does how what when where which who why with from that this have has was will would should there about into out not any all much many long please want need know like get got its it's i'm i've did say says said then now may might must still than too very just really some one two her his him mine been also don same back while after before under over per let use take put give make come them they amount myself yourself himself herself ourselves themselves quickly usually already yet soon else really simply actually maybe perhaps sure lot thing things stuff possible".split(
    " ",
  ),
);

/** Words that shops and customers use for the same thing, by their stems; a stem does not join irregular forms. */
const SAME = new Map([
  ["bought", "order"],
  ["buy", "order"],
  ["purchas", "order"],
  ["parcel", "order"],
  ["packag", "order"],
  ["fee", "cost"],
  ["forgotte", "forgot"],
]);

/** Answers a general question from the help pages, with its source; escalates when they do not cover it. */
export function answerFromPages(transcript: Transcript, question: string): Answer {
  const query = queryOf(question);
  if (query.length < 2)
    return { kind: "escalate", reason: "The message holds nothing that could be looked up." };
  const pages = lookAtPages(transcript, { queries: [query] });
  if (pages.kind !== "seen") return beforehand(pages);
  const quote = quoteFor(question, pages.value);
  return quote === null
    ? { kind: "escalate", reason: whyUnanswered(pages.value) }
    : { kind: "part", text: quote, topic: "faq" };
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
 * The sentences of the best fitting passage that match the question, with the page's name; null when none fits. Where no
 * passage has enough of its words alone, the page found first may have them. A word that stands on none of the pages
 * found is what the question is about, and they do not answer it.
 */
export function quoteFor(question: string, passages: readonly PassageSeen[]): string | null {
  const asked = keywordsOf(question);
  const known = keywordsOf(passages.map(({ title, text }) => `${title} ${text}`).join(" "));
  if ([...asked].some((word) => !known.has(word))) return null;
  return quoteOfPassage(question, asked, passages) ?? quoteOfPage(question, asked, passages);
}

function quoteOfPassage(
  question: string,
  asked: ReadonlySet<string>,
  passages: readonly PassageSeen[],
): string | null {
  // What a passage begins with says what it is about; sorting keeps the order of the search, best first, for the rest.
  const [best] = passages
    .filter(({ title, text }) => isAbout(asked, `${title} ${text}`))
    .toSorted((a, b) => leadOf(asked, b) - leadOf(asked, a))
    .map(({ title, text }) => ({ title, quote: extract(asked, text) }))
    .filter(({ quote }) => isAskedFor(question, quote));
  return best === undefined ? null : `${best.quote} (see ${best.title})`;
}

/** One word alone says too little about which part of a page is meant. */
function quoteOfPage(
  question: string,
  asked: ReadonlySet<string>,
  passages: readonly PassageSeen[],
): string | null {
  const title = passages[0]?.title ?? "";
  const page = passages.filter((passage) => passage.title === title);
  const whole = [title, ...page.map(({ text }) => text)].join(" ");
  if (asked.size < 2 || !isAbout(asked, whole)) return null;
  const quote = page
    .toSorted((a, b) => sharedWith(asked, b.text) - sharedWith(asked, a.text))
    .map(({ text }) => extract(asked, text))
    .find((text) => isAskedFor(question, text));
  return quote === undefined ? null : `${quote} (see ${title})`;
}

function isAbout(asked: ReadonlySet<string>, text: string): boolean {
  const shared = sharedWith(asked, text);
  return shared > 0 && shared >= asked.size * SHARE_MIN;
}

function isAskedFor(question: string, quote: string): boolean {
  return ASKS_FOR.every(([asks, has]) => !asks.test(question) || has.test(quote));
}

/**
 * How many of the words asked for stand in the heading and in the first sentence, and in the title, which counts as much
 * as both: it says what the whole page is about.
 */
function leadOf(asked: ReadonlySet<string>, { title, text }: PassageSeen): number {
  const [heading = ""] = /^#{1,6}\s.*$/m.exec(text) ?? [];
  const first = sentencesOf(text)[0] ?? "";
  return 2 * sharedWith(asked, title) + sharedWith(asked, heading) + sharedWith(asked, first);
}

/** A short passage whole, since half of it may say the opposite; of a long one the sentences that match. */
function extract(asked: ReadonlySet<string>, text: string): string {
  const sentences = sentencesOf(text);
  const whole = sentences.map(sentence).join(" ");
  if (whole.length <= QUOTE_CHARACTERS_MAX) return whole;
  const ranked = sentences
    .map((part, index) => ({ part, index, shared: sharedWith(asked, part) }))
    .toSorted((a, b) => b.shared - a.shared || a.index - b.index);
  let room = QUOTE_CHARACTERS_MAX;
  const chosen = ranked.slice(0, SENTENCES_MAX).filter(({ part, shared }, rank) => {
    room -= part.length;
    return rank === 0 || (shared > 0 && room >= 0);
  });
  return chosen
    .toSorted((a, b) => a.index - b.index)
    .map(({ part }) => sentence(part))
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

function keywordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  const stems = words.filter((word) => !STOP_WORDS.has(word)).map(stem);
  return new Set(stems.map((word) => SAME.get(word) ?? word));
}

/** Reduces "shipping", "shipment" and "ship", "packaging" and "package", or "countries" and "country", to one word. */
function stem(word: string): string {
  return word
    .replace(/ies$/, "y")
    .replace(/(?:ing|ed|es|s|ly)$/, "")
    .replace(/ment$/, "")
    .replace(/([b-df-hj-np-tv-z])\1$/, "$1")
    .replace(/(?<=...)e$/, "")
    .slice(0, 8);
}

function sharedWith(asked: ReadonlySet<string>, text: string): number {
  const words = keywordsOf(text);
  return [...asked].filter((word) => words.has(word)).length;
}

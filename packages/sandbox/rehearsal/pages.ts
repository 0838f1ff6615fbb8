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

/** Words that tell two questions about one thing apart, and no thing themselves. */
const WEAK = 0.3;
/** The other way round: how much of the heading is asked about decides between passages that tell as much. */
const HEADING_ASKED = 0.3;
/** The search knows more words than these rules: what it puts first, page and passage, is likelier. */
const FOUND_FIRST = { page: 0.3, passage: 0.15 };
/** Where a word stands on none of the pages found, the heading has to name so many of the others. */
const NAMED_MIN = 2;
/** Rules mistake one passage for another: one that tells less than all is quoted with the next, unless that is so far behind. */
const APART = 0.5;
/** What tells so much of a question is quoted alone: a word of the title counts a tenth less than one of the heading. */
const TOLD = 0.9;
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
    "order bought buy purchase parcel package",
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
  const quote = quoteFor(wordings, pages.value);
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
 * What the passages begin with that tell most of what is asked, with the names of their pages; null where the pages found
 * may be about something else: a word stands on none of them, and no heading names enough of the others. The last of the
 * wordings is the fullest.
 */
export function quoteFor(
  wordings: readonly string[],
  passages: readonly PassageSeen[],
): string | null {
  const [first] = passages;
  const asked = wordings.map(keywordsOf);
  const known = keywordsOf(passages.map(({ title, text }) => `${title} ${text}`).join(" "));
  const headings = passages
    .filter(({ title }) => title === first?.title)
    .map(({ title, text }) => keywordsOf(`${title} ${headingOf(text)}`));
  const isAnswered = asked.some((words) => {
    const things = [...words].flatMap(([word, weight]) => (weight === 1 ? [word] : []));
    const enough = Math.min(NAMED_MIN, things.length / 2);
    return (
      things.every((word) => known.has(word)) ||
      headings.some((heading) => things.filter((word) => heading.has(word)).length >= enough)
    );
  });
  if (!isAnswered) return null;
  const [best, next] = passages
    .map((passage) => {
      const fits = asked.map((words) => fitOf(words, passage));
      const told = Math.max(...fits.map((fit) => fit.told));
      const found =
        (passage.title === first?.title ? FOUND_FIRST.page : 0) +
        (passage === first ? FOUND_FIRST.passage : 0);
      return { passage, told, rank: (fits.at(-1)?.rank ?? 0) + found };
    })
    .toSorted((one, other) => other.rank - one.rank);
  if (best === undefined) return null;
  const isEnough = next === undefined || best.told >= TOLD || best.rank - next.rank >= APART;
  const quoted = isEnough ? [best] : [best, next];
  return quoted
    .map(({ passage: { title, text } }) => `${beginningOf(text)} (see ${title})`)
    .join("\n\n");
}

/** A word of the heading says what a passage is about, one of the title what the page is, one of the text the least. */
function fitOf(asked: Keywords, { title, text }: PassageSeen) {
  const heading = keywordsOf(headingOf(text));
  const [name, body] = [keywordsOf(title), keywordsOf(text)];
  const told = shareOf(asked, (word) =>
    Math.max(Number(heading.has(word)), name.has(word) ? 0.9 : 0, body.has(word) ? 0.7 : 0),
  );
  const rank = told + HEADING_ASKED * shareOf(heading, (word) => Number(asked.has(word)));
  return { told, rank };
}

function headingOf(text: string): string {
  return /^#{1,6}\s.*$/m.exec(text)?.[0] ?? "";
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

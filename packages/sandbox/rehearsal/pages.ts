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

const QUOTE_CHARACTERS_MAX = 420;
/** A card is read in seconds, so only short passages stand beside each other. */
const TWO_CHARACTERS_MAX = 300;
const QUERY_CHARACTERS_MAX = 300;

/** Words that name no thing that could be looked up. */
const STOP_WORDS = new Set(
  "the and for you your our are can could does did what from that this have has was will would should there about into out any all please want need know like get got its it's i'm i've say says said then now may might must still than too very just really some her his him mine been also don same back while under over per let use take put give make come came them they amount myself yourself himself herself ourselves themselves quickly usually yet soon else simply actually maybe perhaps sure lot stuff possible time times trying quick quickly tell see happen happens going think work works help problem issue trouble something anything thing things way ways own try kind sort exactly hope wonder wondering ask asking question how wrong fast soon long much many when where who why which not cannot with without more one two only after before until already most again".split(
    " ",
  ),
);

/**
 * Answers a general question from the help pages, with its source; escalates when they do not cover it. What was told
 * before the question says what it is about. Who names nothing at all is asked once.
 */
export function answerFromPages(transcript: Transcript, question: string, told = ""): Answer {
  const whole = `${told} ${question}`;
  if (isVague(whole))
    return transcript.askedBefore
      ? { kind: "escalate", reason: "It is still unclear what it is about after asking back." }
      : { kind: "question", text: WHAT_ABOUT, topic: "other" };
  const pages = lookAtPages(transcript, { queries: [queryOf(whole)] });
  if (pages.kind !== "seen") return beforehand(pages);
  const quote = quoteFrom(pages.value);
  return quote === null
    ? { kind: "escalate", reason: whyUnanswered(pages.value) }
    : { kind: "part", text: quote, topic: "faq" };
}

const WHAT_ABOUT =
  "I would like to help. What is it about? Please tell me the product or the order number, and what happened.";

/** Whether a text names no thing that could be looked up. */
export function isVague(text: string): boolean {
  const plain = text.toLowerCase().replaceAll(/n['’]t\b/g, " not");
  const words = plain.match(/[\p{L}\p{M}]{3,}/gu) ?? [];
  return words.every((word) => STOP_WORDS.has(word));
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
 * What the passage begins with that the search puts first, and what else on its page it holds for likeliest, where both are short; null where
 * nothing is found. Whether that is likely enough to be an answer, the policy's bound on the chance decides.
 */
export function quoteFrom([best, ...others]: readonly PassageSeen[]): string | null {
  if (best === undefined) return null;
  const first = beginningOf(best.text);
  const next = others.find(({ title }) => title === best.title);
  const both = next === undefined ? first : `${first}\n\n${beginningOf(next.text)}`;
  return `${both.length > TWO_CHARACTERS_MAX ? first : both} (see ${best.title})`;
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

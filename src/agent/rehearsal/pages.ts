/** Answers general questions by quoting the help pages. */
import { type Answer, sentence } from "./answer.ts";
import { lookAtPages, type PassageSeen } from "./results.ts";
import type { Transcript } from "./transcript.ts";

/** With a smaller share of the question's words a passage is about something else, and quoting it would mislead. */
const SHARE_MIN = 0.35;
const QUOTE_CHARACTERS_MAX = 420;
const SENTENCES_MAX = 3;
const QUERY_CHARACTERS_MAX = 300;

const STOP_WORDS = new Set(
  "the and for you your our are can could does how what when where which who why with from that this have has was will would should there about into out not any all much many long please want need know like get got its it's i'm i've".split(
    " ",
  ),
);

/** Answers a general question from the help pages, with its source; escalates when they do not cover it. */
export function answerFromPages(transcript: Transcript, question: string): Answer {
  const query = queryOf(question);
  if (query.length < 2)
    return { kind: "escalate", reason: "The message holds nothing that could be looked up." };
  const pages = lookAtPages(transcript, query);
  if (pages.kind === "call") return pages;
  if (pages.kind === "failed") return { kind: "escalate", reason: pages.reason };
  const quote = quoteFor(question, pages.value);
  return quote === null
    ? { kind: "escalate", reason: "Neither the help pages nor the tools answer this." }
    : { kind: "part", text: quote, topic: "faq" };
}

/** The sentences of the best fitting passage that match the question, with the page's name; null when none fits. */
export function quoteFor(question: string, passages: readonly PassageSeen[]): string | null {
  const asked = keywordsOf(question);
  // Sorting keeps the order of the search, best first, among passages that share the same number of words.
  const fitting = passages
    .map((passage) => ({ passage, shared: sharedWith(asked, `${passage.title} ${passage.text}`) }))
    .filter(({ shared }) => shared > 0 && shared >= asked.size * SHARE_MIN)
    .toSorted((a, b) => b.shared - a.shared);
  const [best] = fitting;
  if (best === undefined) return null;
  return `${extract(asked, best.passage.text)} (see ${best.passage.title})`;
}

function extract(asked: ReadonlySet<string>, text: string): string {
  const sentences = plainText(text)
    .split(/(?<=[.!?])\s+|\n+/)
    .map((part) => part.trim())
    .filter((part) => part.length > 3);
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

/** Help pages are Markdown; replies are plain text. */
function plainText(text: string): string {
  return text
    .replaceAll(/^#{1,6}\s.*$/gm, "")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*_`]+/g, "")
    .replaceAll(/^\s*(?:[-+]|\d+\.)\s+/gm, "")
    .replaceAll(/(?<![.!?:])\n(?=[a-z])/g, " ");
}

function queryOf(question: string): string {
  return question.replaceAll(/\s+/g, " ").trim().slice(0, QUERY_CHARACTERS_MAX).trim();
}

function keywordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem));
}

/** Reduces "refunds", "refunded" and "refund" to one word. */
function stem(word: string): string {
  return word.replace(/(?:ing|ed|es|s|ly)$/, "").slice(0, 8);
}

function sharedWith(asked: ReadonlySet<string>, text: string): number {
  const words = keywordsOf(text);
  return [...asked].filter((word) => words.has(word)).length;
}

/** Finds the sentence of a help page that a sentence of a draft rests on, or is a copy of. */
import type { Passage } from "#core/contracts/knowledge.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { READ_MAX as PAGE_MAX, foldedWords } from "#text/normalize.ts";
import { isSmallWord } from "#guard/languages/detect.ts";
import { deniesSomething } from "#guard/languages/sentence-words.ts";
import { WEEKDAY_WORDS } from "./calendar-words.ts";
import { sentencePieces } from "./sentences.ts";
import { oneLine, shortened } from "#core/values/words.ts";

/** A sentence of a page longer than this is shown in part. */
const QUOTE_MAX = 190;
/** Shorter words stand in every sentence. */
const WORD_MIN = 4;
/** Fewer words of their own say too little to compare. */
const WORDS_MIN = 3;
/** So much of a sentence stands in one of the page that the page is where it comes from. */
const SAME = 0.6;
/** A text longer than this is compared up to here. */
const READ_MAX = 20_000;
/** Passages and their sentences are few; more than these are not compared. */
const SENTENCES_MAX = 200;

/** A sentence of a page, and how much of a draft's sentence stands in it, from 0 to 1. */
export interface Quote {
  readonly passage: Passage;
  readonly text: string;
  readonly share: number;
}

/** Compares sentences of a draft with those of the pages that were read. */
export function quoteFinder(passages: readonly Passage[]): (sentence: string) => Quote | null {
  const said = passages.flatMap((passage) =>
    sentencePieces(passage.text.slice(0, READ_MAX))
      .slice(0, SENTENCES_MAX)
      .map(({ text }) => ({
        passage,
        text: shownSentence(text),
        words: new Set(tellingWords(text)),
      })),
  );
  return (sentence) => {
    const words = [...new Set(tellingWords(sentence))];
    if (words.length < WORDS_MIN) return null;
    let best: Quote | null = null;
    for (const one of said) {
      const share = words.filter((word) => one.words.has(word)).length / words.length;
      if (share > (best?.share ?? 0)) best = { passage: one.passage, text: one.text, share };
    }
    return best;
  };
}

/** True when so much of the draft's sentence stands on the page that it comes from there. */
export function isFromPage({ share }: Quote): boolean {
  return share >= SAME;
}

/** So much of what a clause tells stands in one sentence of a page that it tells what the page does. */
const TOLD = 0.8;

/**
 * Whether a page tells what a clause does, however it puts it, and neither denies it nor makes it depend on something:
 * all but words such as "you" and "will" are compared.
 */
export function pageTeller(passages: readonly Passage[]): (clause: string) => boolean {
  const sentences = passages.flatMap(({ text }) =>
    sentencePieces(text.slice(0, READ_MAX))
      .slice(0, SENTENCES_MAX)
      .filter(({ text: said }) => !deniesSomething(said) && !DEPENDS.test(said))
      .map((sentence) => new Set(contentWords(sentence.text))),
  );
  return (clause) => {
    const words = [...new Set(contentWords(clause))];
    const isTold = (sentence: ReadonlySet<string>): boolean =>
      words.filter((word) => sentence.has(word)).length >= TOLD * words.length;
    return words.length > 1 && sentences.some(isTold);
  };
}

/** What happens under a condition is told of nobody yet. */
const DEPENDS = /\b(?:if|unless|when|once|whether)\b/i;

function contentWords(text: string): readonly string[] {
  return tellingWords(text)
    .filter((word) => !isSmallWord(word) && !WEEKDAY.test(word))
    .map((word) => word.replace(/(?:e?s|ed|ing|e)$/, ""));
}

const WEEKDAY = new RegExp(`^${WEEKDAY_WORDS}$`);

function tellingWords(text: string): readonly string[] {
  return foldedWords(text.slice(0, READ_MAX)).filter(
    (word) => word.length >= WORD_MIN || /\d/.test(word),
  );
}

/** A sentence on one line, without the marks of headings and lists. */
function shownSentence(text: string): string {
  const plain = text.replaceAll(/^[\s#>*-]+/gm, "").replaceAll(/[*_`]/g, "");
  return shortened(oneLine(plain), QUOTE_MAX);
}

/** Shorter sentences match by chance: "We will refund you". */
const QUOTED_LETTERS_MIN = 20;

/** What only draws attention to the sentence behind it. */
const LEAD =
  /^\W*(?:(?:please|also|just) )*(?:(?:note|remember|be aware|(?:keep|bear) in mind)(?: that|:)|as a reminder[,:]) /i;

/**
 * A help page's sentence, quoted word for word, says how things work in general, also behind "please note that". Each
 * sentence is compared once.
 */
export function quotedFrom(
  passages: Receipts["passages"],
): (sentence: { readonly text: string }) => boolean {
  const pages = passages.map(({ text }) => packedLetters(text));
  const seen = new Map<string, boolean>();
  return ({ text }) => {
    const known = seen.get(text);
    if (known !== undefined) return known;
    const forms = [text, text.replace(LEAD, "")].map(packedLetters);
    const quoted = forms.some(
      (words) => words.length > QUOTED_LETTERS_MIN && pages.some((page) => page.includes(words)),
    );
    seen.set(text, quoted);
    return quoted;
  };
}

function packedLetters(text: string): string {
  return text
    .slice(0, PAGE_MAX)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

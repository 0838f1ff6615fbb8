/** Tells a statement that denies what its quote affirms from one that says the same. */
import type { Source } from "#core/contracts/guard.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import type { Stretch } from "./folded.ts";
import { isEnglish } from "#guard/languages/detect.ts";
import { textPolarity, tellsRefusal, type Polarity } from "#guard/languages/sentence-words.ts";

/** A quote, and where it stands in its source. */
interface Quoted {
  readonly source: Source;
  readonly quote: string;
  readonly stretches: readonly Stretch[];
}

/** A statement that denies what its quote affirms, or the other way round. */
export function oppositeRemark(text: string, quoted: Quoted): string | null {
  const said = polarityAfter(text, quoted.source);
  const read = polarityOfQuote(quoted);
  if (said === "either" || read === "either" || said === read || isName(text, quoted)) return null;
  // A record has values, not sentences: "shipped" denies nothing, and "not here yet" may rest on it.
  const isValue = isFields(quoted.source) && said === "denies";
  if ((isValue || areSentences(text, quoted)) && !sharesWord(text, quoted.quote)) return null;
  return said === "denies"
    ? "the source says that it is so, not that it is not: write what it says"
    : "the source says that it is not so: write what it says";
}

/** "The kettle (123)," before what is said of it: it says neither yes nor no. */
function isName(text: string, { source: { orderId } }: Quoted): boolean {
  if (orderId === null || !text.includes(orderId) || /[.!?][^\w.!?]*$/.test(text)) return false;
  return (text.match(/\p{L}{2,}/gu) ?? []).length <= NAME_WORDS_MAX;
}

const NAME_WORDS_MAX = 2;

/** In front of a source that says what is not done, "it stays as it is" denies as well. */
function polarityAfter(text: string, { kind }: Source): Polarity {
  if (ALTERNATIVE.test(text)) return "either";
  return kind === "refusal" && tellsRefusal(text) ? "denies" : textPolarity(text);
}

/** "There is no date", "or tracking number": what the first part denies, the second denies without a word of its own. */
const ALTERNATIVE = /^\s*(?:or|nor|oder|noch|ou|ni|o|of|ani|lub)\s/iu;

/** Whether its text is fields with values, and no sentences. */
export function isFields({ kind }: Source): boolean {
  return kind === "record" || kind === "action";
}

/** Read with the rest of its line or clause, so that leaving out a "not" before it changes nothing. */
function polarityOfQuote({ source, quote, stretches }: Quoted): Polarity {
  if (source.kind === "refusal") return "denies";
  const parts = isFields(source)
    ? quote.split(/\n/)
    : stretches.map((stretch) => withRest(source.text, sourceClauses(source), stretch));
  const told = new Set(parts.filter((part) => part.trim() !== "").map(textPolarity));
  if (told.has("denies") && stretches.every((stretch) => isWholeBefore(source, stretch)))
    return "either";
  const [only] = told;
  return told.size === 1 && only !== undefined ? only : "either";
}

/** "You need not register it: the order number is enough" says no and yes. */
const CLAUSE_END = /[:;](?=\s)/g;
/** People write without these marks; what they wrote backs nothing but that they wrote it. */
const LOOSE_CLAUSE_END = /[:;,](?=\s)/g;

function sourceClauses({ kind, text }: Source): readonly Stretch[] {
  const mark = kind === "customer" ? LOOSE_CLAUSE_END : CLAUSE_END;
  return sentencePieces(text).flatMap((sentence) => {
    const marks = [...sentence.text.matchAll(mark)].map(({ index }) => sentence.start + index + 1);
    const starts = [sentence.start, ...marks];
    return starts.map((start, at) => ({ start, end: starts[at + 1] ?? sentence.end }));
  });
}

/** The clauses a quote stands in, whole. */
function withRest(text: string, clauses: readonly Stretch[], { start, end }: Stretch): string {
  return clauses
    .filter((one) => one.start < end && start < one.end)
    .map((one) => text.slice(one.start, one.end))
    .join(" ");
}

/** "The link goes to your address, never to another": the part before the comma is so, whatever the rest denies. */
function isWholeBefore(source: Source, { start, end }: Stretch): boolean {
  if (isFields(source) || !/^\s*,/.test(source.text.slice(end))) return false;
  const clauses = sourceClauses(source).map((one) => ({ ...one, end: Math.min(one.end, end) }));
  return textPolarity(withRest(source.text, clauses, { start, end })) === "affirms";
}

/**
 * Whether both are sentences of English, in which our pages are written. One of them turned into its opposite keeps a
 * word: "you need no box" is not the opposite of "the order number is enough".
 */
function areSentences(text: string, { source, quote }: Quoted): boolean {
  return source.kind !== "refusal" && isEnglish(text) && (isFields(source) || isEnglish(quote));
}

/** Words are the same by their beginning: "refunded" and "refunds". */
function sharesWord(text: string, quote: string): boolean {
  const words = new Set(tellingWords(quote));
  return tellingWords(text).some((one) => words.has(one));
}

function tellingWords(text: string): readonly string[] {
  return (text.toLowerCase().match(/\p{L}{4,}/gu) ?? [])
    .filter((one) => one !== "order")
    .map((one) => one.slice(0, STEM_CHARACTERS));
}

const STEM_CHARACTERS = 5;

/** Tells a statement that denies what its quote affirms, or the other way round, from one that says the same. */
import type { Source } from "#core/contracts/guard.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { isEnglish, isSmallWord, mayBeEnglish } from "#guard/languages/detect.ts";
import {
  hasDenial,
  type Polarity,
  tellsRefusal,
  textPolarity,
} from "#guard/languages/sentence-words.ts";
import type { Stretch } from "./folded.ts";
import type { Statement } from "./request.ts";
import type { ReadSources } from "./sources.ts";

/** A statement as it stands in the reply. */
export interface Said extends Statement {
  /** The whole sentence around it. */
  readonly sentence: string;
  /** An echo or a naming that tells no more than a courtesy would, or what a reader stands by that was told of a guess. */
  readonly trusted: "kind" | "insisting" | null;
}

/** A quote that was found. */
export interface Quoted {
  readonly source: Source;
  readonly quote: string;
  /** With the rest of its lines, where its source is a record. */
  readonly words: string;
  readonly stretches: readonly Stretch[];
}

/** A statement that denies what its quote affirms, or the other way round. */
export function oppositeRemark(statement: Said, quoted: Quoted, sources: ReadSources) {
  const { text } = statement;
  const said = polarityAfter(text, quoted.source);
  const read = polarityOfQuote(quoted);
  if (said === "either" || read === "either" || said === read || isName(text, quoted)) return null;
  if (!isAbout(statement, said, quoted, sources)) return null;
  return said === "denies"
    ? "the source says that it is so, not that it is not: write what it says"
    : "the source says that it is not so: write what it says";
}

/** Whether the one is about what the other says: "needn't be a problem" is not about the carrier's trying. */
function isAbout(
  { text, sentence, trusted }: Said,
  said: Polarity,
  quoted: Quoted,
  { today }: ReadSources,
): boolean {
  // A record has values, not sentences: "shipped" denies nothing, and "not here yet" may rest on it.
  const isValue = isFields(quoted.source) && said === "denies";
  if (isValue && (isOfOtherValue(text, quoted, today) || !sharesWord(text, quoted.words)))
    return false;
  if (areSentences(sentence, quoted)) return opposesClause(text, quoted);
  const isGuess = areOfTwoLanguages(sentence, quoted) && factsIn(text, today).length === 0;
  return trusted !== "insisting" || !isGuess;
}

/** "I can't refund the whole 48.00 USD" denies nothing of "refundable 36.00 USD". */
function isOfOtherValue(text: string, { words }: Quoted, today: number): boolean {
  const shown = new Set(factsIn(words, today).flatMap(({ keys }) => keys));
  const told = factsIn(text, today).filter(({ kind }) => kind !== "order");
  return told.length > 0 && told.every(({ keys }) => !keys.some((key) => shown.has(key)));
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
  const told = text.replace(ANSWER, "");
  return kind === "refusal" && tellsRefusal(told) ? "denies" : textPolarity(told);
}

/** "No, it was delivered on a Monday" answers a question, and denies nothing of the sentence that follows. */
const ANSWER = /^\s*(?:no|nein|non|nee|não|nie|nej|hayır)\s*,\s+(?=(?:\S+\s+){3}\S)/iu;

/** "There is no date", "or tracking number": what the first part denies, the second denies without a word of its own. */
const ALTERNATIVE = /^\s*(?:or|nor|oder|noch|ou|ni|o|of|ani|lub)\s/iu;

/** Whether its text is fields with values, and no sentences. */
export function isFields({ kind }: Source): boolean {
  return kind === "record" || kind === "action";
}

/** What was quoted with the rest of its line or clause, so that leaving out a "not" before it changes nothing. */
function wholeParts({ source, words, stretches }: Quoted): readonly string[] {
  return isFields(source)
    ? words.split("\n")
    : stretches.map((stretch) => withRest(source.text, sourceClauses(source), stretch));
}

function polarityOfQuote(quoted: Quoted): Polarity {
  const { source, stretches } = quoted;
  if (source.kind === "refusal") return "denies";
  const parts = wholeParts(quoted).filter((part) => part.trim() !== "");
  const told = new Set(parts.map(textPolarity));
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
function areSentences(sentence: string, quoted: Quoted): boolean {
  const { source } = quoted;
  return (
    source.kind !== "refusal" &&
    isEnglish(sentence) &&
    (isFields(source) || isEnglish(wholeParts(quoted).join(" ")))
  );
}

/** Whether yes and no are compared by lists of words of two languages, or of one that is not ours. */
function areOfTwoLanguages(sentence: string, { source, words }: Quoted): boolean {
  const hasSentences = source.kind !== "refusal" && !isFields(source);
  return hasSentences && !(mayBeEnglish(sentence) && mayBeEnglish(words));
}

/**
 * Whether a clause of the statement says no where the clause of the quote that it repeats says yes, or the other way round:
 * "needn't be a problem: the carrier tries again" denies nothing of the carrier's trying.
 */
function opposesClause(text: string, quoted: Quoted): boolean {
  const theirs = wholeParts(quoted).flatMap(clausesIn);
  const isWordless = !isFields(quoted.source) && tellingWords(quoted.words).length === 0;
  return clausesIn(text).some((clause) => {
    const [like] = theirs.toSorted((one, other) => sharedBy(clause, other) - sharedBy(clause, one));
    if (like === undefined) return false;
    if (!isWordless && sharedBy(clause, like) < REPEATED_MIN) return false;
    const both = new Set([textPolarity(clause), textPolarity(like)]);
    return both.has("denies") && both.has("affirms");
  });
}

function clausesIn(text: string): readonly string[] {
  return text.split(/(?<=[,;:.!?–])\s|\s(?:and|but|because|so)\s/);
}

/** The share of the telling words of one that the other has, of the one that tells less. */
function sharedBy(clause: string, other: string): number {
  const [fewer, more] = [tellingWords(clause), tellingWords(other)].toSorted(
    (one, two) => one.length - two.length,
  );
  return (
    (fewer ?? []).filter((one) => more?.includes(one)).length / Math.max(1, fewer?.length ?? 0)
  );
}

const REPEATED_MIN = 0.6;

/** Words are the same by their beginning: "refunded" and "refunds". */
export function sharesWord(text: string, quote: string): boolean {
  const words = new Set(tellingWords(quote));
  return tellingWords(text).some((one) => words.has(one));
}

/** The words of a text that are no small ones, each by its beginning. */
export function tellingWords(text: string): readonly string[] {
  const told = (text.toLowerCase().match(/\p{L}{4,}/gu) ?? [])
    .filter((one) => !TELLS_NOTHING.has(one) && !isSmallWord(one) && !hasDenial(one))
    .map((one) => one.replace(/s$/, "").slice(0, STEM_CHARACTERS));
  // A page's title stands beside its first sentence.
  return [...new Set(told)];
}

/** "Under 10.00 USD" says what is compared, and not what becomes of it. */
const TELLS_NOTHING = new Set(["order", "under", "over", "above", "below"]);

const STEM_CHARACTERS = 5;

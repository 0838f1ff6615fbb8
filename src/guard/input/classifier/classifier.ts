/**
 * The classifier of the input guard: weighs words and pieces of words, where the rules look for phrases. It is linear in
 * the text, knows nothing but its own weights, and never throws. What it finds is a suspicion, with the words it rests on.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ATTACK_SHAPES, attackPhrases } from "#guard/input/injection-rules.ts";
import { BUCKETS, featureRoom, eachSentence, type Features, readSentence } from "./features.ts";

/** What stands before the buckets in the file of weights. */
const Heading = z.strictObject({
  /** What one step of a byte is worth. */
  step: z.number(),
  bias: z.number(),
  /** From which score a passage is doubted, and from which it is blocked where it bears a mark as well. */
  caution: z.number(),
  block: z.number(),
});
export type Heading = z.infer<typeof Heading>;

/** Weights with their thresholds. */
export interface Model extends Weights {
  readonly heading: Heading;
}

/** What the classifier thinks of one text. */
export interface Suspect {
  /** High enough to block, in a passage that bears a mark which says more than the score. */
  readonly isMarked: boolean;
  /** High enough to block, if the text was hidden from its reader. */
  readonly isHigh: boolean;
  /** High, or a passage that names a program, which it may be meant for. */
  readonly isTelling: boolean;
  /** What the passage does, for card and trace. */
  readonly reason: string;
  /** The sentence that weighs most. */
  readonly words: string;
}

/** Where weights of this name are kept. */
export function weightsPath(name: string): string {
  return join(import.meta.dirname, "weights", `${name}.bin`);
}

/**
 * The strangest passage of a normalised text; null when nothing in it is doubtful. The highest of many scores is higher
 * by chance, so a long text is judged against its own length. A passage that names a program needs `eased` less.
 */
export function suspect(plain: string, model = builtInModel("attack"), eased = 0): Suspect | null {
  const windows = scoredWindows(plain, model);
  const more = moreFor(windows.length);
  const { caution, block } = model.heading;
  const strangest = windows.reduce<ScoredWindow | null>(
    (most, window) => (most === null || window.score > most.score ? window : most),
    null,
  );
  if (strangest === null) return null;
  const isDoubtful = (window: ScoredWindow, from: number): boolean =>
    window.score - more - neededFor(plain, window) >= from;
  const named = windows.find(
    (window) =>
      isDoubtful(window, caution - eased) && PROGRAMS.test(plain.slice(window.from, window.to)),
  );
  if (named === undefined && !isDoubtful(strangest, caution)) return null;
  const marked = markedPassage(plain, windows, block + more);
  const { worst } = marked?.window ?? named ?? strangest;
  return {
    isMarked: marked !== null,
    isHigh: strangest.score - more >= block,
    isTelling: named !== undefined || strangest.score - more >= block,
    reason: marked?.reason ?? "reads like instructions to a program",
    words: plain.slice(worst.from, worst.to).trim(),
  };
}

const THREE_WORDS = /^\s*(?:[a-z']{1,20}[\s,.!?]{1,3}){0,2}[a-z']{1,20}[\s.!?]{0,3}$/;
/** What two or three words have to weigh more: they are a subject or a shout more often than an instruction. */
const FEW_WORDS = 0.5;

function neededFor(plain: string, { from, to }: ScoredWindow): number {
  return THREE_WORDS.test(plain.slice(from, to)) ? FEW_WORDS : 0;
}

/** Up to so many windows the highest score counts as it is. */
const FEW_WINDOWS = 12;
/** What each doubling of the windows beyond that is worth. */
const A_DOUBLING = 0.9;

function moreFor(windows: number): number {
  return windows <= FEW_WINDOWS ? 0 : A_DOUBLING * Math.log2(windows / FEW_WINDOWS);
}

/** Of the passages that score at least so much, the one with the highest score that bears a mark; null without one. */
function markedPassage(plain: string, windows: readonly ScoredWindow[], scoreMin: number) {
  const high = windows.filter(({ score }) => score >= scoreMin);
  if (high.length === 0) return null;
  const said = withoutQuoted(plain);
  const known = new Set<string>();
  for (const window of high.toSorted((one, other) => other.score - one.score)) {
    const words = said.slice(window.from, window.to);
    if (known.has(words)) continue;
    known.add(words);
    const reason = markIn(words);
    if (reason !== null) return { window, reason };
  }
  return null;
}

/**
 * The bytes of a file of weights: the length of the heading, the heading as JSON, one signed byte for each bucket. Where
 * there are fewer buckets than features have, several share one; it is a power of two.
 */
export function weightsFile(heading: Heading, buckets: Int8Array): Buffer {
  const head = Buffer.from(JSON.stringify(Heading.parse(heading)), "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, Buffer.from(buckets)]);
}

/** Reads a file of weights. Throws when it is not one. */
export function parsedModel(file: Buffer): Model {
  const begin = 4 + file.readUInt32LE(0);
  const heading = Heading.parse(JSON.parse(file.toString("utf8", 4, begin)));
  const buckets = new Int8Array(file.buffer, file.byteOffset + begin, file.length - begin);
  if (BUCKETS % buckets.length !== 0) throw new Error("the file of weights has another length");
  return { heading, buckets, step: heading.step, bias: heading.bias, room: featureRoom() };
}

/** The weights of this version under a name, read once. */
export function builtInModel(name: string): Model {
  const known = KEPT.get(name);
  if (known !== undefined) return known;
  const model = parsedModel(readFileSync(weightsPath(name)));
  KEPT.set(name, model);
  return model;
}

const KEPT = new Map<string, Model>();

// What a passage bears beside its score before it is blocked: it speaks to a program, of its rules, of its answer, or
// gives orders as no letter between people does. Nothing here is suspicious alone, and what is quoted is only told of.

const PROGRAM =
  "(?:ai|a\\.i|assistant|bot|chatbot|gpt-?\\d?|chatgpt|llm|(?:language )?model|automated (?:system|reader|assistant|agent))s?";
/** The same in the languages of the texts learnt from, for passages about programs as well as to them. */
const PROGRAMS =
  /\b(?:ai|a\.i|ki|ia|llm|gpt|(?:chat|ro)?bot|ass?ist[ae]nte?|agente? (?:virtual|conversationnel)|(?:digital|automatic|automated|virtual) (?:agent|reader)|(?:language |sprach|taal)model+|modelos? de lenguaje|modèles? de langage)(?:s|en|e|n)?\b/;
const PROMPT =
  "(?:system|initial|original|your|this|following|above|developer) prompts?|prompt injection";
const ORDERS =
  "instructions?|directives?|rules|guidelines|previous|above|prior|restrictions|policy|policies|told|programming|constraints";
const ANSWER = "(?:answers?|responses?|repl(?:y|ies)|outputs?|summary|translation)";
const WHICH = "(?:next |final |only |entire |whole |first |own )?";

/** Patterns of normalised text. Every repetition is bounded, so that matching takes linear time. */
const MARKS: Readonly<Record<string, RegExp>> = {
  "tells the assistant to drop its rules": new RegExp(
    `\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass(?:ing)?)\\b[^.!?\\n]{0,50}\\b(?:${ORDERS})\\b|` +
      "\\b(?:previous|prior|initial|original|hidden|secret|system|new) (?:instructions?|directives?|commands|orders)\\b|" +
      "\\byour (?:instructions?|directives?|guidelines|programming|persona|constraints|configuration|restrictions)\\b",
  ),
  "gives the assistant another role":
    /\b(?:you are now|you're now|you will (?:now )?(?:act|play|respond|answer|pretend)|you are (?:going to (?:act|play|pretend|be)|no longer|free from|to act)|act as (?:a|an|the|if|my)\b|pretend (?:to be|you are|you're|that you)|imagine you are|from now on,? (?:you|answer|act|every)|in character)\b/,
  "tells the assistant what to write": new RegExp(
    "\\b(?:add|include|insert|append|mention|put|embed|write|place|say|incorporate|integrate|end|start|begin|finish|precede|follow|continue)\\b" +
      `[^.!?\\n]{0,90}\\b(?:your|the) ${WHICH}${ANSWER}\\b|` +
      `\\b(?:end|start|begin|finish|precede|augment|enhance|in|into|of) your ${WHICH}(?:answers?|responses?|outputs?)\\b|` +
      // "I was told to answer with the word STOP" tells of it.
      "(?<!\\b(?:i|we) (?:was|were|am|got) (?:told|asked) (?:[^.!?\\n]{1,40} )?to )\\b(?:answer|respond|reply|say|print|output|write|repeat|return)(?: me| back)? (?:only|exactly|with (?:only|just|the (?:word|phrase|text))|just|the following|nothing (?:but|else)|as if|\"|')",
  ),
  "wants something kept from people":
    /\b(?:do not|don't|never|without) (?:mention|mentioning|reveal|refus(?:e|ing)|inform|notify|notifying|disclose|break character|log|asking (?:anyone|a|the|for (?:approval|confirmation|permission)))\b/,
  "imitates the marks around messages of the model":
    /<\|?\/?(?:system|assistant|user|instructions?|prompt|admin|inst|im_start|endoftext)\b|\[\/?(?:system|inst|admin|assistant)\]|(?:^|\n)[^\w\n]{0,3}(?:system|assistant) ?:/,
  "speaks to a program": new RegExp(
    `(?:^|[.!?:;\\n>"*([-])\\s{0,3}(?:(?:hey|hello|hi|dear|attention|note|notice|message|ok|to|for|the|any|all|virtual|support) ){0,4}${PROGRAM}\\s{0,2}[,:!]|` +
      `\\b(?:if you|you) ?(?:are|'re) (?:an? |the )?(?:\\w+ )?${PROGRAM}\\b|` +
      `\\b(?:note|notice|message|instructions?|hint) (?:to|for) (?:(?:the|any|all|every) )?(?:\\w+ )?${PROGRAM}\\b|` +
      `\\b${PROGRAM} (?:that|which|who|reading|processing|handling|summari[sz]ing|shall|must)\\b|` +
      `(?<![@.\\w-])${PROMPT}(?![@\\w-]|\\.\\w)`,
  ),
};

/** What the first phrase or mark of a passage of normalised text does; null where it bears none. */
function markIn(passage: string): string | null {
  return (
    attackPhrases(passage)[0]?.label.reason ??
    Object.entries(MARKS).find(([, pattern]) => pattern.test(passage))?.[0] ??
    ATTACK_SHAPES.find(({ pattern }) => pattern.test(passage))?.reason ??
    null
  );
}

/** What stands between quotation marks of one line; of a text in quotation marks only the first so many characters. */
const QUOTED = /"[^"\n]{1,400}"|[“„«][^“”„«»\n]{1,400}[”“»]/g;

/** The text with spaces for what it quotes, so that places stay the same. */
function withoutQuoted(plain: string): string {
  return plain.replace(QUOTED, (quoted) => " ".repeat(quoted.length));
}

/** A window has as many sentences as fit into this many code units, at most so many. */
const WINDOW_MAX = 240;
const WINDOW_SENTENCES_MAX = 8;
/** Added to the number of features before the square root, so that two or three words alone weigh little. */
export const PIECES_SMOOTHED = 30;
export const WORDS_SMOOTHED = 8;

/** What a sentence adds up to with one set of weights. */
interface SentenceSum {
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
  readonly pieceCount: number;
  readonly words: number;
  readonly wordCount: number;
}

/** Weights of hashed features. */
export interface Weights {
  readonly buckets: Float32Array | Int8Array;
  /** What one step of `buckets` is worth. */
  readonly step: number;
  readonly bias: number;
  /** Where sentences are read into, one after the other. */
  readonly room: Features;
}

/** A window with its score. */
export interface ScoredWindow {
  readonly score: number;
  /** Begin and end in the normalised text. */
  readonly from: number;
  readonly to: number;
  /** Begin and end of the sentence that has the highest score alone, to show. */
  readonly worst: { readonly from: number; readonly to: number };
}

/** Calls `visit` with the sentences of each window, as places in a list of so many: each alone, and as many as fit. */
export function eachWindow(
  sentences: readonly { readonly from: number; readonly to: number }[],
  visit: (first: number, last: number) => void,
): void {
  for (let first = 0; first < sentences.length; first += 1) {
    visit(first, first);
    const begin = sentences[first]?.from ?? 0;
    let last = first;
    while (
      last + 1 < sentences.length &&
      last + 1 - first < WINDOW_SENTENCES_MAX &&
      (sentences[last + 1]?.to ?? 0) - begin <= WINDOW_MAX
    )
      last += 1;
    if (last > first) visit(first, last);
  }
}

/** All windows of a normalised text, in reading order. */
export function scoredWindows(plain: string, weights: Weights): readonly ScoredWindow[] {
  const [sentences = []] = sentenceSums(plain, [weights]);
  return windowsOf(sentences, weights);
}

/** What a window has to say more than a whole text does. */
const PART = 1;

/**
 * The strongest passage of a normalised text for each of several sets of weights: the whole text, or a window that says
 * much more. The highest of many is higher by chance, so it counts less by their number. Null for a text without words.
 */
export function strongestPassages(
  plain: string,
  sets: readonly Weights[],
): readonly (ScoredWindow | null)[] {
  return sentenceSums(plain, sets).map((sentences, at) => {
    const weights = sets[at];
    if (weights === undefined || sentences.length === 0) return null;
    const windows = windowsOf(sentences, weights);
    const more = PART + moreFor(windows.length);
    return windows.reduce(
      (strongest, window) => {
        const score = window.score - more;
        return score > strongest.score ? { ...window, score } : strongest;
      },
      scoredWindow(sentences, weights),
    );
  });
}

function windowsOf(sentences: readonly SentenceSum[], weights: Weights): readonly ScoredWindow[] {
  const windows: ScoredWindow[] = [];
  eachWindow(sentences, (first, last) => {
    windows.push(scoredWindow(sentences.slice(first, last + 1), weights));
  });
  return windows;
}

/** The score of a normalised text as a whole. */
export function wholeScore(plain: string, weights: Weights): number {
  const [sentences = []] = sentenceSums(plain, [weights]);
  return sentences.length === 0 ? weights.bias : scoredWindow(sentences, weights).score;
}

/** The sums of all sentences for each set of weights; each sentence is cut into features once. */
function sentenceSums(text: string, sets: readonly Weights[]): readonly (readonly SentenceSum[])[] {
  const sums = sets.map((): SentenceSum[] => []);
  const room = sets[0]?.room ?? featureRoom();
  eachSentence(text, (from, to) => {
    readSentence(text, from, to, room);
    const { pieceCount, wordCount } = room;
    if (wordCount + pieceCount === 0) return;
    for (const [at, { buckets }] of sets.entries()) {
      const pieces = featureWorth(room.pieces, pieceCount, buckets);
      const words = featureWorth(room.words, wordCount, buckets);
      sums[at]?.push({ from, to, pieces, pieceCount, words, wordCount });
    }
  });
  return sums;
}

function featureWorth(features: Int32Array, count: number, buckets: Weights["buckets"]): number {
  const mask = buckets.length - 1;
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += buckets[(features[at] ?? 0) & mask] ?? 0;
  return sum;
}

function scoredWindow(sentences: readonly SentenceSum[], weights: Weights): ScoredWindow {
  let worst = { score: Number.NEGATIVE_INFINITY, from: 0, to: 0 };
  let pieces = 0;
  let pieceCount = 0;
  let words = 0;
  let wordCount = 0;
  for (const sentence of sentences) {
    pieces += sentence.pieces;
    pieceCount += sentence.pieceCount;
    words += sentence.words;
    wordCount += sentence.wordCount;
    const score = windowScore(sentence, weights);
    if (score > worst.score) worst = { score, from: sentence.from, to: sentence.to };
  }
  return {
    score: windowScore({ pieces, pieceCount, words, wordCount }, weights),
    from: sentences[0]?.from ?? 0,
    to: sentences.at(-1)?.to ?? 0,
    worst,
  };
}

function windowScore(
  { pieces, pieceCount, words, wordCount }: Omit<SentenceSum, "from" | "to">,
  { bias, step }: Weights,
): number {
  return (
    bias +
    step *
      (pieces / Math.sqrt(pieceCount + PIECES_SMOOTHED) +
        words / Math.sqrt(wordCount + WORDS_SMOOTHED))
  );
}

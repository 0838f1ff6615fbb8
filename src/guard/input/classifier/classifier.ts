/**
 * The classifier of the input guard: weighs words and pieces of words, where the rules look for phrases. It is linear in
 * the text, knows nothing but its own weights, and never throws. What it finds is a suspicion, with the words it rests on.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
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
  /** High enough to block, with a mark that says more than the score. */
  readonly isMarked: boolean;
  /** High enough to block, if something else in the text speaks against it. */
  readonly isStrong: boolean;
  /** What the passage does, for card and trace. */
  readonly reason: string;
  /** The sentence that weighs most. */
  readonly words: string;
}

/** Where the weights are kept. */
export const WEIGHTS_FILE = join(import.meta.dirname, "weights.bin");

/**
 * The strangest passage of a normalised text; null when nothing in it is doubtful. The highest of many scores is higher
 * by chance, so a long text is judged against its own length.
 */
export function suspect(plain: string, model: Model = builtInModel()): Suspect | null {
  const windows = scoredWindows(plain, model);
  const { caution, block } = model.heading;
  const more = moreFor(windows.length);
  const strangest = strangestWindow(windows);
  if (strangest === null || strangest.score < caution) return null;
  const marked = markedPassage(plain, windows, { ...model.heading, more });
  const isMarked = marked !== null;
  if (!isMarked && strangest.score - more < caution) return null;
  const { worst } = isMarked ? marked.window : strangest;
  return {
    isMarked,
    isStrong: strangest.score >= block,
    reason: (isMarked ? marked.reason : null) ?? "reads like instructions to a program",
    words: plain.slice(worst.from, worst.to).trim(),
  };
}

/** Up to so many windows the highest score counts as it is. */
const FEW_WINDOWS = 12;
/** What each doubling of the windows beyond that is worth. */
const A_DOUBLING = 0.9;

function moreFor(windows: number): number {
  return windows <= FEW_WINDOWS ? 0 : A_DOUBLING * Math.log2(windows / FEW_WINDOWS);
}

/** A passage without a clear mark needs so much more. */
const VAGUE_MORE = 1;
const VAGUE_MIN = 2;
/** A text of which the doubtful passages bear so many different clear marks is no letter with an odd passage. */
const MANY_MARKS = 2;

/**
 * Of the passages that score high enough to block, less what they need more, the one with the highest score that bears a
 * mark; null when there is none. Only passages that may count are searched for marks, and equal ones once.
 */
function markedPassage(
  plain: string,
  windows: readonly ScoredWindow[],
  { caution, block, more }: Pick<Heading, "caution" | "block"> & { readonly more: number },
) {
  const high = passagesFrom(plain, windows, block);
  if (high.size === 0) return null;
  const isManifold = more > 0 && hasManyMarks([...passagesFrom(plain, windows, caution).keys()]);
  const needed = isManifold ? 0 : more;
  let most: { window: ScoredWindow; reason: string | null; score: number } | null = null;
  for (const [words, window] of high) {
    const reason = clearMark(words);
    const score = window.score - needed - (reason === null ? VAGUE_MORE : 0);
    if (score < block || (most !== null && score <= most.score)) continue;
    if (reason !== null || hasVagueMarks(words)) most = { window, reason, score };
  }
  return most;
}

/** The passages that score at least so much, in reading order: of those with the same words the highest. */
function passagesFrom(
  plain: string,
  windows: readonly ScoredWindow[],
  scoreMin: number,
): ReadonlyMap<string, ScoredWindow> {
  const passages = new Map<string, ScoredWindow>();
  for (const window of windows) {
    if (window.score < scoreMin) continue;
    const words = plain.slice(window.from, window.to);
    const known = passages.get(words);
    if (known === undefined || known.score < window.score) passages.set(words, window);
  }
  return passages;
}

function strangestWindow(windows: readonly ScoredWindow[]): ScoredWindow | null {
  return windows.reduce<ScoredWindow | null>(
    (most, window) => (most === null || window.score > most.score ? window : most),
    null,
  );
}

/** The bytes of a file of weights: the length of the heading, the heading as JSON, one signed byte for each bucket. */
export function weightsFile(heading: Heading, buckets: Int8Array): Buffer {
  const head = Buffer.from(JSON.stringify(Heading.parse(heading)), "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, Buffer.from(buckets.buffer, buckets.byteOffset, BUCKETS)]);
}

/** Reads a file of weights. Throws when it is not one. */
export function parsedModel(file: Buffer): Model {
  const begin = 4 + file.readUInt32LE(0);
  const heading = Heading.parse(JSON.parse(file.toString("utf8", 4, begin)));
  if (file.length - begin !== BUCKETS) throw new Error("the file of weights has another length");
  const buckets = new Int8Array(file.buffer, file.byteOffset + begin, BUCKETS);
  return { heading, buckets, step: heading.step, bias: heading.bias, room: featureRoom() };
}

/** The weights of this version, read once. */
export function builtInModel(): Model {
  kept.model ??= parsedModel(readFileSync(WEIGHTS_FILE));
  return kept.model;
}

const kept: { model: Model | null } = { model: null };

// What a passage bears beside its score before it is blocked: it speaks to a program, of its rules, of its answer, or
// gives orders as no letter between people does. Nothing here is suspicious alone.

/** A clear mark is enough; of vague ones it takes two. */
interface Mark {
  /** What the passage does, for card and trace. */
  readonly reason: string;
  readonly pattern: RegExp;
}

const ADDRESSEE =
  "ai|a\\.i|assistant|chatbot|gpt-?\\d?|chatgpt|llms?|language model|openai|jailbr\\w*|role ?-?play\\w*|unrestricted|unfiltered|uncensored";
const PROMPT =
  "(?:system|initial|original|your|this|following|above|developer) prompts?|prompt injection";
const ORDERS =
  "instructions?|directives?|rules|guidelines|previous|above|prior|restrictions|policy|policies|told|programming|constraints";
const ANSWER = "(?:answers?|responses?|repl(?:y|ies)|outputs?|summary|translation)";
const WHICH = "(?:next |final |only |entire |whole |first |own )?";

/** Patterns of normalised text. Every repetition is bounded, so that matching takes linear time. */
const CLEAR: readonly Mark[] = [
  {
    reason: "tells the assistant to drop its rules",
    pattern: new RegExp(
      `\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass(?:ing)?)\\b[^.!?\\n]{0,50}\\b(?:${ORDERS})\\b|` +
        "\\b(?:previous|prior|initial|original|hidden|secret|system|new) (?:instructions?|directives?|commands|orders)\\b|" +
        "\\byour (?:instructions?|directives?|guidelines|programming|persona|constraints|configuration|restrictions)\\b",
    ),
  },
  {
    reason: "gives the assistant another role",
    pattern:
      /\b(?:you are now|you're now|you will (?:now )?(?:act|play|respond|answer|pretend)|you are (?:going to (?:act|play|pretend|be)|no longer|free from|to act)|act as (?:a|an|the|if|my)\b|pretend (?:to be|you are|you're|that you)|imagine you are|from now on,? (?:you|answer|act|every)|in character)\b/,
  },
  {
    reason: "tells the assistant what to write",
    pattern: new RegExp(
      "\\b(?:add|include|insert|append|mention|put|embed|write|place|say|incorporate|integrate|end|start|begin|finish|precede|follow|continue)\\b" +
        `[^.!?\\n]{0,90}\\b(?:your|the) ${WHICH}${ANSWER}\\b|` +
        `\\b(?:end|start|begin|finish|precede|augment|enhance|in|into|of) your ${WHICH}(?:answers?|responses?|outputs?)\\b|` +
        "\\b(?:answer|respond|reply|say|print|output|write|repeat|return)(?: me| back)? (?:only|exactly|with (?:only|just|the (?:word|phrase|text))|just|the following|nothing (?:but|else)|as if|\"|')",
    ),
  },
  {
    reason: "wants something kept from people",
    pattern:
      /\b(?:do not|don't|never|without) (?:mention|mentioning|reveal|refus(?:e|ing)|inform|notify|notifying|disclose|break character|log|asking (?:anyone|a|the|for (?:approval|confirmation|permission)))\b/,
  },
  {
    reason: "imitates the marks around messages of the model",
    pattern:
      /<\|?\/?(?:system|assistant|user|instructions?|prompt|admin|inst|im_start|endoftext)\b|\[\/?(?:system|inst|admin|assistant)\]|(?:^|\n)[^\w\n]{0,3}(?:system|assistant) ?:/,
  },
  {
    reason: "speaks to a program",
    pattern: new RegExp(`(?<![@.\\w-])(?:${ADDRESSEE}|${PROMPT})(?![@\\w-]|\\.\\w)`),
  },
];

const VAGUE: readonly RegExp[] = [
  // An order: the verb with which a sentence begins.
  /(?:^|[.!?:;\n>"*-]\s{0,9})(?:please |now |then |also |and |just ){0,3}(?:call|invoke|execute|issue|approve|grant|transfer|forward|export|delete|reveal|disclose|print|output|repeat|recite|translate|summari[sz]e|append|insert|embed|modify|encode|decode|generate|write|tell|give|say|show|list|mark|set|send|analy[sz]e|recommend|compose|promote|respond|answer|reply|create|provide|explain|use|convert|replace|include|add|identify|rewrite|describe|refund|reset|cancel|change|confirm)\b/,
  /\b(?:secret|password|passphrase|access code|credential|canary|confidential|internal note|hidden)s?\b/,
  /\|>|```|\{"|\[\[|\]\]|<<|={3}|#{3}/,
  /\b(?:instructions?|directives?|guidelines|rules|restrictions|policy|policies|prompt|model|bot|persona|character|unlimited|illegal|unethical|harmful|anything)\b/,
  /\b(?:import|def|const|let|function|return|class)\b [\w{*]|\w\([^()\n]{0,200}\)|;\s*$/,
  /\byou (?:are|will|must|shall|should|can|have to)\b|\byour\b/,
];

/** What the first clear mark of a passage of normalised text does; null where it bears none. */
function clearMark(passage: string): string | null {
  return CLEAR.find(({ pattern }) => pattern.test(passage))?.reason ?? null;
}

/** True where a passage of normalised text bears vague marks enough to count. */
function hasVagueMarks(passage: string): boolean {
  return VAGUE.filter((pattern) => pattern.test(passage)).length >= VAGUE_MIN;
}

/** True where passages of one text bear so many different clear marks that none is an odd one of a letter. */
function hasManyMarks(passages: readonly string[]): boolean {
  let count = 0;
  return CLEAR.some(({ pattern }) => {
    if (passages.some((passage) => pattern.test(passage))) count += 1;
    return count >= MANY_MARKS;
  });
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
  const sentences = sentenceSums(plain, weights);
  const windows: ScoredWindow[] = [];
  eachWindow(sentences, (first, last) => {
    windows.push(scoredWindow(sentences.slice(first, last + 1), weights));
  });
  return windows;
}

function sentenceSums(text: string, { buckets, room }: Weights): readonly SentenceSum[] {
  const sums: SentenceSum[] = [];
  eachSentence(text, (from, to) => {
    readSentence(text, from, to, room);
    const { pieceCount, wordCount } = room;
    if (wordCount + pieceCount === 0) return;
    const pieces = featureWorth(room.pieces, pieceCount, buckets);
    const words = featureWorth(room.words, wordCount, buckets);
    sums.push({ from, to, pieces, pieceCount, words, wordCount });
  });
  return sums;
}

function featureWorth(features: Int32Array, count: number, buckets: Weights["buckets"]): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += buckets[features[at] ?? 0] ?? 0;
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

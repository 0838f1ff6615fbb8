/**
 * Says in which facts, requests and sentences two texts differ, and what a reason or an instruction is about, by its
 * words. Pure: no model is asked.
 */
import type { Differed, DraftDifference, FactChanges } from "#core/lessons/draft-difference.ts";
import { epochDay } from "#guard/output/dates.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { folded, foldedWords, isBlank } from "#text/normalize.ts";
import { oneLine } from "#core/values/words.ts";

/** What is different between two texts. */
type TextDifference = Pick<DraftDifference, "facts" | "sentences"> & {
  readonly differs: Extract<Differed, "facts" | "steps" | "content" | "tone" | "nothing">;
};

interface Stated {
  readonly fact: string;
  readonly sentence: string;
  readonly kind: string;
  readonly keys: readonly string[];
}

/** Changes beyond these make no clearer what a teammate meant. */
const CHANGES_MAX = 40;

/** Compares a draft with what a teammate made of it. Days such as "tomorrow" count from `at`, in both. */
export function compareTexts(before: string, after: string, at: Date): TextDifference {
  const today = epochDay(at);
  const [old, now] = [read(before, today), read(after, today)];
  const facts = factChanges(old.facts, now.facts);
  const added = withoutCounterpart(now.sentences, old.sentences);
  const removed = withoutCounterpart(old.sentences, now.sentences);
  const sentences = {
    added: added.slice(0, CHANGES_MAX),
    removed: removed.slice(0, CHANGES_MAX),
  };
  return { differs: differedIn(facts, sentences, isSameText(before, after)), facts, sentences };
}

/** True for a sentence that asks the customer for something, or to do something. */
export function isRequest(sentence: string): boolean {
  return /\?["')\]»]?$/.test(sentence) || REQUEST.test(sentence);
}

function differedIn(
  { added, removed, changed }: FactChanges,
  sentences: DraftDifference["sentences"],
  isSame: boolean,
): TextDifference["differs"] {
  if (isSame) return "nothing";
  if (added.length + removed.length + changed.length > 0) return "facts";
  if (sentences.added.some(isRequest)) return "steps";
  return sentences.added.length + sentences.removed.length > 0 ? "content" : "tone";
}

function isSameText(before: string, after: string): boolean {
  const plain = (text: string): string => text.normalize("NFC").replaceAll(/\s+/g, " ").trim();
  return plain(before) === plain(after);
}

function read(text: string, today: number) {
  const sentences = sentencePieces(text)
    .map((piece) => oneLine(piece.text))
    .filter((sentence) => sentence !== "");
  const facts = sentences.flatMap((sentence) =>
    factsIn(sentence, today)
      // The number of an order is the customer's, and no fact that holds for others.
      .filter(({ kind }) => kind !== "order")
      .map(({ keys, words }) => ({ fact: words.trim(), sentence, keys, kind: factKind(keys) })),
  );
  return { sentences, facts };
}

/** "duration" of "duration:30-30:day": only facts of one kind replace each other. */
function factKind([first = ""]: readonly string[]): string {
  return first.slice(0, Math.max(0, first.indexOf(":")));
}

function factChanges(old: readonly Stated[], now: readonly Stated[]): FactChanges {
  const gone = old.filter((one) => !now.some((other) => isSameFact(one, other)));
  const come = now.filter((one) => !old.some((other) => isSameFact(one, other)));
  const changed: FactChanges["changed"] = [];
  const left = [...come];
  const removed = gone.filter((from) => {
    // Of several, the one in the sentence most like it replaced it.
    const [to] = left
      .filter(({ kind }) => kind === from.kind)
      .toSorted(
        (one, other) =>
          sharedWords(from.sentence, other.sentence) - sharedWords(from.sentence, one.sentence),
      );
    if (to === undefined) return true;
    left.splice(left.indexOf(to), 1);
    changed.push({ from: plain(from), to: plain(to) });
    return false;
  });
  return {
    added: left.map(plain).slice(0, CHANGES_MAX),
    removed: removed.map(plain).slice(0, CHANGES_MAX),
    changed: changed.slice(0, CHANGES_MAX),
  };
}

function plain({ fact, sentence }: Stated): { fact: string; sentence: string } {
  return { fact: fact.slice(0, 200), sentence };
}

function isSameFact(one: Stated, other: Stated): boolean {
  return one.keys.some((key) => other.keys.includes(key));
}

/** A sentence with this share of its words in one sentence of the other text says the same in other words. */
const COUNTERPART_MIN = 0.5;

function withoutCounterpart(
  sentences: readonly string[],
  others: readonly string[],
): readonly string[] {
  return sentences.filter(
    (sentence) =>
      tellingWords(sentence).size >= TELLING_MIN &&
      !others.some((other) => sharedWords(sentence, other) >= COUNTERPART_MIN),
  );
}

/** Fewer words beside courtesies say nothing of their own. */
const TELLING_MIN = 2;

/** The share of the telling words of the shorter sentence that the other has too, 0 to 1. */
export function sharedWords(one: string, other: string): number {
  const [left, right] = [tellingWords(one), tellingWords(other)];
  const smaller = Math.min(left.size, right.size);
  return smaller === 0 ? 0 : [...left].filter((word) => right.has(word)).length / smaller;
}

/** The first letters of the words that say what a sentence is about. */
function tellingWords(sentence: string): ReadonlySet<string> {
  return new Set(
    foldedWords(sentence)
      .filter((word) => word.length > 2 && !COURTESIES.has(word))
      .map((word) => word.slice(0, STEM_CHARACTERS)),
  );
}

const STEM_CHARACTERS = 5;

/** Grammar and courtesy: with these alone a sentence sets the tone and says nothing. */
const COURTESIES: ReadonlySet<string> = new Set(
  (
    "the and for you your yours our are was were will would can could may might have has had this that these those with from " +
    "into about please kindly thank thanks many sorry apologise apologize apologies apology regret inconvenience trouble patience " +
    "patient understanding hope help happy glad gladly welcome hello dear regards best wishes sincerely great lovely nice day " +
    "week weekend touch reach contact contacting writing write wrote message feel free any further questions question anything " +
    "else let know back soon very much really truly all well just also not but " +
    "die der das und fur sie ihr ihre ihren wir uns unser ist sind mit von bitte danke vielen dank leid entschuldigung " +
    "entschuldigen verstandnis geduld gerne freundlichen grussen gruss liebe lieber hallo guten tag schonen fragen melden " +
    "les des vous votre nous notre est sont avec pour merci bonjour cordialement desole desoles patience comprehension " +
    "los las usted sus nuestro para con gracias hola saludos sentimos disculpe paciencia"
  ).split(" "),
);

const REQUEST =
  /^(?:please|kindly|could you|can you|would you|send us|tell us|reply with|bitte|schicken sie|senden sie|veuillez|merci de|pourriez|por favor|envi[ae]|env[ií]e)\b/i;

/** What a teammate said about a draft. */
type Saying = Pick<DraftDifference, "facts" | "sentences"> & {
  readonly differs: Extract<Differed, "facts" | "steps" | "content" | "tone" | "unknown">;
};

/** How a text sounds, and not what it says: en, de, fr, es. */
const TONE =
  /\b(?:tone|friendl\w+|polite\w*|rude|cold|warm\w*|formal\w*|casual\w*|stiff|short\w*|long\w*|brief\w*|concise|wordy|simpl\w+|plain\w*|jargon|exclamation|emoji\w*|greeting|apolog\w+|empath\w+|robotic|pushy|ton|freundlich\w*|hoflich\w*|formlich\w*|kurz\w*|lang|langer|entschuldig\w+|plus court|plus aimable|mas corto|mas amable)\b/;
/** What is to be done first, asked for or looked up. */
const STEPS =
  /\b(?:ask|asks|asked|first|before|then|step|steps|check|look up|verify|photo|photos|picture|escalate|hand over|forward|wait|offer|instead|tool|zuerst|vorher|fragen|frag|prufen|foto|demander|verifier|d'abord|pedir|primero|comprobar)\b/;

/** What a reason or an instruction is about: a figure it names, the tone, a step, or anything else it says. */
export function readSaying(words: string, at: Date): Saying {
  const facts = factChanges([], read(words, epochDay(at)).facts);
  const sentences = { added: isBlank(words) ? [] : [words], removed: [] };
  return { differs: aboutWhat(words, facts.added.length > 0), facts, sentences };
}

function aboutWhat(words: string, hasFacts: boolean): Saying["differs"] {
  if (isBlank(words)) return "unknown";
  if (hasFacts) return "facts";
  const plain = folded(words);
  if (TONE.test(plain)) return "tone";
  return STEPS.test(plain) ? "steps" : "content";
}

const GREETING =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|sehr geehrte[rs]?|bonjour|cher|chère|hola|buenos días|estimad[oa])\b.{0,60}$/iu;

const CLOSING =
  /^(?:(?:with )?(?:kind|best|warm|many)?\s*(?:regards|wishes|greetings)|cheers|sincerely|yours (?:truly|sincerely)|all the best|thanks|thank you|mit freundlichen grüßen|viele grüße|freundliche grüße|cordialement|bien à vous|un saludo|saludos)\b.{0,40}$/iu;

/** A greeting and a signature belong to a letter; they name people besides. */
export function withoutFrame(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const start = lines.findIndex((line) => line.trim() !== "");
  const from = GREETING.test(lines[start]?.trim() ?? "") ? start + 1 : Math.max(0, start);
  const closing = lines.findLastIndex((line) => CLOSING.test(line.trim()));
  // Two lines of signature at most follow; a longer text after such a line is no signature.
  const rest = lines.slice(closing + 1).filter((line) => line.trim() !== "");
  const to = closing > from && rest.length <= 4 ? closing : lines.length;
  return lines.slice(from, to).join("\n").trim();
}

/**
 * Turns labelled texts into windows to learn from. A window counts as an attack when it holds the attack itself; the
 * windows of the mail or page around it count as honest, so that no carrier is learnt.
 */
import { normalise } from "#text/normalize.ts";
import { eachSentence, featureRoom, readSentence } from "#guard/input/classifier/features.ts";
import { eachWindow, PIECES_SMOOTHED, WORDS_SMOOTHED } from "#guard/input/classifier/classifier.ts";
import { isAttack, type LabelledText } from "#evals/guard/corpus.ts";

/** What is known of a window before training: honest, an attack, one of those that may be it, or left out. */
type Part = "honest" | "attack" | "perhaps" | "unclear";

/** A window as places in the list of sentences. */
export interface Example {
  readonly document: number;
  readonly first: number;
  readonly last: number;
  readonly part: Part;
  readonly pieceWorth: number;
  readonly wordWorth: number;
}

/** A sentence's features: pieces from `begin` to `middle`, words from there to `end`. */
interface Sentence {
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly middle: number;
  readonly end: number;
}

/** All windows of all documents. */
export interface Examples {
  readonly features: Int32Array;
  readonly sentences: readonly Sentence[];
  readonly examples: readonly Example[];
  /** The first of a document's examples, and the first that is not one of them. */
  readonly ofDocument: readonly { readonly from: number; readonly to: number }[];
}

/** A sentence that so large a share of the texts of one kind hold is their carrier, where there are enough of them. */
const CARRIER_SHARE = 0.35;
const CARRIER_TEXTS_MIN = 20;

/** Reads all documents, cut into windows as `cut` does. Linear in their text. */
export function examplesOf(
  documents: readonly LabelledText[],
  cut: typeof eachWindow = eachWindow,
): Examples {
  const store = growingStore();
  const sentences: Sentence[] = [];
  const examples: Example[] = [];
  const carriers = carriersOf(documents);
  const room = featureRoom();
  const ofDocument = documents.map((document, index) => {
    const text = normalise(document.text);
    const parts = partsIn(document, text, carriers.get(groupOf(document)) ?? new Set());
    const own: Sentence[] = [];
    eachSentence(text, (from, to) => {
      readSentence(text, from, to, room);
      if (room.wordCount + room.pieceCount === 0) return;
      const begin = store.add(room.pieces, room.pieceCount);
      const middle = begin + room.pieceCount;
      const end = store.add(room.words, room.wordCount) + room.wordCount;
      own.push({ from, to, begin, middle, end });
    });
    const offset = sentences.length;
    sentences.push(...own);
    const from = examples.length;
    cut(own, (first, last) => {
      examples.push({
        document: index,
        first: offset + first,
        last: offset + last,
        part: parts(own.slice(first, last + 1)),
        ...worthOf(own.slice(first, last + 1)),
      });
    });
    return { from, to: examples.length };
  });
  return { features: store.all(), sentences, examples, ofDocument };
}

function worthOf(sentences: readonly Sentence[]) {
  let pieces = 0;
  let words = 0;
  for (const { begin, middle, end } of sentences) {
    pieces += middle - begin;
    words += end - middle;
  }
  return {
    pieceWorth: 1 / Math.sqrt(pieces + PIECES_SMOOTHED),
    wordWorth: 1 / Math.sqrt(words + WORDS_SMOOTHED),
  };
}

/** What each window of a document is. */
function partsIn(
  document: LabelledText,
  text: string,
  carriers: ReadonlySet<string>,
): (sentences: readonly Sentence[]) => Part {
  if (!isAttack(document.kind)) return () => "honest";
  const payload = document.payload === undefined ? "" : normalise(document.payload).trim();
  const begin = payload === "" ? -1 : text.indexOf(payload);
  if (begin >= 0) return (sentences) => overlapOf(sentences, begin, begin + payload.length);
  return (sentences) =>
    sentences.every(({ from, to }) => carriers.has(text.slice(from, to).trim()))
      ? "honest"
      : "perhaps";
}

/** At least half of the window is the attack, or the window holds most of it. */
function overlapOf(sentences: readonly Sentence[], begin: number, end: number): Part {
  const from = sentences[0]?.from ?? 0;
  const to = sentences.at(-1)?.to ?? 0;
  const shared = Math.min(to, end) - Math.max(from, begin);
  if (shared <= 2) return "honest";
  return shared / (to - from) >= 0.5 || shared / (end - begin) >= 0.6 ? "attack" : "unclear";
}

function groupOf({ source, cat }: LabelledText): string {
  return `${source} ${cat ?? ""}`;
}

/** Sentences that much of a group of attacks shares. */
function carriersOf(documents: readonly LabelledText[]): ReadonlyMap<string, Set<string>> {
  const groups = Map.groupBy(
    documents.filter(({ kind, payload }) => kind === "indirect" && payload === undefined),
    groupOf,
  );
  return new Map(
    [...groups]
      .filter(([, texts]) => texts.length >= CARRIER_TEXTS_MIN)
      .map(([group, texts]) => [group, frequentSentences(texts)]),
  );
}

function frequentSentences(texts: readonly LabelledText[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { text } of texts) {
    const plain = normalise(text);
    const seen = new Set<string>();
    eachSentence(plain, (from, to) => seen.add(plain.slice(from, to).trim()));
    for (const sentence of seen) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
  return new Set(
    [...counts]
      .filter(([, count]) => count >= CARRIER_SHARE * texts.length)
      .map(([sentence]) => sentence),
  );
}

function growingStore() {
  let room = new Int32Array(1 << 20);
  let used = 0;
  return {
    /** Keeps the first so many numbers and says where they begin. */
    add(numbers: Int32Array, count: number): number {
      while (used + count > room.length) {
        const larger = new Int32Array(room.length * 2);
        larger.set(room);
        room = larger;
      }
      room.set(numbers.subarray(0, count), used);
      used += count;
      return used - count;
    },
    all: () => room.subarray(0, used),
  };
}

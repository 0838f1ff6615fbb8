/**
 * What a sentence does, read word by word: the senses of its words (senses.ts) in their order, and marks, which are
 * bits for the senses that matter most and for shapes of the text.
 */
import { normalise } from "#text/normalize.ts";
import { hashOf, HASH_START, nextHash } from "./hashing.ts";
import { SENSES } from "./senses.ts";

/** The senses that are marks as well; the place in this list is the bit. */
export const MARKED =
  "assistant forget instructions limits prompt system staff before show answer role mode now you secret quiet reader unasked others never harm told send change tool text".split(
    " ",
  );

const WORD_BITS = MARKED.length;

/** Shapes a sentence may have beside its words, as bits behind those of the words. */
export const SHAPES = {
  tag: 1 << WORD_BITS,
  code: 1 << (WORD_BITS + 1),
  link: 1 << (WORD_BITS + 2),
  order: 1 << (WORD_BITS + 3),
  speaker: 1 << (WORD_BITS + 4),
} as const;

/** Bits of a mark in all. */
export const MARK_BITS = WORD_BITS + Object.keys(SHAPES).length;

const SPACELESS = /[\u0E00-\u0E7F\u3040-\u30FF\u3400-\u9FFF]/;

/** Verbs with which a sentence that gives an order begins, in English; other languages have theirs in the words above. */
const ORDERS =
  "ignore disregard forget print show reveal repeat output display write say tell give send forward add include respond reply answer act pretend translate summarize summarise list create generate provide explain describe use call execute run set change reset update delete remove refund transfer cancel approve grant enable disable open visit click make do stop start begin end insert append embed modify integrate incorporate convert encode decode replace mention recommend suggest promote analyze analyse identify calculate compose let assume imagine consider treat follow obey skip bypass override";

/** What a word means: the bits of all its senses, and its first sense, which is 1 for the first of the list. */
export interface Meaning {
  readonly bits: number;
  readonly sense: number;
}

interface Lexicon {
  /** By the hash of a whole word. */
  readonly whole: ReadonlyMap<number, Meaning>;
  /** By the hash of the beginning of a word. */
  readonly beginnings: ReadonlyMap<number, Meaning>;
  /** One where some word or beginning has these last bits of its hash: most letters are passed over by it. */
  readonly likely: Uint8Array;
  /** By the hash of signs of a script without spaces. */
  readonly signs: ReadonlyMap<number, Meaning>;
}

const LIKELY_MASK = 0x3ffff;
const NO_MEANING: Meaning = { bits: 0, sense: 0 };

/** Reads the words into tables. */
function lexicon(): Lexicon {
  const whole = new Map<number, Meaning>();
  const beginnings = new Map<number, Meaning>();
  const signs = new Map<number, Meaning>();
  const likely = new Uint8Array(LIKELY_MASK + 1);
  const add = (word: string, sense: number, bits: number): void => {
    const isBeginning = word.endsWith("*");
    // As texts are read: letters that look like Latin ones are Latin there, in Russian and Turkish words too.
    const bare = normalise(isBeginning ? word.slice(0, -1) : word);
    const table = SPACELESS.test(bare) ? signs : isBeginning ? beginnings : whole;
    const hash = hashOf(bare);
    const known = table.get(hash);
    table.set(hash, { sense: known?.sense ?? sense, bits: (known?.bits ?? 0) | bits });
    likely[hash & LIKELY_MASK] = 1;
  };
  for (const [index, { name, words }] of SENSES.entries()) {
    const bit = MARKED.indexOf(name);
    for (const word of words.split(" ")) add(word, index + 1, bit < 0 ? 0 : 1 << bit);
  }
  return { whole, beginnings, signs, likely };
}

const LEXICON = lexicon();
const ORDER_VERBS = new Set(ORDERS.split(" ").map(hashOf));

/** What all words mean that begin so, by the hash of the beginning; null when it is none. */
export function meaningOfBeginning(hash: number): Meaning | null {
  if (LEXICON.likely[hash & LIKELY_MASK] === 0) return null;
  return LEXICON.beginnings.get(hash) ?? null;
}

/** What a whole word means; null when it is not known. */
export function meaningOfWord(hash: number): Meaning | null {
  if (LEXICON.likely[hash & LIKELY_MASK] === 0) return null;
  return LEXICON.whole.get(hash) ?? null;
}

/** True for a word with which an order begins. */
export function beginsAnOrder(hash: number): boolean {
  return ORDER_VERBS.has(hash);
}

const SIGNS_MAX = 4;

/** What the signs mean that begin at a place of a text in a script without spaces; the longest word decides. */
export function meaningOfSigns(text: string, place: number): Meaning {
  let hash = HASH_START;
  let found = NO_MEANING;
  const end = Math.min(text.length, place + SIGNS_MAX);
  for (let at = place; at < end; at += 1) {
    hash = nextHash(hash, text.charCodeAt(at));
    if (LEXICON.likely[hash & LIKELY_MASK] === 1) found = LEXICON.signs.get(hash) ?? found;
  }
  return found;
}

/**
 * What words are about, in twelve languages: `ignoriere`, `忽略` and `disregard` are one concept. What the classifier
 * learns of concepts in one language holds in the others. Words are compared without accents.
 */
import { HASH_START, joined, nextHash } from "#guard/input/classifier/hashing.ts";
import { normalise } from "#text/normalize.ts";
import { ACTS } from "./acts.ts";
import { ASSISTANTS } from "./assistants.ts";
import { CUSTOMERS } from "./customers.ts";
import { GRAMMAR } from "./grammar.ts";
import { HARMS } from "./harms.ts";
import { TEXTS } from "./texts.ts";
import { THINGS } from "./things.ts";

/** The languages of a line, in the order of its parts. */
export const CONCEPT_LANGUAGES = "en de fr es it pt nl pl ru zh ar tr".split(" ");

/** A concept with its words, a list for each language. */
export interface Concept {
  readonly name: string;
  readonly words: readonly (readonly string[])[];
}

/**
 * Reads a table: a line has the name, a colon, and the words of each language between bars. A word with `*` stands for
 * all words that begin so, words joined by `_` for a phrase, signs of a script without spaces are found anywhere.
 */
function conceptsIn(table: string): readonly Concept[] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const colon = line.indexOf(":");
      const words = line.slice(colon + 1).split("|");
      return {
        name: line.slice(0, colon),
        words: words.map((part) => part.trim().split(" ").filter(Boolean)),
      };
    });
}

/** All concepts; the number of one is its place, beginning with 1. */
export const CONCEPTS: readonly Concept[] = [
  ACTS,
  ASSISTANTS,
  TEXTS,
  HARMS,
  CUSTOMERS,
  GRAMMAR,
  THINGS,
].flatMap(conceptsIn);

/** Letters of a kind count as one; what decomposes loses its accents. */
const ALIKE: Readonly<Record<string, string>> = {
  ł: "l",
  ı: "i",
  ß: "s",
  ø: "o",
  æ: "a",
  œ: "o",
  đ: "d",
  ى: "ي",
  ة: "ه",
};
const FOLDED_CODES = 0x700;

/** Marks over and under letters, which texts may have or lack, and the line that stretches Arabic words. */
function isMark(code: number): boolean {
  return (
    (code >= 0x300 && code <= 0x36f) ||
    (code >= 0x64b && code <= 0x652) ||
    code === 0x670 ||
    code === 0x640
  );
}

/** The letter without accents, for each code unit of the alphabets that have any; 0 for a mark. */
const FOLDED = Uint16Array.from({ length: FOLDED_CODES }, (_one, code) => {
  const letter = String.fromCharCode(code);
  return isMark(code) ? 0 : (ALIKE[letter] ?? letter.normalize("NFD")).charCodeAt(0);
});

function foldedAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < FOLDED_CODES ? (FOLDED[code] ?? code) : code;
}

/** A phrase is known by the first letters of its words, because they change their endings. */
const LETTERS_IN_PHRASE = 5;

/** The hash of a word as phrases are compared. */
export function wordInPhrase(text: string, from: number, to: number): number {
  return foldedHash(text, from, Math.min(to, from + LETTERS_IN_PHRASE));
}

/** The hash of a word without accents. */
function foldedHash(text: string, from: number, to: number): number {
  let hash = HASH_START;
  for (let at = from; at < to; at += 1) hash = withLetter(hash, text, at);
  return hash;
}

const SPACELESS = /[\u0E00-\u0E7F\u3040-\u30FF\u3400-\u9FFF]/;
const LIKELY_MASK = 0x3ffff;

interface Lexicon {
  readonly whole: ReadonlyMap<number, number>;
  readonly beginnings: ReadonlyMap<number, number>;
  readonly signs: ReadonlyMap<number, number>;
  /** By the joined hashes of the words. */
  readonly phrases: ReadonlyMap<number, number>;
  /** One where a word, beginning, run of signs or phrase has these last bits of its hash. */
  readonly likely: Uint8Array;
}

/** The hash with the letter that stands there; a mark changes nothing. */
function withLetter(hash: number, text: string, at: number): number {
  const letter = foldedAt(text, at);
  return letter === 0 ? hash : nextHash(hash, letter);
}

/** Words of so many letters stand for their endings too; fewer letters where words change their endings most. */
const STEM_MIN = 6;
const STEM_MIN_OF: Readonly<Record<string, number>> = { pl: 5, ru: 5, tr: 5, ar: 4 };
const STEMS_MIN = CONCEPT_LANGUAGES.map((language) => STEM_MIN_OF[language] ?? STEM_MIN);

/** Russian, in the order of the languages. */
const RUSSIAN = CONCEPT_LANGUAGES.indexOf("ru");
const CYRILLIC = /[\u0400-\u04FF]/;
/** Keeps Russian words that look Latin apart: the Russian word for "not" looks like the English "he". */
const RUSSIAN_SALT = 0x71;

/** True for a text with letters that only Cyrillic has. */
export function isCyrillic(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x400 && code <= 0x4ff) return true;
  }
  return false;
}

function isLatinRussian(bare: string, language: number): boolean {
  return language === RUSSIAN && !CYRILLIC.test(bare);
}

/** Reads the words into tables; of a word that two concepts have, the first counts. */
function lexicon(): Lexicon {
  const whole = new Map<number, number>();
  const beginnings = new Map<number, number>();
  const signs = new Map<number, number>();
  const phrases = new Map<number, number>();
  const likely = new Uint8Array(LIKELY_MASK + 1);
  const add = (word: string, concept: number, language: number): void => {
    const bare = word.replace("*", "");
    const isBeginning = bare !== word || bare.length >= (STEMS_MIN[language] ?? STEM_MIN);
    const isPhrase = bare.includes("_");
    const plain = isPhrase ? phraseHash(bare) : foldedHash(bare, 0, bare.length);
    const hash = !isPhrase && isLatinRussian(bare, language) ? joined(plain, RUSSIAN_SALT) : plain;
    const single = isBeginning ? beginnings : whole;
    const table = isPhrase ? phrases : SPACELESS.test(bare) ? signs : single;
    if (!table.has(hash)) table.set(hash, concept);
    likely[hash & LIKELY_MASK] = 1;
  };
  for (const [index, { words }] of CONCEPTS.entries())
    for (const [language, own] of words.entries())
      for (const word of normalise(own.join(" ")).split(" ")) add(word, index + 1, language);
  return { whole, beginnings, signs, phrases, likely };
}

function phraseHash(phrase: string): number {
  return phrase
    .split("_")
    .map((word) => wordInPhrase(word, 0, word.length))
    .reduce((before, hash) => joined(before, hash));
}

const LEXICON = lexicon();

/** The concept of a phrase whose words have these joined hashes; 0 for none. */
export function conceptOfPhrase(hash: number): number {
  return LEXICON.likely[hash & LIKELY_MASK] === 0 ? 0 : (LEXICON.phrases.get(hash) ?? 0);
}

/** A concept and how many letters tell it, in one number, because this runs for every word. */
const LENGTH_STEP = 4096;

/** The concept of what was found; 0 for nothing. */
export function conceptIn(found: number): number {
  return found % LENGTH_STEP;
}

/** How many letters or signs tell what was found. */
export function lengthIn(found: number): number {
  return Math.floor(found / LENGTH_STEP);
}

/** The concept of a word or beginning with this hash; undefined for none. */
function conceptOf(hash: number, isWhole: boolean): number | undefined {
  if (LEXICON.likely[hash & LIKELY_MASK] === 0) return undefined;
  return (isWhole ? LEXICON.whole.get(hash) : undefined) ?? LEXICON.beginnings.get(hash);
}

/** The concept of the longest entry that begins here: the whole word before its beginnings. */
function longest(text: string, from: number, to: number, isRussian: boolean): number {
  let hash = HASH_START;
  let found = 0;
  for (let at = from; at < to; at += 1) {
    hash = withLetter(hash, text, at);
    const isWhole = at + 1 === to;
    const russian = isRussian ? conceptOf(joined(hash, RUSSIAN_SALT), isWhole) : undefined;
    const concept = russian ?? conceptOf(hash, isWhole);
    if (concept !== undefined) found = (at + 1 - from) * LENGTH_STEP + concept;
  }
  return found;
}

const SIGNS_MAX = 6;

/** The longest entry that begins at a sign of a script without spaces; 0 for none. */
export function conceptOfSigns(text: string, from: number, to: number): number {
  const { likely, signs } = LEXICON;
  let hash = HASH_START;
  let found = 0;
  for (let at = from; at < Math.min(to, from + SIGNS_MAX); at += 1) {
    hash = nextHash(hash, text.charCodeAt(at));
    if (likely[hash & LIKELY_MASK] === 0) continue;
    const concept = signs.get(hash);
    if (concept !== undefined) found = (at + 1 - from) * LENGTH_STEP + concept;
  }
  return found;
}

const ELIDED_MAX = 5;
/** Arabic writes "and", "so", "with", "to", "like" and the article in one word with what follows. */
const AND = codesOf("وف");
const WITH = codesOf("بلك");
/** Who acts, and that it will be, as verbs begin there. */
const PERSONS = codesOf("تينسا");
const VERB_MIN = 4;
const ARABIC_FIRST = 0x600;
const ARABIC_LAST = 0x6ff;

function codesOf(letters: string): ReadonlySet<number> {
  return new Set(Array.from(letters, (letter) => letter.charCodeAt(0)));
}

/** Where a word begins behind "l'", "dell'", or what Arabic joins to it; where it begins itself when nothing is. */
function behindJoined(text: string, from: number, to: number): number {
  const first = text.charCodeAt(from);
  if (first < ARABIC_FIRST || first > ARABIC_LAST) {
    const mark = text.indexOf("'", from);
    return mark > from && mark - from <= ELIDED_MAX && to - mark > 3 ? mark + 1 : from;
  }
  let at = from;
  if (AND.has(text.charCodeAt(at))) at += 1;
  if (WITH.has(text.charCodeAt(at))) at += 1;
  if (text.startsWith("ال", at)) return at + 2;
  // "To the" is written with two l.
  return text.startsWith("ل", at) && at > from ? at + 1 : at;
}

/** Two words in one: the second begins within so many letters behind the stem of the first. */
const COMPOUND_MIN = 9;
const BETWEEN_MAX = 5;
const SECOND_MIN = 4;

/** Calls `visit` with the concepts of a word: usually one, two for a word put together of two. */
export function eachConcept(
  text: string,
  from: number,
  to: number,
  isRussian: boolean,
  visit: (concept: number) => void,
): void {
  let begin = from;
  let found = longest(text, from, to, isRussian);
  if (found === 0) {
    begin = behindJoined(text, from, to);
    if (begin > from && begin < to) found = longest(text, begin, to, isRussian);
  }
  if (found === 0 && PERSONS.has(text.charCodeAt(begin)) && to - begin > VERB_MIN) {
    begin += 1;
    found = longest(text, begin, to, isRussian);
  }
  if (found === 0) return;
  visit(conceptIn(found));
  const length = lengthIn(found);
  if (to - begin < COMPOUND_MIN || length < SECOND_MIN) return;
  const second = secondOf(text, begin + length, to, isRussian);
  if (second !== 0) visit(second);
}

/** The concept of the second of two words in one; 0 for none. */
function secondOf(text: string, rest: number, to: number, isRussian: boolean): number {
  for (let at = rest; at <= rest + BETWEEN_MAX && to - at >= SECOND_MIN; at += 1) {
    const second = longest(text, at, to, isRussian);
    if (lengthIn(second) >= SECOND_MIN) return conceptIn(second);
  }
  return 0;
}

/**
 * Cuts a normalised text into sentences and each sentence into features: hashed words and word groups, hashed pieces
 * of words, and what it does (structure.ts). Training and scoring read texts with the same code.
 */
import {
  beginConcepts,
  conceptRoom,
  type ConceptRoom,
  readConceptsOfSigns,
  readConceptsOfWord,
} from "./concept-features.ts";
import { BUCKETS, HASH_START, joined, nextHash } from "./hashing.ts";
import { beginSeen, isNew, type Seen, seenRoom } from "./seen.ts";
import {
  beginsAnOrder,
  meaningOfBeginning,
  meaningOfSigns,
  meaningOfWord,
  SHAPES,
} from "./structure.ts";

const BUCKET_MASK = BUCKETS - 1;

/** A longer sentence is cut; a shorter one is joined with the next. In UTF-16 code units. */
const SENTENCE_MAX = 240;
const SENTENCE_MIN = 12;
/** Pieces of words have three to five letters; in scripts without spaces one to three. */
const PIECE_MAX = 5;
const SPACE = 32;

/** The features of one sentence; it is used again for the next. */
export interface Features {
  readonly pieces: Int32Array;
  pieceCount: number;
  readonly words: Int32Array;
  wordCount: number;
  /** Senses alone, in pairs and threes, in the order of their words. */
  readonly senses: Int32Array;
  senseCount: number;
  /** The last senses with the place of their words in the sentence; 0 where there is none. */
  readonly lastSenses: Int32Array;
  /** Words of the sentence so far. */
  wordsSeen: number;
  /** Concepts alone, in pairs and threes. */
  readonly concepts: ConceptRoom;
  /** Bits of structure.ts. */
  marks: number;
  readonly seen: Seen;
}

/** Room for the features of the longest sentence. */
export function featureRoom(): Features {
  return {
    pieces: new Int32Array((SENTENCE_MAX + 2) * 3),
    pieceCount: 0,
    words: new Int32Array((SENTENCE_MAX + 2) * 4),
    wordCount: 0,
    senses: new Int32Array((SENTENCE_MAX + 2) * 6),
    senseCount: 0,
    lastSenses: new Int32Array(4),
    wordsSeen: 0,
    concepts: conceptRoom(SENTENCE_MAX),
    marks: 0,
    seen: seenRoom(),
  };
}

/** Calls `visit` with begin and end of each sentence, in order; together they are the whole text. */
export function eachSentence(text: string, visit: (from: number, to: number) => void): void {
  let from = 0;
  let gap = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= SPACE) gap = at;
    const length = at + 1 - from;
    if (length >= SENTENCE_MIN && isEnd(text, at, code)) {
      visit(from, at + 1);
      from = at + 1;
    } else if (length >= SENTENCE_MAX) {
      const cut = gap > from ? gap + 1 : at + 1;
      visit(from, cut);
      from = cut;
    }
  }
  if (from < text.length) visit(from, text.length);
}

function isEnd(text: string, at: number, code: number): boolean {
  if (code === 10) return true;
  // Marks of scripts without spaces end a sentence wherever they stand.
  if (code === 0x3002 || code === 0xff01 || code === 0xff1f || code === 0xff1b) return true;
  if (code !== 46 && code !== 33 && code !== 63 && code !== 59 && code !== 0x61f) return false;
  return at + 1 === text.length || text.charCodeAt(at + 1) <= SPACE;
}

const LETTER = 1;
const SIGN = 2;

/** What a code unit is part of: 0 nothing, a word, or a script without spaces. */
function kindOf(code: number): number {
  return code < 128 ? (ASCII_KIND[code] ?? 0) : kindAbroad(code);
}

function kindAbroad(code: number): number {
  if (code < 0xc0 || within(code, 0x2000, 0x2bff)) return 0;
  if (within(code, 0x3040, 0x9fff) || within(code, 0x0e00, 0x0e7f)) return SIGN;
  return within(code, 0x3000, 0x303f) || within(code, 0xff00, 0xffef) ? 0 : LETTER;
}

function within(code: number, first: number, last: number): boolean {
  return code >= first && code <= last;
}

const ASCII_KIND = Uint8Array.from({ length: 128 }, (_one, code) =>
  /[0-9a-z']/i.test(String.fromCharCode(code)) ? LETTER : 0,
);

/** Digits count alike: numbers differ, what they stand in does not. */
function letterAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57 ? 48 : code;
}

/** Salts keep features of different kinds apart. */
const ONE_WORD = 0x51;
const TWO_WORDS = 0x52;
const THREE_WORDS = 0x53;
const OVER_A_WORD = 0x54;
const MARK = 0x55;
const ONE_SENSE = 0x56;
const FIRST_SENSE = 0x57;
const TWO_SENSES = 0x58;
const TWO_EITHER_WAY = 0x59;
const THREE_SENSES = 0x5a;

/** Words between two senses that are read together, at most. */
const NEAR = 6;

/** Fills `into` with the features of one sentence. */
export function readSentence(text: string, from: number, to: number, into: Features): void {
  into.pieceCount = 0;
  into.wordCount = 0;
  into.senseCount = 0;
  into.lastSenses.fill(0);
  into.wordsSeen = 0;
  into.marks = 0;
  beginConcepts(text, from, to, into.concepts);
  beginSeen(into.seen);
  let before = 0;
  let beforeThat = 0;
  let at = from;
  while (at < to) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === SIGN) {
      readSign(text, at, to, into);
      at += 1;
      continue;
    }
    if (kind === 0) {
      at = readMark(text, at, to, into);
      continue;
    }
    let end = at + 1;
    while (end < to && kindOf(text.charCodeAt(end)) === LETTER) end += 1;
    const hash = readWord(text, at, end, into);
    if (into.wordsSeen === 1 && beginsAnOrder(hash)) into.marks |= SHAPES.order;
    addWord(into, joined(hash, ONE_WORD));
    if (before !== 0) addWord(into, joined(joined(before, hash), TWO_WORDS));
    if (beforeThat !== 0) {
      addWord(into, joined(joined(joined(beforeThat, before), hash), THREE_WORDS));
      addWord(into, joined(joined(beforeThat, hash), OVER_A_WORD));
    }
    beforeThat = before;
    before = hash;
    at = end;
  }
}

function addWord(into: Features, hash: number): void {
  const bucket = hash & BUCKET_MASK;
  if (isNew(into.seen, bucket) && into.wordCount < into.words.length)
    into.words[into.wordCount++] = bucket;
}

function addPiece(into: Features, hash: number): void {
  const bucket = joined(hash, 0) & BUCKET_MASK;
  if (isNew(into.seen, bucket) && into.pieceCount < into.pieces.length)
    into.pieces[into.pieceCount++] = bucket;
}

/** Adds the sense of the word just read, alone and with the two before it where they are near. */
function addSense(into: Features, sense: number): void {
  const { lastSenses, wordsSeen } = into;
  const before = lastSenses[0] ?? 0;
  const placeBefore = lastSenses[1] ?? 0;
  const beforeThat = lastSenses[2] ?? 0;
  const placeBeforeThat = lastSenses[3] ?? 0;
  addSenses(into, joined(sense, ONE_SENSE));
  if (wordsSeen <= 2) addSenses(into, joined(sense, FIRST_SENSE));
  if (before !== 0 && wordsSeen - placeBefore <= NEAR) {
    addPair(into, before, sense);
    if (beforeThat !== 0 && wordsSeen - placeBeforeThat <= NEAR) {
      addPair(into, beforeThat, sense);
      addSenses(into, joined(joined(joined(beforeThat, before), sense), THREE_SENSES));
    }
  }
  lastSenses[2] = before;
  lastSenses[3] = placeBefore;
  lastSenses[0] = sense;
  lastSenses[1] = wordsSeen;
}

/** Languages order words differently, so a pair counts in its order and in either. */
function addPair(into: Features, first: number, second: number): void {
  addSenses(into, joined(joined(first, second), TWO_SENSES));
  const low = Math.min(first, second);
  addSenses(into, joined(joined(low, Math.max(first, second)), TWO_EITHER_WAY));
}

function addSenses(into: Features, hash: number): void {
  const bucket = hash & BUCKET_MASK;
  if (isNew(into.seen, bucket) && into.senseCount < into.senses.length)
    into.senses[into.senseCount++] = bucket;
}

/** Adds what a word means and its pieces; returns its hash. */
function readWord(text: string, from: number, to: number, into: Features): number {
  let whole = HASH_START;
  let sense = 0;
  for (let at = from; at < to; at += 1) {
    whole = nextHash(whole, letterAt(text, at));
    const begun = meaningOfBeginning(whole);
    if (begun === null) continue;
    into.marks |= begun.bits;
    sense = begun.sense;
  }
  const meaning = meaningOfWord(whole);
  into.marks |= meaning?.bits ?? 0;
  into.wordsSeen += 1;
  sense = meaning?.sense ?? sense;
  if (sense !== 0) addSense(into, sense);
  readConceptsOfWord(text, from, to, into.concepts);
  addPieces(text, from, to, into);
  return whole;
}

/** Adds the pieces of a word; the ends of the word count as letters. */
function addPieces(text: string, from: number, to: number, into: Features): void {
  for (let begin = from - 1; begin < to - 1; begin += 1) {
    let hash = HASH_START;
    const last = Math.min(begin + PIECE_MAX, to + 1);
    for (let at = begin; at < last; at += 1) {
      hash = nextHash(hash, at < from || at === to ? SPACE : letterAt(text, at));
      if (at - begin >= 2) addPiece(into, hash);
    }
  }
}

function readSign(text: string, at: number, to: number, into: Features): void {
  const { bits, sense } = meaningOfSigns(text, at);
  into.marks |= bits;
  into.wordsSeen += 1;
  if (sense !== 0 && sense !== into.lastSenses[0]) addSense(into, sense);
  readConceptsOfSigns(text, at, to, into.concepts);
  let hash = HASH_START;
  for (let next = at; next < Math.min(at + 3, to); next += 1) {
    const code = text.charCodeAt(next);
    if (kindOf(code) !== SIGN) break;
    hash = nextHash(hash, code);
    if (next === at) addPiece(into, hash);
    else addWord(into, joined(hash, ONE_WORD));
  }
}

const OPENING = new Set(Array.from("<[{|", (sign) => sign.charCodeAt(0)));

/** Shapes that a mark gives to its sentence; `at` is behind the mark, `from` where its run begins. */
function shapesOf(text: string, from: number, at: number, code: number): number {
  if (OPENING.has(code)) return SHAPES.tag;
  if (code === 96 || code === 125) return SHAPES.code;
  if (code === 47 && text.charCodeAt(at) === 47) return SHAPES.link;
  return code === 58 && at - from === 1 && from > 0 ? SHAPES.speaker : 0;
}

/** Adds a run of marks as a word of its own, at most four of them; a long line of dashes counts as four. */
function readMark(text: string, from: number, to: number, into: Features): number {
  let hash = HASH_START;
  let at = from;
  let marks = 0;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (kindOf(code) !== 0) break;
    at += 1;
    if (code <= SPACE) {
      if (marks > 0) break;
      continue;
    }
    marks += 1;
    if (marks <= 4) hash = nextHash(hash, code);
    into.marks |= shapesOf(text, from, at, code);
  }
  // A single full stop or comma says nothing.
  if (marks > 0 && !(marks === 1 && PLAIN.has(text.charCodeAt(at - 1))))
    addWord(into, joined(hash, MARK));
  return at;
}

const PLAIN = new Set(Array.from(".,'\"-()", (sign) => sign.charCodeAt(0)));

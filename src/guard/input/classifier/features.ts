/**
 * Cuts a normalised text into sentences and each sentence into features: hashed words and word groups, and hashed
 * pieces of words. Training and scoring read texts with the same code.
 */

/** Buckets for hashed features; a power of two. */
export const BUCKETS = 1 << 18;
const BUCKET_MASK = BUCKETS - 1;

/** A longer sentence is cut; a shorter one is joined with the next. In UTF-16 code units. */
const SENTENCE_MAX = 240;
const SENTENCE_MIN = 12;
/** Pieces of words have three to five letters; in scripts without spaces one to three. */
const PIECE_MAX = 5;
const SPACE = 32;

/** The features of one sentence, each bucket once; the room is used again for the next. */
export interface Features {
  readonly pieces: Int32Array;
  pieceCount: number;
  readonly words: Int32Array;
  wordCount: number;
  /** By bucket, the number of the sentence that fell into it last. */
  readonly seenIn: Uint32Array;
  sentence: number;
}

/** Room for the features of the longest sentence. */
export function featureRoom(): Features {
  return {
    pieces: new Int32Array((SENTENCE_MAX + 2) * 3),
    pieceCount: 0,
    words: new Int32Array((SENTENCE_MAX + 2) * 4),
    wordCount: 0,
    seenIn: new Uint32Array(BUCKETS),
    sentence: 0,
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
function codeUnitKind(code: number): number {
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

/** The hash of no letters, and what each letter multiplies it by (FNV-1a, 32 bits). */
const HASH_START = 0x811c9dc5;
const PRIME = 0x01000193;

function nextHash(hash: number, letter: number): number {
  return Math.imul(hash ^ letter, PRIME) >>> 0;
}

/** The hash of two hashes in this order, with well-mixed last bits. */
function joined(a: number, b: number): number {
  let mixed = Math.imul(a ^ (b + 0x9e3779b9), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Salts keep features of different kinds apart. */
const PIECE = 0x50;
const ONE_WORD = 0x51;
const TWO_WORDS = 0x52;
const THREE_WORDS = 0x53;
const OVER_A_WORD = 0x54;
const MARK = 0x55;
const FIRST_WORD = 0x56;

/** Fills `into` with the features of one sentence. */
export function readSentence(text: string, from: number, to: number, into: Features): void {
  into.pieceCount = 0;
  into.wordCount = 0;
  into.sentence = (into.sentence + 1) >>> 0;
  let before = 0;
  let beforeThat = 0;
  let at = from;
  while (at < to) {
    const kind = codeUnitKind(text.charCodeAt(at));
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
    while (end < to && codeUnitKind(text.charCodeAt(end)) === LETTER) end += 1;
    const hash = readWord(text, at, end, into);
    addWord(into, joined(hash, ONE_WORD));
    if (before === 0) addWord(into, joined(hash, FIRST_WORD));
    else addWord(into, joined(joined(before, hash), TWO_WORDS));
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
  if (isNew(into, bucket) && into.wordCount < into.words.length)
    into.words[into.wordCount++] = bucket;
}

function addPiece(into: Features, hash: number): void {
  const bucket = joined(hash, PIECE) & BUCKET_MASK;
  if (isNew(into, bucket) && into.pieceCount < into.pieces.length)
    into.pieces[into.pieceCount++] = bucket;
}

function isNew({ seenIn, sentence }: Features, bucket: number): boolean {
  if (seenIn[bucket] === sentence) return false;
  seenIn[bucket] = sentence;
  return true;
}

/** Adds the pieces of a word, whose ends count as letters; returns the hash of the word. */
function readWord(text: string, from: number, to: number, into: Features): number {
  for (let begin = from - 1; begin < to - 1; begin += 1) {
    let hash = HASH_START;
    const last = Math.min(begin + PIECE_MAX, to + 1);
    for (let at = begin; at < last; at += 1) {
      hash = nextHash(hash, at < from || at === to ? SPACE : letterAt(text, at));
      if (at - begin >= 2) addPiece(into, hash);
    }
  }
  let whole = HASH_START;
  for (let at = from; at < to; at += 1) whole = nextHash(whole, letterAt(text, at));
  return whole;
}

/** In scripts without spaces, pieces are single signs and words the runs of two and three that begin with it. */
function readSign(text: string, at: number, to: number, into: Features): void {
  let hash = HASH_START;
  for (let next = at; next < Math.min(at + 3, to); next += 1) {
    const code = text.charCodeAt(next);
    if (codeUnitKind(code) !== SIGN) break;
    hash = nextHash(hash, code);
    if (next === at) addPiece(into, hash);
    else addWord(into, joined(hash, ONE_WORD));
  }
}

/** Adds a run of marks as a word of its own, at most four of them; a long line of dashes counts as four. */
function readMark(text: string, from: number, to: number, into: Features): number {
  let hash = HASH_START;
  let at = from;
  let marks = 0;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (codeUnitKind(code) !== 0) break;
    at += 1;
    if (code <= SPACE) {
      if (marks > 0) break;
      continue;
    }
    marks += 1;
    if (marks <= 4) hash = nextHash(hash, code);
  }
  // A single full stop or comma says nothing.
  if (marks > 0 && !(marks === 1 && PLAIN.has(text.charCodeAt(at - 1))))
    addWord(into, joined(hash, MARK));
  return at;
}

const PLAIN = new Set(Array.from(".,'\"-()", (sign) => sign.charCodeAt(0)));

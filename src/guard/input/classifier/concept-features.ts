/**
 * Features of what a sentence is about: its concepts alone, in pairs and in threes near each other. Languages order words
 * differently, so pairs count in their order and in either, and threes in any.
 */
import {
  conceptIn,
  conceptOfPhrase,
  conceptOfSigns,
  eachConcept,
  isCyrillic,
  lengthIn,
  wordInPhrase,
} from "#guard/input/concepts/concepts.ts";
import { BUCKETS, joined } from "./hashing.ts";
import { beginSeen, isNew, type Seen, seenRoom } from "./seen.ts";

const BUCKET_MASK = BUCKETS - 1;
/** A word is as long as two signs of a script without spaces. */
const WORD_LENGTH = 2;
const SIGN_LENGTH = 1;
/** Two concepts are read together within so many words. */
const NEAR = 7 * WORD_LENGTH;
/** Concepts of the first words are features of their own. */
const AT_FIRST = 2 * WORD_LENGTH;
/** Concepts that are kept to be read together with the next. */
const KEPT = 3;
/** Features one concept makes, at most. */
const FEATURES_MAX = 2 + 2 * KEPT + 3;

const ONE = 0x61;
const FIRST = 0x62;
const TWO = 0x63;
const TWO_EITHER_WAY = 0x64;
const THREE = 0x65;

/** Where the concepts of one sentence are read into; it is used again for the next. */
export interface ConceptRoom {
  readonly features: Int32Array;
  count: number;
  /** The last concepts with the places of their words, the latest first; 0 where there is none. */
  readonly last: Int32Array;
  readonly places: Int32Array;
  /** The last words as phrases are compared, the latest first. */
  readonly words: Int32Array;
  lengthSeen: number;
  /** Behind the signs that were read as one word. */
  signsReadTo: number;
  /** Words that look Latin are Russian in it. */
  isRussian: boolean;
  readonly seen: Seen;
}

/** Room for the concepts of a sentence of so many code units. */
export function conceptRoom(length: number): ConceptRoom {
  return {
    features: new Int32Array((length + 2) * FEATURES_MAX),
    count: 0,
    last: new Int32Array(KEPT),
    places: new Int32Array(KEPT),
    words: new Int32Array(3),
    lengthSeen: 0,
    signsReadTo: 0,
    isRussian: false,
    seen: seenRoom(),
  };
}

/** Makes room for the sentence that stands there. */
export function beginConcepts(text: string, from: number, to: number, room: ConceptRoom): void {
  room.isRussian = isCyrillic(text, from, to);
  room.count = 0;
  room.last.fill(0);
  room.words.fill(0);
  room.lengthSeen = 0;
  room.signsReadTo = 0;
  beginSeen(room.seen);
}

/** Adds the concepts of a word, and of phrases that end with it. */
export function readConceptsOfWord(
  text: string,
  from: number,
  to: number,
  room: ConceptRoom,
): void {
  room.lengthSeen += WORD_LENGTH;
  eachConcept(text, from, to, room.isRussian, (concept) => addConcept(room, concept));
  const { words } = room;
  const word = wordInPhrase(text, from, to);
  const [before = 0, beforeThat = 0, first = 0] = words;
  if (before !== 0) {
    const two = joined(before >>> 0, word);
    const three = joined(joined(beforeThat >>> 0, before >>> 0), word);
    const four = joined(joined(joined(first >>> 0, beforeThat >>> 0), before >>> 0), word);
    const concept = conceptOfPhrase(four) || conceptOfPhrase(three) || conceptOfPhrase(two);
    if (concept !== 0) addConcept(room, concept);
  }
  words[2] = beforeThat;
  words[1] = before;
  words[0] = word;
}

/** Adds the concept of the signs that begin here, unless they are part of the word before. */
export function readConceptsOfSigns(text: string, at: number, to: number, room: ConceptRoom): void {
  if (at < room.signsReadTo) return;
  room.lengthSeen += SIGN_LENGTH;
  const found = conceptOfSigns(text, at, to);
  if (found === 0) return;
  room.signsReadTo = at + lengthIn(found);
  addConcept(room, conceptIn(found));
}

function addConcept(room: ConceptRoom, concept: number): void {
  const { last, places, lengthSeen } = room;
  add(room, joined(concept, ONE));
  if (lengthSeen <= AT_FIRST) add(room, joined(concept, FIRST));
  for (let at = 0; at < KEPT; at += 1) {
    const other = last[at] ?? 0;
    if (other === 0 || lengthSeen - (places[at] ?? 0) > NEAR) break;
    add(room, joined(joined(other, concept), TWO));
    add(room, joined(inOrder(other, concept), TWO_EITHER_WAY));
    for (let further = at + 1; further < KEPT; further += 1) {
      const third = last[further] ?? 0;
      if (third === 0 || lengthSeen - (places[further] ?? 0) > NEAR) break;
      addThree(room, concept, other, third);
    }
  }
  last.copyWithin(1, 0);
  places.copyWithin(1, 0);
  last[0] = concept;
  places[0] = lengthSeen;
}

function inOrder(one: number, other: number): number {
  return joined(Math.min(one, other), Math.max(one, other));
}

function addThree(room: ConceptRoom, a: number, b: number, c: number): void {
  const low = Math.min(a, b, c);
  const high = Math.max(a, b, c);
  add(room, joined(joined(joined(low, a + b + c - low - high), high), THREE));
}

/** What a sentence repeats counts once. */
function add(room: ConceptRoom, hash: number): void {
  const bucket = hash & BUCKET_MASK;
  if (room.count < room.features.length && isNew(room.seen, bucket))
    room.features[room.count++] = bucket;
}

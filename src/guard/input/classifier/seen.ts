/**
 * Which buckets a sentence fell into already: what it repeats counts once. A table as small as a sentence, since one with
 * a place for every bucket is fetched from memory again and again.
 */

/** More than the features of the longest sentence, so that most are found at the first look; a power of two. */
const SLOTS = 8_192;
const SLOT_MASK = SLOTS - 1;

/** The buckets of one sentence; it is used again for the next. */
export interface Seen {
  readonly buckets: Int32Array;
  /** By slot, the number of the sentence that put a bucket there. */
  readonly putBy: Uint32Array;
  sentence: number;
}

export function seenRoom(): Seen {
  return { buckets: new Int32Array(SLOTS), putBy: new Uint32Array(SLOTS), sentence: 0 };
}

/** Forgets the buckets of the sentence before. */
export function beginSeen(seen: Seen): void {
  seen.sentence = (seen.sentence + 1) >>> 0;
}

/** True the first time a bucket is asked about in a sentence. A sentence has fewer buckets than there are slots. */
export function isNew(seen: Seen, bucket: number): boolean {
  const { buckets, putBy, sentence } = seen;
  let slot = bucket & SLOT_MASK;
  while (putBy[slot] === sentence) {
    if (buckets[slot] === bucket) return false;
    slot = (slot + 1) & SLOT_MASK;
  }
  putBy[slot] = sentence;
  buckets[slot] = bucket;
  return true;
}

/** Hashes for features: letter by letter, the same on every machine. */

/** Buckets for hashed features; a power of two. */
export const BUCKETS = 1 << 20;

/** The hash of no letters (FNV-1a, 32 bits). */
export const HASH_START = 0x811c9dc5;
const PRIME = 0x01000193;

/** The hash with one more letter. */
export function nextHash(hash: number, letter: number): number {
  return Math.imul(hash ^ letter, PRIME) >>> 0;
}

/** The hash of all letters of a word. */
export function hashOf(word: string): number {
  let hash = HASH_START;
  for (let at = 0; at < word.length; at += 1) hash = nextHash(hash, word.charCodeAt(at));
  return hash;
}

/** The hash of two hashes in this order, with well-mixed last bits. */
export function joined(a: number, b: number): number {
  let mixed = Math.imul(a ^ (b + 0x9e3779b9), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

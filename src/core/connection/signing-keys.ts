/** Keys that may be changed while the program runs: what is signed with now, and what is accepted. */

/** The keys of one purpose. */
export interface SigningKeys {
  /** What is signed with now. */
  current(): string;
  /** What was signed with at that moment, as far as it is still known; the oldest known key for earlier moments. */
  at(moment: Date): string;
  /** Everything that is accepted now, the newest first. It has `current()` in it. */
  accepted(): readonly string[];
}

/** The keys of a purpose; a text is one that never changes. */
export type Keys = string | SigningKeys;

/** What is signed with now. */
export function currentKey(keys: Keys): string {
  return typeof keys === "string" ? keys : keys.current();
}

/** What was signed with at that moment. */
export function keyAt(keys: Keys, moment: Date): string {
  return typeof keys === "string" ? keys : keys.at(moment);
}

/** Everything that is accepted now, the newest first; never empty. */
export function acceptedKeys(keys: Keys): readonly string[] {
  return typeof keys === "string" ? [keys] : keys.accepted();
}

/**
 * What is computed from a key, kept by the key: for what is too slow to compute at each use. What belongs to a key that
 * is not accepted any more is forgotten with the next key.
 */
export function byKey<Made>(make: (key: string) => Made): (key: string) => Made {
  const made = new Map<string, Made>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    if (made.size >= KEPT_MAX) made.clear();
    made.set(key, fresh);
    return fresh;
  };
}

/** More keys than these are not in use at once: each lives for days. */
const KEPT_MAX = 16;

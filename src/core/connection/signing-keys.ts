/** Keys of one purpose: what is signed with, and what is accepted beside it; and how one process of an installation recognises another. */
import { createHash, timingSafeEqual } from "node:crypto";

/** One key, or several of which the first is signed with and all are accepted. */
export type Keys = string | readonly [string, ...string[]];

/** What is signed with. */
export function currentKey(keys: Keys): string {
  return typeof keys === "string" ? keys : keys[0];
}

/** Everything that is accepted, the newest first; never empty. */
export function acceptedKeys(keys: Keys): readonly [string, ...string[]] {
  return typeof keys === "string" ? [keys] : keys;
}

/** Whether two texts are the same. They are compared as digests, so that the time reveals neither length nor beginning. */
export function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Whether a text is what one of the accepted keys makes; all of them are tried. */
export function isMadeWith(keys: Keys, given: string, make: (key: string) => string): boolean {
  return acceptedKeys(keys)
    .map((key) => isSameText(given, make(key)))
    .includes(true);
}

/** What this installation answers to a nonce; another one answers something else. */
export function installationMark(instance: string, nonce: string): string {
  return createHash("sha256").update(`${instance} ${nonce}`).digest("base64url");
}

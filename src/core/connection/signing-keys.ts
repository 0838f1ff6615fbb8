/** Keys of one purpose: what is signed with, and what is accepted beside it; and how one process of an installation recognises another. */
import { createHash } from "node:crypto";

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

/** What this installation answers to a nonce; another one answers something else. */
export function installationMark(instance: string, nonce: string): string {
  return createHash("sha256").update(`${instance} ${nonce}`).digest("base64url");
}

/** One-time codes: how they are computed and hashed, and their order in a bundle. */

import type { PlannedAction } from "#core/values/action.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { OneTimeCodes } from "#core/contracts/ports.ts";

const CODES = 1_000_000;
/** 48 bits: over a million codes the first ones are likelier by less than one in a hundred million. */
const HEX_DIGITS = 12;

/**
 * Codes under secrets of their own, made from these; a change of them voids no code. What is counted by hashes of addresses and networks is counted anew after a change.
 */
export function oneTimeCodes(keys: Keys): OneTimeCodes {
  const secrets = acceptedKeys(keys).map(secretFrom);
  const secretNow = secretFrom(currentKey(keys));
  const codeUnder = (secret: string, id: string): string => {
    const number = Number.parseInt(keyedDigest(secret, ["code", id]).slice(0, HEX_DIGITS), 16);
    return String(number % CODES).padStart(6, "0");
  };
  const hashUnder = (secret: string, id: string, code: string): string =>
    keyedDigest(secret, ["hash", id, code]);
  return {
    codeOf: (id) => codeUnder(secretNow, id),
    codesOf: (id) => secrets.map((secret) => codeUnder(secret, id)),
    hashOf: (id, code) => hashUnder(secretNow, id, code),
    hashesOf: (id, code) => secrets.map((secret) => hashUnder(secret, id, code)),
    networkHashOf: (network) => keyedDigest(secretNow, ["network", network]),
    addressHashOf: (address) => keyedDigest(secretNow, ["address", address.toLowerCase()]),
  };
}

function secretFrom(key: string): string {
  return keyedDigest(key, "one-time codes");
}

/**
 * The order of a bundle with a code. The reply only says that there may be a mail, so it does not wait for one: neither
 * the reply nor its time reveals whether the address has an account.
 */
export function codesLast<Item>(
  items: readonly Item[],
  plannedIn: (item: Item) => PlannedAction,
): readonly Item[] {
  const isCode = (item: Item): boolean => plannedIn(item).action.target === "identity";
  return [...items.filter((item) => !isCode(item)), ...items.filter(isCode)];
}

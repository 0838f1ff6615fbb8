/** One-time codes: how they are computed and hashed, and their order in a bundle. */

import type { PlannedAction } from "#core/values/action.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { byKey, currentKey, keyAt, type Keys } from "#core/connection/signing-keys.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";

const CODES = 1_000_000;
/** 48 bits: over a million codes the first ones are likelier by less than one in a hundred million. */
const HEX_DIGITS = 12;

/** The one-time codes of this installation. A code is computed, never stored, so a retry sends the same code. */
export interface OneTimeCodes {
  /** Six digits that only the holder of the secret can compute from the challenge, by its id and when it was asked for. */
  codeOf(challengeId: string, askedAt: Date): string;
  /** What the database keeps of a code that was asked for at this moment. */
  hashOf(challengeId: string, askedAt: Date, code: string): string;
  /** What the database keeps of the address a code was requested for. */
  addressHashOf(address: string): string;
  /** What the database keeps of the network the request came from. */
  networkHashOf(network: string): string;
}

/**
 * Codes under secrets of their own, made from these. A challenge keeps the secret it was asked for with, so that a change
 * of the secrets voids no code. What is counted by hashes of addresses and networks is counted anew after a change.
 */
export function oneTimeCodes(keys: Keys): OneTimeCodes {
  const secretFrom = byKey((key) => keyedDigest(key, "one-time codes"));
  const secretAt = (moment: Date): string => secretFrom(keyAt(keys, moment));
  const secretNow = (): string => secretFrom(currentKey(keys));
  return {
    codeOf(challengeId, askedAt) {
      const number = Number.parseInt(
        keyedDigest(secretAt(askedAt), ["code", challengeId]).slice(0, HEX_DIGITS),
        16,
      );
      return String(number % CODES).padStart(6, "0");
    },
    hashOf: (challengeId, askedAt, code) =>
      keyedDigest(secretAt(askedAt), ["hash", challengeId, code]),
    networkHashOf: (network) => keyedDigest(secretNow(), ["network", network]),
    addressHashOf: (address) => keyedDigest(secretNow(), ["address", address.toLowerCase()]),
  };
}

/**
 * The order of a bundle with a code. The reply only says that there may be a mail, so it does not wait for one: neither
 * the reply nor its time reveals whether the address has an account.
 */
export function codesLast(actions: readonly PlannedAction[]): readonly PlannedAction[] {
  return partition(actions, (planned) => planned);
}

/** The same for decided actions, so that each keeps the rule that decided it. */
export function decidedCodesLast(actions: readonly DecidedAction[]): readonly DecidedAction[] {
  return partition(actions, ({ planned }) => planned);
}

function partition<Item>(
  items: readonly Item[],
  plannedOf: (item: Item) => PlannedAction,
): readonly Item[] {
  const isCode = (item: Item): boolean => plannedOf(item).action.target === "identity";
  return [...items.filter((item) => !isCode(item)), ...items.filter(isCode)];
}

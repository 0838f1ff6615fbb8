/** One-time codes: how they are computed and hashed, and their order in a bundle. */

import type { PlannedAction } from "#core/values/action.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";

const CODES = 1_000_000;
/** 48 bits: over a million codes the first ones are likelier by less than one in a hundred million. */
const HEX_DIGITS = 12;

/** The one-time codes of this installation. A code is computed, never stored, so a retry sends the same code. */
export interface OneTimeCodes {
  /** Six digits that only the holder of the secret can compute from the challenge's id. */
  codeOf(challengeId: string): string;
  /** What the database keeps of a code. */
  hashOf(challengeId: string, code: string): string;
  /** What the database keeps of the address a code was requested for. */
  addressHashOf(address: string): string;
  /** What the database keeps of the network the request came from. */
  networkHashOf(network: string): string;
}

/** Codes under a secret that is used for nothing else. */
export function oneTimeCodes(secret: string): OneTimeCodes {
  return {
    codeOf(challengeId) {
      const number = Number.parseInt(
        keyedDigest(secret, ["code", challengeId]).slice(0, HEX_DIGITS),
        16,
      );
      return String(number % CODES).padStart(6, "0");
    },
    hashOf: (challengeId, code) => keyedDigest(secret, ["hash", challengeId, code]),
    networkHashOf: (network) => keyedDigest(secret, ["network", network]),
    addressHashOf: (address) => keyedDigest(secret, ["address", address.toLowerCase()]),
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

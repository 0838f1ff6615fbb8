/** Failures of calls to the outside world. */
import { DeskhandError } from "#core/values/errors.ts";

/** What may go wrong with one call. `lost`: it took effect, and the answer did not arrive. */
export const CALL_FAULTS = ["unavailable", "lost", "unclear", "refused"] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** Faults for the next calls of one target, first in, first out. */
export interface CallFaults {
  /** The next call gets this fault. */
  add(trouble: CallFault): void;
  /** The fault of the current call; null for none. */
  take(): CallFault | null;
  clear(): void;
}

export function createCallFaults(): CallFaults {
  const waiting: CallFault[] = [];
  return {
    add: (trouble) => void waiting.push(trouble),
    take: () => waiting.shift() ?? null,
    clear: () => void waiting.splice(0),
  };
}

/** The error a target throws for a fault, by the codes the ledger reads. */
export function errorOf(trouble: CallFault, area: "channel" | "shop"): DeskhandError {
  switch (trouble) {
    case "unavailable":
      return new DeskhandError(`${area}.unavailable`, "it answers 503");
    case "lost":
    case "unclear":
      return new DeskhandError(`${area}.uncertain`, "the answer was lost");
    case "refused":
      return new DeskhandError(`${area}.refused`, "it answers 422");
    default:
      throw new Error(`unknown trouble ${String(trouble satisfies never)}`);
  }
}

import { DeskhandError } from "#core/values/errors.ts";

/** What may go wrong with one call to the other side. `lost`: it happened, and the answer did not come back. */
export const TROUBLES = ["unavailable", "lost", "unclear", "refused"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Troubles that wait for the next calls of one target, first come, first served. */
export interface Troubles {
  /** The next call meets this. */
  add(trouble: Trouble): void;
  /** What the call that happens now meets; null for nothing. */
  take(): Trouble | null;
  clear(): void;
}

export function createTroubles(): Troubles {
  const waiting: Trouble[] = [];
  return {
    add: (trouble) => void waiting.push(trouble),
    take: () => waiting.shift() ?? null,
    clear: () => void waiting.splice(0),
  };
}

/** The error a target throws for a trouble, by the names the ledger reads. */
export function errorOf(trouble: Trouble, area: "channel" | "shop"): DeskhandError {
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

/** What a hostile request to the card beside a ticket is aimed at. */
import type { TestAccount } from "./bench.ts";

/** The case the attacker stands beside, and the one they are after. */
export const OWN = { id: "a".repeat(20), ticket: "35" } as const;
export const OTHER = { id: "b".repeat(20), ticket: "36" } as const;

export interface Target {
  readonly url: string;
  readonly account: TestAccount;
  /** A session and a code of the console, which open nothing here. */
  readonly consoleSession: string;
  readonly consoleCode: string;
}

/** One hostile request, and which check is there to refuse it. */
export interface Attack {
  readonly kind: string;
  readonly name: string;
  readonly send: (target: Target) => Promise<Response>;
}

/** The contract of the verifier: a second model reads a reply against numbered sources, and code checks its answer. */
import type { Finding } from "./guard.ts";

/** The kind of a finding that the verifier makes: a sentence that no quote from a source backs. */
export const UNBACKED = "unbacked";

/**
 * What a source is. Of `customer` nothing follows but that they wrote it; a `refusal` is something that was proposed and
 * not permitted, or never begun, and so backs only that it is not done. A step of a `procedure` says how the team works,
 * like a page, and never that it was done.
 */
type SourceKind =
  | "record"
  | "page"
  | "procedure"
  | "customer"
  | "sent"
  | "teammate"
  | "action"
  | "refusal";

/** Something a reply may rest on, as text of which parts can be quoted. */
export interface Source {
  readonly kind: SourceKind;
  /** As a person would name it: "order 2001, from the shop". Never the name of a tool. */
  readonly name: string;
  /** A record is one field a line, "order 2001: status shipped". */
  readonly text: string;
  /** The order a record is about; null for everything else. */
  readonly orderId: string | null;
}

/** A stretch of a reply with the quote that backs it. */
export interface BackedStatement {
  readonly words: string;
  /** The name of the source, and what it is. */
  readonly source: string;
  readonly kind: SourceKind;
  readonly quote: string;
}

/** What came of reading one reply against its sources. */
export interface Verification {
  /** `unverified`: the model gave no answer that can be used, so a person has to read every sentence. */
  readonly state: "read" | "unverified";
  /** Why it is unverified; empty when it was read. */
  readonly reason: string;
  /** Sentences without backing, of the kind `unbacked`. */
  readonly findings: readonly Finding[];
  readonly backed: readonly BackedStatement[];
  /** How many sentences of the reply there are, and how many of them state nothing; left out where nobody read. */
  readonly sentences?: { readonly all: number; readonly courtesies: number };
}

/** A reply that nobody has read, and why. */
export function unverified(reason: string): Verification {
  return { state: "unverified", reason, findings: [], backed: [] };
}

/** True when the reply was read to its end and every sentence that needs it has its quote. */
export function isBacked({ state, findings }: Verification): boolean {
  return state === "read" && findings.length === 0;
}

/** The contract of procedures in use: which of them fit what a customer wrote. */
import type { ChannelName } from "#core/values/vocabulary.ts";

/** What procedures are looked for by. */
export interface CaseWords {
  /** What the customer wrote of what they ask, the newest first. */
  readonly text: string;
  readonly channel: ChannelName;
  readonly brand: string;
  /** ISO 639-1 code of the customer's language; null when it cannot be detected. */
  readonly language: string | null;
}

/** A version of a procedure that a turn follows. */
export interface FollowedProcedure {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  /** The steps as written. */
  readonly body: string;
  /** The same one by one, under their numbers. */
  readonly steps: readonly { readonly number: number; readonly text: string }[];
}

/** Procedures in use. Never throws for what it finds: without a fitting one the answer is an empty list. */
export interface Procedures {
  /** The best fitting ones first, three at most. */
  fitting(asked: CaseWords, signal: AbortSignal): Promise<readonly FollowedProcedure[]>;
}

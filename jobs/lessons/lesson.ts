/** A lesson: what alike differences propose, and the change drafted from it. Types alone. */
import type { DecidedRow, DifferenceRow } from "#store/reports/draft-differences.ts";

/** A proposal. Nothing of it is in force before a person has written it, or leads have agreed. */
export interface Lesson {
  /** The number of its oldest difference; leads to it while that is kept. */
  readonly id: number;
  readonly change: ChangeKind;
  readonly topic: string;
  /** What it proposes, in one line. */
  readonly headline: string;
  /** The most typical difference first. */
  readonly differences: readonly DifferenceRow[];
  readonly conversations: number;
  /** How many teammates showed it. */
  readonly people: number;
  readonly newestAt: Date;
  /** How a lead decided; null while none has. */
  readonly decided: Pick<DecidedRow, "decision" | "decisionReason" | "decidedAt"> | null;
}

/** What a lead would change. */
export type ChangeKind = "page" | "procedure" | "tone" | "rule";

/** A text as it is and as it would be. */
export interface DraftedChange {
  readonly place: "page" | "procedure" | "policy";
  /** The page's slug or the procedure's name; empty for a new one, and for the policy. */
  readonly name: string;
  readonly title: string;
  /** Empty for a new text. */
  readonly before: string;
  /** The same as before where nothing could be drafted; the notes say why. */
  readonly after: string;
  /** What a lead should know before they accept it, each a sentence. */
  readonly notes: readonly string[];
  /** The rule's new greatest amount in minor units where that is the change; "denied" where it would deny. */
  readonly ruleChange?: { readonly upTo: number } | "denied";
}

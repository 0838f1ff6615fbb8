/**
 * Room: rehearsals: past tickets played through the turn of this installation, and judged beside what people did.
 * In: past tickets, the turn's parts, the answers of the past.
 * Out: rehearsed tickets, comparisons, figures with their intervals.
 * May touch: the tables of rehearsals; no channel, no target, no conversation.
 * This file: a draft beside a person's answer, by code alone.
 */
import type {
  Comparison,
  PastAction,
  PastOutcome,
  RehearsedAction,
} from "#core/values/rehearsal.ts";

/** One side of a comparison: what a person wrote and did. */
export interface PersonsSide {
  readonly text: string;
  readonly at: Date;
  /** Null where it is not known what they did. */
  readonly actions: readonly PastAction[] | null;
  readonly outcome: PastOutcome | null;
}

/** The other side: what the draft says and proposes. */
export interface DraftsSide {
  /** Empty where no text was written. */
  readonly text: string;
  /** As of when the draft counts "tomorrow". */
  readonly at: Date;
  /** Those the policy denied are left out of the comparison. */
  readonly actions: readonly Pick<
    RehearsedAction,
    "operation" | "orderId" | "amount" | "verdict"
  >[];
  readonly outcome: PastOutcome;
}

/** Compares a draft with what a person did. Pure; the same two sides compare the same at any time. */
export type Judge = (draft: DraftsSide, person: PersonsSide) => Comparison;

/** What a plan holds about the case of its conversation, as data. */
import type { Approval } from "#store/approvals/approvals.ts";
import type { CaseEntry } from "#store/cases/changes.ts";
import type { CaseFacts } from "#core/cases/same-case.ts";
import type { Conversation } from "#core/values/message.ts";

/** Another conversation of the case whose open messages the plan answers too. */
export interface CoveredConversation {
  readonly conversation: Conversation;
  /** Its card, which this plan ends; null when it had none yet. */
  readonly pending: Approval | null;
  /** Keys of the messages there that are answered here. */
  readonly keys: readonly string[];
}

/** The part of a plan that concerns the case. */
export interface PlannedCase {
  /** What later conversations are compared with; null when it is not proven who writes. */
  readonly entry: CaseEntry | null;
  /** The same as this turn is compared by; null with `entry`. */
  readonly facts: CaseFacts | null;
  /** True when the conversation may be part of no case from now on. */
  readonly leaves: boolean;
  readonly covers: readonly CoveredConversation[];
}

/** A plan that has nothing to do with a case. */
export const NO_CASE: PlannedCase = {
  entry: null,
  facts: null,
  leaves: false,
  covers: [],
};

/** The effects of an attempt, as plain data. */
import type { Action } from "#core/values/action.ts";
import type { Destination } from "#core/values/message.ts";
import type { ApprovalState } from "#core/values/approval.ts";

/** Whose conversation an attempt was made in, and what is theirs: everything else belongs to others. */
export interface Setting {
  /** The customer who was proven; null for none. */
  readonly customerId: string | null;
  /** The account of the proven or claimed address; null when it has none. */
  readonly accountId: string | null;
  readonly email: string | null;
  /** What the requester wrote themselves, without quotes, attachments and look-ups. */
  readonly ownWords: string;
  /** Everything the attacker and the requester know, because they wrote it. */
  readonly said: string;
  /** Where answers to them may go. */
  readonly destinations: readonly Destination[];
  /** Participants who wrote earlier in the same conversation: an answer to them may still be under way. */
  readonly others: readonly Setting[];
}

/** A change at the shop. */
export interface Change {
  readonly operation: "refund" | "change_address" | "reset_password" | "other";
  readonly orderId: string | null;
  readonly customerId: string | null;
  /** In minor units. */
  readonly minor: number | null;
}

/** All effects of an attempt outside Deskhand, as plain data: predicates use this and nothing else. */
export interface Happened {
  readonly changes: readonly Change[];
  /** Mails the shop sends because of a change. */
  readonly mails: readonly { readonly to: string }[];
  /** What was sent by a channel: replies, notes, hand-overs. */
  readonly sent: readonly Action[];
  /** The cards of the conversations. No card is clicked during an attempt. */
  readonly cards: readonly { readonly state: ApprovalState; readonly votes: number }[];
  readonly solved: boolean;
  /** True when people own the conversation now: then assigning it to their group was the hand-over itself. */
  readonly handedOver: boolean;
  /** The model's instructions. */
  readonly prompts: readonly string[];
  /** The model's tool calls, including numbers it guessed. */
  readonly called: string;
  /** True when the attacker's text was in the transcript of another customer's conversation. */
  readonly carried: boolean;
}

export const NOTHING_HAPPENED: Happened = {
  changes: [],
  mails: [],
  sent: [],
  cards: [],
  solved: false,
  handedOver: false,
  prompts: [],
  called: "",
  carried: false,
};

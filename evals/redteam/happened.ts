/** The data that predicates see: whose conversation it was, and what changed outside of Deskhand. */
import type { Action } from "#core/values/action.ts";
import type { Destination } from "#core/values/message.ts";
import type { ApprovalState } from "#core/values/approval.ts";

/** Whose conversation an attempt was made in, and what is theirs: everything else is somebody else's. */
export interface Setting {
  /** The customer who was proven; null when nobody was. */
  readonly customerId: string | null;
  /** The account of the address that was proven or claimed; null when it has none. */
  readonly accountId: string | null;
  readonly email: string | null;
  /** What the requester wrote themselves, and nothing that was quoted, attached or looked up. */
  readonly ownWords: string;
  /** Everything the attacker and the requester know, because they wrote it. */
  readonly said: string;
  /** Where answers to them may go. */
  readonly destinations: readonly Destination[];
  /** Those who wrote earlier in the same conversation: an answer to them may still be under way. */
  readonly others: readonly Setting[];
}

/** Something that was changed at the shop. */
export interface Change {
  readonly operation: "refund" | "change_address" | "reset_password" | "other";
  readonly orderId: string | null;
  readonly customerId: string | null;
  /** In minor units. */
  readonly minor: number | null;
}

/** Everything that came of an attempt outside of Deskhand, as plain data: predicates look at this and nothing else. */
export interface Happened {
  readonly changes: readonly Change[];
  /** Mails the shop sends because of a change. */
  readonly mails: readonly { readonly to: string }[];
  /** What left by a channel: replies, notes, hand-overs. */
  readonly sent: readonly Action[];
  /** The cards of the conversations. Nobody clicks during an attempt. */
  readonly cards: readonly { readonly state: ApprovalState; readonly votes: number }[];
  readonly solved: boolean;
  /** True when people own the conversation now: then giving it to their group was the hand-over itself. */
  readonly handedOver: boolean;
  /** The instructions the model was given. */
  readonly prompts: readonly string[];
  /** What the model asked the tools for, the numbers it guessed among it. */
  readonly called: string;
  /** True when the attacker's words stood in the transcript of somebody else's conversation. */
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

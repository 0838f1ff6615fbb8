/** The data that predicates see: whose conversation it was, and what changed outside of Deskhand. */
import type { Action } from "#core/values/action.ts";
import type { Destination } from "#core/values/message.ts";
import type { ApprovalState } from "#core/contracts/approval-desk.ts";

/** The customer of the attacked conversation and their data; everything else is third-party data. */
export interface AttackedCustomer {
  /** The customer with a proven identity; null without one. */
  readonly customerId: string | null;
  /** The account of the proven or claimed address; null when it has none. */
  readonly accountId: string | null;
  readonly email: string | null;
  /** What the requester wrote themselves, without quoted text, attachments or lookups. */
  readonly ownWords: string;
  /** Everything the attacker and the requester wrote and therefore know. */
  readonly said: string;
  /** Allowed destinations of answers to them. */
  readonly destinations: readonly Destination[];
  /** Earlier senders in the same conversation: an answer to them may still be under way. */
  readonly others: readonly AttackedCustomer[];
}

/** The changes a shop makes that predicates know. */
export const SHOP_OPERATIONS = [
  "refund",
  "cancel_order",
  "start_return",
  "exchange_item",
  "resend_invoice",
  "change_address",
  "reset_password",
] as const;

/** A change made at the shop. */
export interface ShopChange {
  readonly operation: (typeof SHOP_OPERATIONS)[number] | "other";
  readonly orderId: string | null;
  readonly customerId: string | null;
  /** The amount in minor units. */
  readonly minor: number | null;
}

/** All external effects of an attempt, as plain data: predicates see this and nothing else. */
export interface AttemptEffects {
  readonly changes: readonly ShopChange[];
  /** Mails the shop sends because of a change. */
  readonly mails: readonly { readonly to: string }[];
  /** What was sent by a channel: replies, notes, hand-overs. */
  readonly sent: readonly Action[];
  /** The cards of the conversations. No teammate clicks during an attempt. */
  readonly cards: readonly { readonly state: ApprovalState; readonly votes: number }[];
  readonly solved: boolean;
  /** True when teammates own the conversation now, so that the assignment to their group was the hand-over itself. */
  readonly handedOver: boolean;
  /** The instructions the model was given. */
  readonly prompts: readonly string[];
  /** The arguments of the model's tool calls, including numbers it guessed. */
  readonly called: string;
  /** True when the attacker's text appeared in the transcript of another customer's conversation. */
  readonly carried: boolean;
}

export const NO_EFFECTS: AttemptEffects = {
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

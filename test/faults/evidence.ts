/** The evidence for the judge: what was sent, what the other sides show, what the database holds. */

/** A message a customer wrote and that was accepted: from then on it has to end in exactly one outcome. */
export interface Sent {
  readonly channel: "email" | "chat" | "zendesk";
  /** The conversation as its writer knows it: a mail's subject, a chat's id, a ticket's number. */
  readonly conversation: string;
  /** What the message is called where it was written: Message-ID without brackets, message id, comment id. */
  readonly id: string;
  /** Tells its answer from others of the same conversation, where the channel has no "in reply to". */
  readonly answer: RegExp | null;
  /** One, except where a notice that things cannot be checked right now comes before the answer. */
  readonly answersMost: number;
}

/** Our text as the customer sees it, in the order it came. */
export interface Shown {
  readonly channel: Sent["channel"];
  readonly conversation: string;
  readonly id: string;
  /** The message it says it replies to; null where the channel has no such thing. */
  readonly inReplyTo: string | null;
  readonly text: string;
}

/** A refund the shop made. */
export interface Refund {
  readonly order: string;
  readonly amount: number;
  readonly key: string;
}

/** Another change of an order that the shop made, by the name its journal has for it: "return_started". */
export interface OrderChange {
  readonly what: string;
  readonly order: string;
  readonly key: string;
}

/** What mailboxes, chats, tickets and the shop show. */
export interface ExternalState {
  readonly sent: readonly Sent[];
  readonly shown: readonly Shown[];
  readonly refunds: readonly Refund[];
  /** The refunds there have to be, those done by hand included, by order. */
  readonly wanted: ReadonlyMap<string, readonly number[]>;
  /** Cancellations, returns, exchanges and invoices, by the shop's journal. */
  readonly changes: readonly OrderChange[];
  /** Those there have to be, each once. */
  readonly wantedChanges: readonly Pick<OrderChange, "what" | "order">[];
}

export interface StoredMessage {
  readonly id: number;
  readonly key: string;
  readonly inReplyTo: string | null;
  readonly conversationId: string;
  readonly outcome: string | null;
  /** When the turn that read it began, in milliseconds; null while none has. */
  readonly turnAt: number | null;
}

export interface StoredEffect {
  readonly key: string;
  readonly conversationId: string;
  readonly operation: string;
  readonly state: string;
  readonly ref: string | null;
  readonly text: string;
  readonly channel: string;
  readonly answers: readonly string[];
}

/** What the database holds, read with statements of the judge's own. */
export interface DatabaseState {
  readonly messages: readonly StoredMessage[];
  readonly effects: readonly StoredEffect[];
  readonly audit: readonly { readonly kind: string; readonly key: string | null }[];
  /** Entries whose link to the entry before does not fit. */
  readonly auditBroken: number;
  /** Messages that an open card asks about. */
  readonly asked: readonly string[];
  readonly unreadHints: number;
}

/** What is wrong, counted; all zero and no reasons when everything holds. */
export interface Verdict {
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly reasons: readonly string[];
}

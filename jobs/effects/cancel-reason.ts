/** Why something decided does not happen any more, as data and in words. Pure. */

import { formatMoney, type Money } from "#core/values/money.ts";
import type { SealBreak } from "#jobs/approval/seal.ts";

/** What differs at the shop from the order that a decision rests on. */
export type OrderChange = { readonly orderId: string } & (
  | { readonly what: "gone" | "other" }
  | { readonly what: "refunded"; readonly amount: Money }
  | { readonly what: "status"; readonly from: string; readonly to: string }
);

/** Why an effect does not begin, or an approval lapses. */
export type CancelReason =
  | { readonly why: "order"; readonly change: OrderChange }
  | { readonly why: "seal"; readonly break: SealBreak }
  /** The customer wrote, or the conversation went on, since it was decided. */
  | { readonly why: "news" }
  | { readonly why: "conversation_gone" }
  | { readonly why: "people_own"; readonly linked: boolean; readonly reason: string }
  /** In the words of its source, why the conversation may not be written to. */
  | { readonly why: "barred"; readonly words: string }
  /** In the words of its source, why the conversation cannot be read any more. */
  | { readonly why: "unreadable"; readonly words: string };

/** The reason as cards, the ledger and alerts have it: the end of a sentence. */
export function cancelText(reason: CancelReason): string {
  switch (reason.why) {
    case "order":
      return orderChangeText(reason.change);
    case "seal":
      return sealBreakText(reason.break);
    case "news":
      return "more was said after it was decided";
    case "conversation_gone":
      return "the conversation is gone";
    case "people_own":
      return `people own ${reason.linked ? "the linked" : "this"} conversation: ${reason.reason}`;
    case "barred":
    case "unreadable":
      return reason.words;
    default:
      throw new Error(`unknown reason ${String(reason satisfies never)}`);
  }
}

export function orderChangeText(change: OrderChange): string {
  const order = `order ${change.orderId}`;
  switch (change.what) {
    case "gone":
      return `${order} is gone`;
    case "refunded":
      return `${formatMoney(change.amount)} of ${order} was refunded meanwhile`;
    case "status":
      return `${order} is ${change.to} now, not ${change.from}`;
    case "other":
      return `${order} changed meanwhile`;
    default:
      throw new Error(`unknown change ${String(change satisfies never)}`);
  }
}

/** The reason shown when the decisions do not match the actions. */
export const UNFITTING = "its rules are not about what it would do";

function sealBreakText(broken: SealBreak): string {
  return broken.what === "state" ? `its approval is ${broken.state}` : BREAKS[broken.what];
}

const BREAKS = {
  absent: "no approval stands behind it",
  changed: "what was approved was changed",
  other_action: "it is not what was approved",
  unfitting: UNFITTING,
  too_few: "not enough people approved this",
} as const;

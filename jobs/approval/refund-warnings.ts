/** Warnings on the card of a refund, made from records alone. */

import type { PlannedAction } from "#core/values/action.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import { deliveryText } from "#core/values/card-text.ts";
import { dayText } from "#core/values/moment.ts";
import { formatMoney } from "#core/values/money.ts";
import { writesOfReturn } from "#text/about-text.ts";

/** What is known of the case beside the refund. */
interface Known {
  readonly actions: readonly PlannedAction[];
  /** Orders the card is about, as the shop shows them. */
  readonly orders: readonly OrderOnCard[];
  /** What the customer wrote in the messages it answers. */
  readonly words: string;
  /** When the first of them was sent; decides which years are written. */
  readonly since: string | null;
}

/**
 * One sentence for each reason to look twice at a refund: the order is not delivered, is not back although a return is
 * the reason, or was refunded before. That it is in another open case stands with the customer's other conversations.
 * Empty without a refund. Pure.
 */
export function refundWarnings({ actions, orders, words, since }: Known): string[] {
  const refunded = actions
    .filter(({ action }) => action.operation === "refund")
    .flatMap(({ facts }) => facts.map(({ orderId }) => orderId));
  const about = orders.filter(({ orderId }) => refunded.includes(orderId));
  return about.flatMap((order) => [
    ...notDelivered(order, since),
    ...notBack(order, words, since),
    ...refundedBefore(order),
  ]);
}

/** A state after which nothing is delivered any more says so itself. */
function notDelivered(order: OrderOnCard, since: string | null): readonly string[] {
  if (order.deliveredOn !== null || /^(?:delivered|cancell?ed|returned)\b/i.test(order.status))
    return [];
  return [`Order ${order.orderId} is not delivered: ${deliveryText(order, since)}`];
}

/** Without a look-up nothing is known about a return. */
function notBack(order: OrderOnCard, words: string, since: string | null): readonly string[] {
  const { orderId, item, status, deliveredOn, returnSince } = order;
  if (/^returned\b/i.test(status)) return [];
  if (returnSince !== null) {
    const day = dayText(returnSince, new Date(since ?? returnSince));
    return [`Order ${orderId} is to come back since ${day}, and the shop does not say that it has`];
  }
  return writesOfReturn(words) && deliveredOn !== null && item !== ""
    ? [`The customer writes about a return of order ${orderId}, and the shop knows of none`]
    : [];
}

function refundedBefore({ orderId, refunded }: OrderOnCard): readonly string[] {
  return refunded.minor === 0
    ? []
    : [`Order ${orderId} was refunded before: ${formatMoney(refunded)}`];
}

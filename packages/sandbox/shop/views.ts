/** What the sample shop shows of its state: decimal amounts, and only what the document promises. */

import { decimal, paymentIdOf, refundedMinor, refundsOf } from "./operations.ts";
import type { Order, Refund, ShopState } from "./state.ts";

/** A refund as it stands in an order. */
export function refundView(refund: Refund): Record<string, string | number> {
  return {
    id: refund.id,
    amount: decimal(refund.amount_minor),
    currency: refund.currency,
    idempotency_key: refund.idempotency_key,
    created_at: refund.created_at,
  };
}

/**
 * An order with its refunds; `paid` and `refunded` are sums in the order's currency. It was ordered on the day it was
 * paid, and a parcel has a tracking number once it has left.
 */
export function orderView(state: ShopState, order: Order): Record<string, unknown> {
  const { amount_minor, paid_on: ordered_on, shipping_address, ...facts } = order;
  return {
    ...facts,
    ordered_on,
    ...returnView(state, order),
    ...(order.shipped_on === undefined ? {} : { tracking: `OS-${order.id.padStart(8, "0")}` }),
    amount: decimal(amount_minor),
    paid: decimal(amount_minor),
    refunded: decimal(refundedMinor(state, order.id)),
    shipping_address,
    refunds: refundsOf(state, order.id).map(refundView),
  };
}

/** Whether its parcel is to come back, and since when. */
function returnView(state: ShopState, { id }: Order): Record<string, string> {
  const started = state.returns.find(({ order_id }) => order_id === id);
  return started === undefined
    ? {}
    : { return_started_on: started.created_at.slice(0, 10), return_kind: started.kind };
}

/** The payment that covers an order; each sample order was paid at once by card. */
export function paymentViews(state: ShopState, order: Order): Record<string, unknown>[] {
  return [
    {
      id: paymentIdOf(order),
      order_id: order.id,
      amount: decimal(order.amount_minor),
      currency: order.currency,
      method: "card",
      card_last4: "4242",
      status: "captured",
      paid_on: order.paid_on,
      refunded: decimal(refundedMinor(state, order.id)),
    },
  ];
}

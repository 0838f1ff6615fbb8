/** The shop as it was at an earlier moment, as far as the days in its records tell. */
import { isCancelled, type Order, type Shop } from "#core/contracts/shop.ts";

/** A shop that answers as of a moment, and what its answers were worth. */
export interface ShopAsOf {
  readonly shop: Shop;
  /** `none` before any order or payment was read; `today` as soon as one of them could only be shown as it is now. */
  answered(): "then" | "today" | "none";
}

/**
 * Shows orders and payments as of `at`: what was ordered, shipped, delivered, refunded or sent back later is not there
 * yet. Days count whole, so what happened on the day of the question is known. An order without the day it was ordered
 * on, and a cancelled one, whose day of cancelling no shop tells, is shown as it is today. So is an order that the customer
 * had `named` before the day it was ordered on, which cannot be right. Names and addresses are always today's.
 */
export function shopAsOf(shop: Shop, at: Date, named: (orderId: string) => boolean): ShopAsOf {
  const day = at.toISOString().slice(0, 10);
  const seen = { earlier: 0, today: 0 };
  const view = (order: Order): Order | null => {
    const known = orderAsOf(order, at);
    const earlier = known === null && named(order.id) ? "unknown" : known;
    seen[earlier === "unknown" ? "today" : "earlier"] += 1;
    return earlier === "unknown" ? order : earlier;
  };
  return {
    shop: {
      customer: (id, signal) => shop.customer(id, signal),
      customerByEmail: (email, signal) => shop.customerByEmail(email, signal),
      async orders(customerId, signal) {
        const orders = await shop.orders(customerId, signal);
        return orders.flatMap((order) => view(order) ?? []);
      },
      async order(orderId, signal) {
        const order = await shop.order(orderId, signal);
        return order === null ? null : view(order);
      },
      async payments(orderId, signal) {
        const payments = await shop.payments(orderId, signal);
        seen.earlier += 1;
        return payments.filter(({ paidOn }) => paidOn <= day);
      },
    },
    answered: () => (seen.today > 0 ? "today" : seen.earlier > 0 ? "then" : "none"),
  };
}

/** Null for an order that did not exist yet. */
function orderAsOf(order: Order, at: Date): Order | null | "unknown" {
  const day = at.toISOString().slice(0, 10);
  if (order.orderedOn === null || isCancelled(order)) return "unknown";
  if (order.orderedOn > day) return null;
  const refunds = order.refunds.filter(({ createdAt }) => Date.parse(createdAt) <= at.getTime());
  const isOn = (known: string | null): boolean => known !== null && known <= day;
  const has = { left: isOn(order.shippedOn), arrived: isOn(order.deliveredOn) };
  return {
    ...order,
    refunds,
    status: statusAsOf(order, has),
    shippedOn: has.left ? order.shippedOn : null,
    deliveredOn: has.arrived ? order.deliveredOn : null,
    tracking: has.left || order.shippedOn === null ? order.tracking : null,
    returning: order.returning !== null && order.returning.since <= day ? order.returning : null,
  };
}

/** The shop's own word, unless something that it names happened later. */
function statusAsOf(
  { status, shippedOn, deliveredOn }: Order,
  has: { readonly left: boolean; readonly arrived: boolean },
): string {
  if (deliveredOn !== null && !has.arrived) return has.left ? "shipped" : "processing";
  return shippedOn !== null && !has.left ? "processing" : status;
}

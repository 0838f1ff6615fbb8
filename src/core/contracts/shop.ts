/** The contract for reading the shop, and its records. */
import { z } from "zod";
import type { OrderFacts } from "#core/values/action.ts";
import { Money } from "#core/values/money.ts";

/** One refund the shop has booked. */
export const Refund = z.strictObject({
  id: z.string(),
  amount: Money,
  key: z.string(),
  createdAt: z.string(),
});
export type Refund = z.infer<typeof Refund>;

/** An order as tools may show it to the model; the code keeps track of whose it is. */
export const Order = z.strictObject({
  id: z.string(),
  customerId: z.string(),
  item: z.string(),
  amount: Money,
  status: z.string(),
  paid: Money,
  refunds: z.array(Refund),
  /** Null where the shop does not say. */
  orderedOn: z.iso.date().nullable(),
  shippedOn: z.iso.date().nullable(),
  deliveredOn: z.iso.date().nullable(),
  dueOn: z.iso.date().nullable(),
  /** Since when its parcel is to come back, and for what; null when no return was started. */
  returning: z
    .strictObject({ since: z.iso.date(), kind: z.enum(["return", "exchange"]) })
    .nullable(),
  /** The carrier's number of the parcel; null before it has left, and where the shop does not say. */
  tracking: z.string().nullable(),
  shippingAddress: z.string(),
});
export type Order = z.infer<typeof Order>;

export const Customer = z.strictObject({ id: z.string(), name: z.string(), email: z.string() });
export type Customer = z.infer<typeof Customer>;

export const Payment = z.strictObject({
  orderId: z.string(),
  amount: Money,
  method: z.string(),
  paidOn: z.iso.date(),
});
export type Payment = z.infer<typeof Payment>;

/**
 * Reads the shop. Absence is `null`; an unavailable shop throws `shop.unavailable`, which means something else. Writing
 * goes through the shop's `Target`, never through here.
 */
export interface Shop {
  customer(customerId: string, signal: AbortSignal): Promise<Customer | null>;
  customerByEmail(email: string, signal: AbortSignal): Promise<Customer | null>;
  orders(customerId: string, signal: AbortSignal): Promise<readonly Order[]>;
  order(orderId: string, signal: AbortSignal): Promise<Order | null>;
  payments(orderId: string, signal: AbortSignal): Promise<readonly Payment[]>;
}

/** True for an order that its shop calls cancelled, in either spelling. */
export function isCancelled({ status }: Pick<Order, "status">): boolean {
  return /^cancell?ed\b/i.test(status);
}

/** The order facts that a seal covers. Refunds in another currency are not added up with others: theirs are told. */
export function sealedOrderFacts(order: Order): OrderFacts {
  const { currency: paidIn } = order.paid;
  const other = order.refunds.find(({ amount }) => amount.currency !== paidIn);
  const currency = other?.amount.currency ?? paidIn;
  const refunded = order.refunds
    .filter(({ amount }) => amount.currency === currency)
    .reduce((sum, refund) => sum + refund.amount.minor, 0);
  return {
    orderId: order.id,
    customerId: order.customerId,
    status: order.status,
    paid: order.paid,
    refunded: { minor: refunded, currency },
    refundCount: order.refunds.length,
    deliveredOn: order.deliveredOn,
  };
}

/** Schemas of the shop's API. */

import { fromDecimal } from "#core/values/money.ts";
import type { Customer, Order, Payment, Refund } from "#core/contracts/shop.ts";
import { z } from "zod";

/**
 * What the shop's API answers, as far as Deskhand uses it. Unknown fields are let through, because a shop may add some;
 * amounts are decimal numbers in the major unit and become whole minor units here, the only place that sees them.
 */

const Day = z.iso.date().nullish();
const Currency = z.string().regex(/^[A-Z]{3}$/);

export const WireCustomer = z
  .object({ id: z.string().min(1), name: z.string(), email: z.string() })
  .transform(({ id, name, email }): Customer => ({ id, name, email }));

export const WireRefund = z
  .object({
    id: z.string().min(1),
    amount: z.number(),
    currency: Currency,
    /** Empty for a refund made by hand, and in a shop that stores no keys. */
    idempotency_key: z.string().nullish(),
    created_at: z.string(),
  })
  .transform((refund): Refund => ({
    id: refund.id,
    amount: fromDecimal(refund.amount, refund.currency),
    key: refund.idempotency_key ?? "",
    createdAt: refund.created_at,
  }));

export const WireOrder = z
  .object({
    id: z.string().min(1),
    customer_id: z.string().min(1),
    item: z.string(),
    amount: z.number(),
    currency: Currency,
    status: z.string(),
    paid: z.number(),
    refunds: z.array(WireRefund),
    ordered_on: Day,
    return_started_on: Day,
    return_kind: z.enum(["return", "exchange"]).nullish(),
    tracking: z.string().max(100).nullish(),
    shipped_on: Day,
    delivered_on: Day,
    due_on: Day,
    shipping_address: z.string(),
  })
  .transform((order): Order => ({
    id: order.id,
    customerId: order.customer_id,
    item: order.item,
    amount: fromDecimal(order.amount, order.currency),
    status: order.status,
    paid: fromDecimal(order.paid, order.currency),
    refunds: order.refunds,
    orderedOn: order.ordered_on ?? null,
    shippedOn: order.shipped_on ?? null,
    deliveredOn: order.delivered_on ?? null,
    dueOn: order.due_on ?? null,
    returning:
      order.return_started_on == null
        ? null
        : { since: order.return_started_on, kind: order.return_kind ?? "return" },
    tracking: order.tracking ?? null,
    shippingAddress: order.shipping_address,
  }));

export const WirePayment = z
  .object({
    order_id: z.string().min(1),
    amount: z.number(),
    currency: Currency,
    method: z.string(),
    card_last4: z.string().optional(),
    paid_on: z.iso.date(),
  })
  .transform((payment): Payment => ({
    orderId: payment.order_id,
    amount: fromDecimal(payment.amount, payment.currency),
    method:
      payment.card_last4 === undefined
        ? payment.method
        : `${payment.method} ending in ${payment.card_last4}`,
    paidOn: payment.paid_on,
  }));

/** Answers to writes: enough to prove that the shop did what was asked and to refer to it later. */
export const RefundReceipt = z
  .object({ id: z.string().min(1), order_id: z.string(), amount: z.number(), currency: Currency })
  .transform(({ id, order_id, amount, currency }) => ({
    id,
    orderId: order_id,
    amount: fromDecimal(amount, currency),
  }));
export const AddressReceipt = z.object({ order_id: z.string(), shipping_address: z.string() });
export const ResetReceipt = z.object({ customer_id: z.string() });

export const CancelReceipt = z
  .object({ order_id: z.string(), refunded: z.number(), currency: Currency })
  .transform(({ order_id, refunded, currency }) => ({
    orderId: order_id,
    refunded: fromDecimal(refunded, currency),
  }));
export const ReturnReceipt = z.object({ order_id: z.string(), kind: z.string() });
export const InvoiceReceipt = z.object({ order_id: z.string() });

/** What the shop has recorded under a key. */
export const Operation = z.object({
  idempotency_key: z.string(),
  operation: z.string(),
  target: z.string(),
  result: z.unknown(),
});

/** The shop's own error envelope. A body without it comes from a proxy in front of the shop. */
export const WireError = z.object({
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }),
});

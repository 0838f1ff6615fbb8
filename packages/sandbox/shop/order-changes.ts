/**
 * What the sample shop does with a whole order besides refunding it: cancelling it before it leaves, taking it back or
 * exchanging it afterwards, and mailing its invoice once more. The rules of a write are those of operations.ts.
 */

import { randomBytes } from "node:crypto";
import {
  customerById,
  type Asked,
  bookRefund,
  decimal,
  maskAddress,
  orderById,
  refundedMinor,
  runOnce,
  type ShopContext,
  tell,
  type WriteResult,
} from "./operations.ts";
import { type CancelRequest, ShopError } from "./schema.ts";
import type { Order, ShopState } from "./state.ts";

/** A delivered item can come back for so many whole days. */
const RETURN_DAYS = 30;
/** A parcel that is to come back is handed in within so many days. */
const SEND_WITHIN_DAYS = 14;
const DAY_MS = 86_400_000;

/**
 * Cancels an order that has not left the warehouse and sends what was paid for it back to its own payment. Refused with
 * 409 `already_shipped` or `already_cancelled`, and with 422 `amount_mismatch` when another amount would go back.
 */
export function cancelOrder(
  context: ShopContext,
  asked: Asked,
  request: CancelRequest,
): WriteResult {
  const { state } = context.file;
  const { id: orderId, key } = asked;
  const order = orderById(state, orderId);
  const body = JSON.stringify([request.refund, request.currency]);
  return runOnce(context, "cancelOrder", { ...asked, request: body }, (at) => {
    refuseUnlessInWarehouse(order);
    const left = order.amount_minor - refundedMinor(state, orderId);
    if (request.currency !== order.currency || Math.round(request.refund * 100) !== left)
      throw new ShopError(
        422,
        "amount_mismatch",
        `refund must be ${decimal(left).toFixed(2)} ${order.currency}, what was paid less what was refunded`,
        "refund",
      );
    order.status = "cancelled";
    if (left > 0) bookRefund(state, order, { key, at, minor: left });
    tell(state, customerById(state, order.customer_id), {
      operation: "cancelOrder",
      asked,
      at,
      subject: `Order ${orderId} was cancelled`,
      text: `your order ${orderId} (${order.item}) was cancelled before it was shipped. ${decimal(left).toFixed(2)} ${order.currency} goes back to the card you paid with.`,
    });
    const result = {
      order_id: orderId,
      status: order.status,
      refunded: decimal(left),
      currency: order.currency,
      cancelled_at: at,
    };
    const details = { ...result, amount: decimal(left), idempotency_key: key };
    state.journal.push({ at, effect: "order_cancelled", details });
    return result;
  });
}

function refuseUnlessInWarehouse({ status }: Order): void {
  if (status === "cancelled")
    throw new ShopError(409, "already_cancelled", "the order is cancelled already");
  if (status !== "processing")
    throw new ShopError(
      409,
      "already_shipped",
      "the order has left the warehouse; it cannot be cancelled any more",
    );
}

/**
 * Starts a return: a label goes to the address on file. Refused with 409 `not_delivered`, `return_period_over` or
 * `already_returning`; once for an order, whether as a return or as an exchange.
 */
export function startReturn(context: ShopContext, asked: Asked): WriteResult {
  return takeBack(context, asked, {
    operation: "startReturn",
    kind: "return",
    effect: "return_started",
    words: "What you paid goes back to your card once the parcel has reached us.",
  });
}

/** The same, and another one of the item is sent once the parcel is back. */
export function exchangeItem(context: ShopContext, asked: Asked): WriteResult {
  return takeBack(context, asked, {
    operation: "exchangeItem",
    kind: "exchange",
    effect: "exchange_started",
    words: "A new one is sent to you once the parcel has reached us.",
  });
}

function takeBack(
  context: ShopContext,
  asked: Asked,
  how: {
    readonly operation: "startReturn" | "exchangeItem";
    readonly kind: "return" | "exchange";
    readonly effect: string;
    readonly words: string;
  },
): WriteResult {
  const { state } = context.file;
  const { id: orderId, key } = asked;
  const order = orderById(state, orderId);
  const { kind, operation } = how;
  return runOnce(context, operation, asked, (at) => {
    refuseUnlessReturnable(state, order, at);
    const id = `rt_${randomBytes(8).toString("hex")}`;
    state.returns.push({ id, order_id: orderId, kind, created_at: at });
    const send_by = dayAfter(at.slice(0, 10), SEND_WITHIN_DAYS);
    const customer = customerById(state, order.customer_id);
    tell(state, customer, {
      operation,
      asked,
      at,
      subject: `Your return label for order ${orderId}`,
      text: `please stick this label on the parcel and hand it in by ${send_by}:\n\nOurShop Returns · ${id} · order ${orderId} (${order.item})\n\n${how.words}`,
    });
    const result = {
      id,
      order_id: orderId,
      kind,
      label_sent_to: maskAddress(customer.email),
      send_by,
      created_at: at,
    };
    state.journal.push({ at, effect: how.effect, details: { ...result, idempotency_key: key } });
    return result;
  });
}

function refuseUnlessReturnable(state: ShopState, order: Order, at: string): void {
  if (order.delivered_on === undefined)
    throw new ShopError(409, "not_delivered", "the order has not been delivered");
  if (state.returns.some(({ order_id }) => order_id === order.id))
    throw new ShopError(409, "already_returning", "a return of the order was started already");
  if (at.slice(0, 10) > dayAfter(order.delivered_on, RETURN_DAYS))
    throw new ShopError(
      409,
      "return_period_over",
      `the order was delivered more than ${RETURN_DAYS} days ago`,
    );
}

/** Mails the invoice once more, to the address on file. */
export function resendInvoice(context: ShopContext, asked: Asked): WriteResult {
  const { state } = context.file;
  const { id: orderId, key } = asked;
  const order = orderById(state, orderId);
  const customer = customerById(state, order.customer_id);
  return runOnce(context, "resendInvoice", asked, (at) => {
    tell(state, customer, {
      operation: "resendInvoice",
      asked,
      at,
      subject: `Your invoice for order ${orderId}`,
      text: `here is your invoice once more.\n\nInvoice for order ${orderId} of ${order.paid_on}\n${order.item}: ${decimal(order.amount_minor).toFixed(2)} ${order.currency}, paid by card`,
    });
    const result = { order_id: orderId, sent_to: maskAddress(customer.email), sent_at: at };
    state.journal.push({
      at,
      effect: "invoice_sent",
      details: { ...result, idempotency_key: key },
    });
    return result;
  });
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * What the sample shop does with a whole order besides refunding it: cancelling it before it leaves, taking it back or
 * exchanging it afterwards, and mailing its invoice once more. The rules of a write are those of operations.ts.
 */

import { randomBytes } from "node:crypto";
import {
  customerById,
  decimal,
  maskAddress,
  NO_KEY,
  orderById,
  paymentIdOf,
  refundedMinor,
  runOnce,
  type ShopContext,
  type WriteResult,
} from "./operations.ts";
import { type CancelRequest, ShopError } from "./schema.ts";
import { digest, type Operation, type Order, type ShopState } from "./state.ts";

/** A delivered item can come back for so many whole days. */
const RETURN_DAYS = 30;
/** A parcel that is to come back is handed in within so many days. */
const SEND_WITHIN_DAYS = 14;
const DAY_MS = 86_400_000;

/** Which order, and under which key. */
interface Asked {
  readonly orderId: string;
  readonly key: string;
}

/**
 * Cancels an order that has not left the warehouse and sends what was paid for it back to its own payment. Refused with
 * 409 `already_shipped` or `already_cancelled`, and with 422 `amount_mismatch` when another amount would go back.
 */
export function cancelOrder(
  context: ShopContext,
  { orderId, key }: Asked,
  request: CancelRequest,
): WriteResult {
  const { state } = context.file;
  const order = orderById(state, orderId);
  const body = digest(JSON.stringify([request.refund, request.currency]));
  return runOnce(context, attemptOf("cancelOrder", { orderId, key }, body), (at) => {
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
    if (left > 0)
      state.refunds.push({
        id: `re_${randomBytes(8).toString("hex")}`,
        order_id: orderId,
        amount_minor: left,
        currency: order.currency,
        payment_id: paymentIdOf(order),
        idempotency_key: key,
        created_at: at,
      });
    tell(state, order, {
      id: `cancelOrder ${keyOr(key, at)}`,
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
  { orderId, key }: Asked,
  how: {
    readonly operation: "startReturn" | "exchangeItem";
    readonly kind: "return" | "exchange";
    readonly effect: string;
    readonly words: string;
  },
): WriteResult {
  const { state } = context.file;
  const order = orderById(state, orderId);
  const { kind } = how;
  return runOnce(context, attemptOf(how.operation, { orderId, key }, digest("")), (at) => {
    refuseUnlessReturnable(state, order, at);
    const id = `rt_${randomBytes(8).toString("hex")}`;
    state.returns.push({ id, order_id: orderId, kind, created_at: at });
    const send_by = dayAfter(at.slice(0, 10), SEND_WITHIN_DAYS);
    const customer = tell(state, order, {
      id: `${how.operation} ${keyOr(key, at)}`,
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
export function resendInvoice(context: ShopContext, { orderId, key }: Asked): WriteResult {
  const { state } = context.file;
  const order = orderById(state, orderId);
  return runOnce(context, attemptOf("resendInvoice", { orderId, key }, digest("")), (at) => {
    const customer = tell(state, order, {
      id: `resendInvoice ${keyOr(key, at)}`,
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

function attemptOf(
  operation: Operation["operation"],
  { orderId, key }: Asked,
  body_digest: string,
): Omit<Operation, "result" | "created_at"> {
  return { idempotency_key: key, operation, target: orderId, body_digest };
}

/** A shop that keeps no keys tells its mails apart by their time. */
function keyOr(key: string, at: string): string {
  return key === NO_KEY ? at : key;
}

/** Puts a mail to the owner of the order into the outbox, at their address on file. */
function tell(
  state: ShopState,
  order: Order,
  mail: { readonly id: string; readonly subject: string; readonly text: string },
): ShopState["customers"][number] {
  const customer = customerById(state, order.customer_id);
  state.outbox.push({
    id: digest(`${mail.id} ${order.id}`),
    to: customer.email,
    subject: mail.subject,
    text: `Hello ${customer.name},\n\n${mail.text}\n\nOurShop\n`,
  });
  return customer;
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

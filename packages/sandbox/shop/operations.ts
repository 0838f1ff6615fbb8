/**
 * What the sample shop can do. Each write runs to its end without waiting for anything, so two calls can never
 * interleave: check, change, record under the idempotency key, save, answer.
 *
 * The same key with the same request answers what was answered before. The same key with another request is a mistake
 * of the caller and refused. A refused request records nothing: it may be tried again under its key.
 */

import { randomBytes } from "node:crypto";
import { RefundRequest, ShopError, type AddressRequest } from "./schema.ts";
import {
  digest,
  type Operation,
  type Order,
  type Refund,
  type ShopState,
  type StateFile,
} from "./state.ts";
import type { z } from "zod";

/** The key of a write in a shop that keeps none. */
export const NO_KEY = "";

const RESET_VALID_MS = 24 * 60 * 60 * 1000;

/** The answer to a write: what was done, and whether it had been done before under the same key. */
export interface WriteResult {
  readonly result: Operation["result"];
  readonly replayed: boolean;
}

/** What the operations need besides their input. */
export interface ShopContext {
  readonly file: StateFile;
  readonly now: () => Date;
  /** The public address of this shop, for links in mails; read late, since the port is known only once it listens. */
  readonly baseUrl: () => string;
}

/** Minor units as the decimal number the API speaks: 2550 is 25.5. */
export function decimal(minor: number): number {
  return minor / 100;
}

/** The customer, or 404 `customer_not_found`. */
export function customerById(state: ShopState, id: string): ShopState["customers"][number] {
  const customer = state.customers.find((candidate) => candidate.id === id);
  if (customer === undefined)
    throw new ShopError(404, "customer_not_found", "there is no such customer");
  return customer;
}

/** The order, or 404 `order_not_found`. */
export function orderById(state: ShopState, id: string): Order {
  const order = state.orders.find((candidate) => candidate.id === id);
  if (order === undefined) throw new ShopError(404, "order_not_found", "there is no such order");
  return order;
}

/** What went back on an order, oldest first. */
export function refundsOf(state: ShopState, orderId: string): Refund[] {
  return state.refunds.filter((refund) => refund.order_id === orderId);
}

/** How much went back on an order, in minor units. */
export function refundedMinor(state: ShopState, orderId: string): number {
  return refundsOf(state, orderId).reduce((sum, refund) => sum + refund.amount_minor, 0);
}

/** The one payment of an order; refunds go back to it and nowhere else. */
export function paymentIdOf(order: Order): string {
  return `pay_${order.id}`;
}

/** Finds what was done under a key, or refuses when the key was used for something else. */
function operationUnderKey(
  state: ShopState,
  attempt: Omit<Operation, "result" | "created_at">,
): Operation | undefined {
  const known = state.operations.find(
    (candidate) => candidate.idempotency_key === attempt.idempotency_key,
  );
  if (known === undefined) return undefined;
  const same =
    known.operation === attempt.operation &&
    known.target === attempt.target &&
    known.body_digest === attempt.body_digest;
  if (same) return known;
  throw new ShopError(
    409,
    "idempotency_conflict",
    "this Idempotency-Key was used for a different request",
  );
}

/** What a write is about, an order or a customer, and under which key. */
export interface Asked {
  readonly id: string;
  readonly key: string;
}

/**
 * Runs an effect once for its key, and answers again what was answered to this request. The effect throws what it refuses
 * before it changes anything.
 */
export function runOnce(
  context: ShopContext,
  operation: Operation["operation"],
  { id: target, key, request = "" }: Asked & { readonly request?: string },
  effect: (at: string) => Operation["result"],
): WriteResult {
  const { state } = context.file;
  const attempt = { idempotency_key: key, operation, target, body_digest: digest(request) };
  const known = key === NO_KEY ? undefined : operationUnderKey(state, attempt);
  if (known !== undefined) return { result: known.result, replayed: true };
  const at = context.now().toISOString();
  const result = effect(at);
  if (key !== NO_KEY) state.operations.push({ ...attempt, result, created_at: at });
  context.file.save();
  return { result, replayed: false };
}

/** Puts a mail to a customer into the outbox, at their address on file. A shop that keeps no keys tells mails apart by time. */
export function tell(
  { outbox }: ShopState,
  { name, email }: ShopState["customers"][number],
  mail: {
    readonly operation: Operation["operation"];
    readonly asked: Asked;
    readonly at: string;
    readonly subject: string;
    readonly text: string;
  },
): void {
  const { operation, asked, at, subject, text } = mail;
  outbox.push({
    id: digest(`${operation} ${asked.key === NO_KEY ? at : asked.key} ${asked.id}`),
    to: email,
    subject,
    text: `Hello ${name},\n\n${text}\n\nOurShop\n`,
  });
}

/**
 * Sends money back to the order's own payment, at most what was paid less what went back already.
 * Refused with 422 `amount_exceeds_refundable`, `currency_mismatch` or `payment_mismatch`.
 */
export function createRefund(
  context: ShopContext,
  { id: orderId, key }: Asked,
  request: RefundRequest,
  refuse: () => boolean,
): WriteResult {
  const { state } = context.file;
  const order = orderById(state, orderId);
  const body = JSON.stringify(RefundRequest.parse(request));
  return runOnce(context, "createRefund", { id: orderId, key, request: body }, (at) => {
    const amountMinor = Math.round(request.amount * 100);
    const refundable = order.amount_minor - refundedMinor(state, orderId);
    if (request.currency !== order.currency)
      throw new ShopError(
        422,
        "currency_mismatch",
        `currency must be ${order.currency}`,
        "currency",
      );
    if (request.payment_id !== undefined && request.payment_id !== paymentIdOf(order))
      throw new ShopError(
        422,
        "payment_mismatch",
        "payment_id must be the order's own payment",
        "payment_id",
      );
    if (amountMinor > refundable)
      throw new ShopError(
        422,
        "amount_exceeds_refundable",
        `amount must be at most ${decimal(refundable).toFixed(2)}, what was paid less what was refunded`,
        "amount",
      );
    if (refuse())
      throw new ShopError(422, "refund_refused", "the payment provider refused the refund");
    const refund = bookRefund(state, order, { key, at, minor: amountMinor });
    const { amount_minor: _, ...rest } = refund;
    const result = { ...rest, amount: decimal(amountMinor) };
    state.journal.push({ at, effect: "refund_created", details: result });
    return result;
  });
}

/** Books money that goes back to the order's own payment. */
export function bookRefund(
  state: ShopState,
  order: Order,
  { key, at, minor }: { readonly key: string; readonly at: string; readonly minor: number },
): Refund {
  const refund: Refund = {
    id: `re_${randomBytes(8).toString("hex")}`,
    order_id: order.id,
    amount_minor: minor,
    currency: order.currency,
    payment_id: paymentIdOf(order),
    idempotency_key: key,
    created_at: at,
  };
  state.refunds.push(refund);
  return refund;
}

/**
 * Changes where an order goes, as long as it has not left the warehouse, and tells the contact on file about it: the
 * person who owns the account learns of a change another person may have asked for.
 */
export function changeAddress(
  context: ShopContext,
  asked: Asked,
  { shipping_address: address }: z.infer<typeof AddressRequest>,
): WriteResult {
  const { state } = context.file;
  const { id: orderId, key } = asked;
  const order = orderById(state, orderId);
  return runOnce(context, "changeAddress", { ...asked, request: address }, (at) => {
    if (order.status !== "processing")
      throw new ShopError(
        409,
        "already_shipped",
        "the order has left the warehouse; its address cannot change",
      );
    const previous = order.shipping_address;
    order.shipping_address = address;
    tell(state, customerById(state, order.customer_id), {
      operation: "changeAddress",
      asked,
      at,
      subject: `The shipping address of order ${orderId} was changed`,
      text: `the shipping address of your order ${orderId} (${order.item}) was changed.\n\nIt was:\n${previous}\n\nIt is now:\n${address}\n\nIf this was not you, please answer support@ourshop.test at once.`,
    });
    const result = { order_id: orderId, shipping_address: address, changed_at: at };
    state.journal.push({
      at,
      effect: "address_changed",
      details: { ...result, idempotency_key: key, previous },
    });
    return result;
  });
}

/**
 * Mails a reset link to the address on file. The link is in that mail only: neither the answer nor the journal holds
 * it, and the state keeps its digest once the mail is out.
 */
export function resetPassword(context: ShopContext, asked: Asked): WriteResult {
  const { state } = context.file;
  const { id: customerId, key } = asked;
  const customer = customerById(state, customerId);
  return runOnce(context, "resetPassword", asked, (at) => {
    const token = randomBytes(24).toString("base64url");
    const expires = new Date(Date.parse(at) + RESET_VALID_MS).toISOString();
    state.resets.push({
      token_digest: digest(token),
      customer_id: customerId,
      expires_at: expires,
    });
    tell(state, customer, {
      operation: "resetPassword",
      asked,
      at,
      subject: "Reset your OurShop password",
      text: `to choose a new password, open this link within 60 minutes:\n\n${context.baseUrl()}/reset/${token}\n\nIf you did not ask for this, you can ignore this mail.`,
    });
    const result = {
      customer_id: customerId,
      sent_to: maskAddress(customer.email),
      expires_at: expires,
      requested_at: at,
    };
    state.journal.push({
      at,
      effect: "password_reset_sent",
      details: { ...result, idempotency_key: key },
    });
    return result;
  });
}

/** Shows whose address it is without giving it away: ann@customer.test becomes a***@customer.test. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, 1)}***${address.slice(at)}`;
}

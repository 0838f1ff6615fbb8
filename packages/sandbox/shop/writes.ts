/** The writes of the sample shop: what each checks, changes, answers and tells the customer. */

import { randomBytes } from "node:crypto";
import { aboutCustomer, aboutOrder, decimal, leftMinor, paymentIdOf, write } from "./operations.ts";
import { AddressRequest, CancelRequest, EmptyRequest, RefundRequest, ShopError } from "./schema.ts";
import { digest, type Order, type Refund, type ShopState } from "./state.ts";

const RESET_VALID_MS = 60 * 60 * 1000;
/** A delivered item can come back for so many whole days. */
const RETURN_DAYS = 30;
/** A parcel that is to come back is handed in within so many days. */
const SEND_WITHIN_DAYS = 14;
const DAY_MS = 86_400_000;

/**
 * Sends money back to the order's own payment, at most what was paid less what went back already.
 * Refused with 422 `amount_exceeds_refundable`, `currency_mismatch` or `payment_mismatch`.
 */
export const createRefund = write({
  path: "/orders/:id/refunds",
  operation: "createRefund",
  takes: RefundRequest,
  asks: (request) => JSON.stringify(request),
  effect: "refund_created",
  find: aboutOrder,
  change({ order, state, faults, key, at }, request) {
    const minor = Math.round(request.amount * 100);
    const refundable = leftMinor(state, order);
    if (request.currency !== order.currency)
      throw refusal("currency_mismatch", `currency must be ${order.currency}`, "currency");
    if (request.payment_id !== undefined && request.payment_id !== paymentIdOf(order))
      throw refusal("payment_mismatch", "payment_id must be the order's own payment", "payment_id");
    if (minor > refundable)
      throw refusal(
        "amount_exceeds_refundable",
        `amount must be at most ${decimal(refundable).toFixed(2)}, what was paid less what was refunded`,
        "amount",
      );
    if (faults.take("refuse_refunds") !== undefined)
      throw refusal("refund_refused", "the payment provider refused the refund");
    const { amount_minor: _, ...refund } = bookRefund(state, order, { key, at, minor });
    return { result: { ...refund, amount: decimal(minor) } };
  },
});

/**
 * Changes where an order goes, as long as it has not left the warehouse, and tells the contact on file about it: the
 * person who owns the account learns of a change another person may have asked for.
 */
const changeAddress = write({
  path: "/orders/:id/address",
  operation: "changeAddress",
  takes: AddressRequest,
  asks: ({ shipping_address: address }) => address,
  effect: "address_changed",
  find: aboutOrder,
  change({ order, at }, { shipping_address }) {
    if (order.status !== "processing")
      throw conflict(
        "already_shipped",
        "the order has left the warehouse; its address cannot change",
      );
    const { id, item, shipping_address: previous } = order;
    order.shipping_address = shipping_address;
    return {
      result: { order_id: id, shipping_address, changed_at: at },
      details: { previous },
      mail: {
        subject: `The shipping address of order ${id} was changed`,
        text: `the shipping address of your order ${id} (${item}) was changed.\n\nIt was:\n${previous}\n\nIt is now:\n${shipping_address}\n\nIf this was not you, please answer support@ourshop.test at once.`,
      },
    };
  },
});

/**
 * Mails a reset link to the address on file. The link is in that mail only: neither the answer nor the journal holds
 * it, and the state keeps its digest once the mail is out.
 */
const resetPassword = write({
  path: "/customers/:id/password-reset",
  operation: "resetPassword",
  takes: EmptyRequest,
  effect: "password_reset_sent",
  find: aboutCustomer,
  change({ customer: { id: customer_id, email }, state, baseUrl, at }) {
    const token = randomBytes(24).toString("base64url");
    const expires_at = new Date(Date.parse(at) + RESET_VALID_MS).toISOString();
    state.resets.push({ token_digest: digest(token), customer_id, expires_at });
    return {
      result: { customer_id, sent_to: maskAddress(email), expires_at, requested_at: at },
      mail: {
        subject: "Reset your OurShop password",
        text: `to choose a new password, open this link within 60 minutes:\n\n${baseUrl()}/reset/${token}\n\nIf you did not ask for this, you can ignore this mail.`,
      },
    };
  },
});

/**
 * Cancels an order that has not left the warehouse and sends what was paid for it back to its own payment. Refused with
 * 409 `already_shipped` or `already_cancelled`, and with 422 `amount_mismatch` when another amount would go back.
 */
const cancelOrder = write({
  path: "/orders/:id/cancellation",
  operation: "cancelOrder",
  takes: CancelRequest,
  asks: ({ refund, currency }) => JSON.stringify([refund, currency]),
  effect: "order_cancelled",
  find: aboutOrder,
  change({ order, state, key, at }, request) {
    refuseUnlessInWarehouse(order);
    const { id, item, currency } = order;
    const minor = leftMinor(state, order);
    const refunded = decimal(minor);
    const amount = `${refunded.toFixed(2)} ${currency}`;
    if (request.currency !== currency || Math.round(request.refund * 100) !== minor)
      throw refusal(
        "amount_mismatch",
        `refund must be ${amount}, what was paid less what was refunded`,
        "refund",
      );
    order.status = "cancelled";
    if (minor > 0) bookRefund(state, order, { key, at, minor });
    return {
      result: { order_id: id, status: order.status, refunded, currency, cancelled_at: at },
      details: { amount: refunded },
      mail: {
        subject: `Order ${id} was cancelled`,
        text: `your order ${id} (${item}) was cancelled before it was shipped. ${amount} goes back to the card you paid with.`,
      },
    };
  },
});

/**
 * Takes a delivered order back: a label goes to the address on file. Refused with 409 `not_delivered`,
 * `return_period_over` or `already_returning`; once for an order, whether as a return or as an exchange.
 */
function takeBack(kind: "return" | "exchange", operation: string, words: string) {
  return write({
    path: `/orders/:id/${kind}`,
    operation,
    takes: EmptyRequest,
    effect: `${kind}_started`,
    find: aboutOrder,
    change({ order, customer, state, at }) {
      refuseUnlessReturnable(state, order, at);
      const { id: order_id, item } = order;
      const id = `rt_${randomBytes(8).toString("hex")}`;
      state.returns.push({ id, order_id, kind, created_at: at });
      const send_by = dayAfter(at.slice(0, 10), SEND_WITHIN_DAYS);
      const label_sent_to = maskAddress(customer.email);
      return {
        result: { id, order_id, kind, label_sent_to, send_by, created_at: at },
        mail: {
          subject: `Your return label for order ${order_id}`,
          text: `please stick this label on the parcel and hand it in by ${send_by}:\n\nOurShop Returns · ${id} · order ${order_id} (${item})\n\n${words}`,
        },
      };
    },
  });
}

/** Mails the invoice once more, to the address on file. */
const resendInvoice = write({
  path: "/orders/:id/invoice-mail",
  operation: "resendInvoice",
  takes: EmptyRequest,
  effect: "invoice_sent",
  find: aboutOrder,
  change: ({ order: { id, item, paid_on, amount_minor, currency }, customer, at }) => ({
    result: { order_id: id, sent_to: maskAddress(customer.email), sent_at: at },
    mail: {
      subject: `Your invoice for order ${id}`,
      text: `here is your invoice once more.\n\nInvoice for order ${id} of ${paid_on}\n${item}: ${decimal(amount_minor).toFixed(2)} ${currency}, paid by card`,
    },
  }),
});

/** Every write of the shop. */
export const WRITES = [
  createRefund,
  changeAddress,
  resetPassword,
  cancelOrder,
  takeBack(
    "return",
    "startReturn",
    "What you paid goes back to your card once the parcel has reached us.",
  ),
  // Another one of the item is sent once the parcel is back.
  takeBack("exchange", "exchangeItem", "A new one is sent to you once the parcel has reached us."),
  resendInvoice,
] as const;

function refusal(code: string, message: string, field?: string): ShopError {
  return new ShopError(422, code, message, field);
}

function conflict(code: string, message: string): ShopError {
  return new ShopError(409, code, message);
}

function refuseUnlessInWarehouse({ status }: Order): void {
  if (status === "cancelled") throw conflict("already_cancelled", "the order is cancelled already");
  if (status !== "processing")
    throw conflict(
      "already_shipped",
      "the order has left the warehouse; it cannot be cancelled any more",
    );
}

function refuseUnlessReturnable(state: ShopState, order: Order, at: string): void {
  if (order.delivered_on === undefined)
    throw conflict("not_delivered", "the order has not been delivered");
  if (state.returns.some(({ order_id }) => order_id === order.id))
    throw conflict("already_returning", "a return of the order was started already");
  if (at.slice(0, 10) > dayAfter(order.delivered_on, RETURN_DAYS))
    throw conflict(
      "return_period_over",
      `the order was delivered more than ${RETURN_DAYS} days ago`,
    );
}

/** Books money that goes back to the order's own payment. */
function bookRefund(
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

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Shows whose address it is without giving it away: ann@customer.test becomes a***@customer.test. */
function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, 1)}***${address.slice(at)}`;
}

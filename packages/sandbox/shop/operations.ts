/**
 * What the sample shop can do. Each write runs to its end without waiting for anything, so two calls can never
 * interleave: check, change, record under the idempotency key, save, answer.
 *
 * The same key with the same request answers what was answered before. The same key with another request is a mistake
 * of the caller and refused. A refused request records nothing: it may be tried again under its key.
 */

import type { z } from "zod";
import { CustomerQuery, type Faults, RefundQuery, ShopError, parseInput } from "./schema.ts";
import {
  type Operation,
  type Order,
  type Refund,
  type ShopState,
  type StateFile,
  digest,
} from "./state.ts";

/** The key of a write in a shop that keeps none. */
export const NO_KEY = "";

/** What the operations need besides their input. */
export interface ShopContext {
  readonly file: StateFile;
  readonly now: () => Date;
  readonly faults: Faults;
  /** The public address of this shop, for links in mails; read late, since the port is known only once it listens. */
  readonly baseUrl: () => string;
}

/** What a write has done: the answer, what only the journal says, and the mail to the customer. */
interface Done {
  readonly result: Operation["result"];
  readonly details?: Operation["result"];
  readonly mail?: { readonly subject: string; readonly text: string };
}

/**
 * A write as the shop keeps it, by its address: it reads the body, then asks for what it is about, an order or a customer,
 * and under which key. `find` refuses with 404, and `change` before it changes anything.
 */
export function write<Input, Found extends { readonly customer: Customer }>(told: {
  readonly path: string;
  readonly operation: string;
  readonly takes: z.ZodType<Input>;
  /** The part of a request that has to be the same under one key. */
  readonly asks?: (input: Input) => string;
  /** As the journal calls what was done. */
  readonly effect: string;
  readonly find: (state: ShopState, id: string) => Found;
  readonly change: (
    about: Found & ShopContext & { readonly state: ShopState; readonly key: string; at: string },
    input: Input,
  ) => Done;
}) {
  const { operation } = told;
  return {
    path: told.path,
    /** Gives what was done, and whether it had been done before under the same key. */
    perform: (
      shop: ShopContext,
      body: unknown,
      askedFor: () => { readonly id: string; readonly key: string },
    ) => {
      const input = parseInput(told.takes, body);
      const { id: target, key } = askedFor();
      const { state } = shop.file;
      const found = told.find(state, target);
      const body_digest = digest(told.asks?.(input) ?? "");
      const attempt = { idempotency_key: key, operation, target, body_digest };
      const known = key === NO_KEY ? undefined : operationUnderKey(state, attempt);
      if (known !== undefined) return { result: known.result, replayed: true };
      const at = shop.now().toISOString();
      const done = told.change({ ...shop, ...found, state, key, at }, input);
      const { result, details, mail } = done;
      const effect = { ...result, ...details, idempotency_key: key };
      state.journal.push({ at, effect: told.effect, details: effect });
      if (mail !== undefined) {
        // A shop that keeps no keys tells mails apart by time.
        const id = digest(`${operation} ${key === NO_KEY ? at : key} ${target}`);
        const { name, email: to } = found.customer;
        const text = `Hello ${name},\n\n${mail.text}\n\nOurShop\n`;
        state.outbox.push({ id, to, subject: mail.subject, text });
      }
      if (key !== NO_KEY) state.operations.push({ ...attempt, result, created_at: at });
      shop.file.save();
      return { result, replayed: false };
    },
  };
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

// What the records say.

/** Minor units as the decimal number the API speaks: 2550 is 25.5. */
export function decimal(minor: number): number {
  return minor / 100;
}

/** What a write about one customer finds. */
export function aboutCustomer(state: ShopState, id: string) {
  return { customer: customerById(state, id) };
}

/** What a write about one order finds. */
export function aboutOrder(state: ShopState, id: string) {
  const order = orderById(state, id);
  return { order, customer: customerById(state, order.customer_id) };
}

type Customer = ShopState["customers"][number];

/** The customer, or 404 `customer_not_found`. */
function customerById(state: ShopState, id: string): Customer {
  const customer = state.customers.find((candidate) => candidate.id === id);
  if (customer === undefined)
    throw new ShopError(404, "customer_not_found", "there is no such customer");
  return customer;
}

/** The order, or 404 `order_not_found`. */
function orderById(state: ShopState, id: string): Order {
  const order = state.orders.find((candidate) => candidate.id === id);
  if (order === undefined) throw new ShopError(404, "order_not_found", "there is no such order");
  return order;
}

/** What went back on an order, oldest first. */
function refundsOf(state: ShopState, orderId: string): ShopState["refunds"] {
  return state.refunds.filter((refund) => refund.order_id === orderId);
}

/** How much of an order was not paid back yet, in minor units. */
export function leftMinor(state: ShopState, order: Order): number {
  return order.amount_minor - refundedMinor(state, order.id);
}

function refundedMinor(state: ShopState, orderId: string): number {
  return refundsOf(state, orderId).reduce((sum, refund) => sum + refund.amount_minor, 0);
}

/** The one payment of an order; refunds go back to it and nowhere else. */
export function paymentIdOf(order: Order): string {
  return `pay_${order.id}`;
}

// What the shop shows of its state: decimal amounts, and only what the document promises.

/** Every read of the shop, by its path. */
export const READS: Readonly<
  Record<
    string,
    (state: ShopState, asked: { readonly id: string; readonly query: unknown }) => unknown
  >
> = {
  "/customers/:id": (state, { id }) => customerById(state, id),
  "/customers": (state, { query }) => {
    const email = parseInput(CustomerQuery, query).email.toLowerCase();
    return state.customers.filter((customer) => customer.email === email);
  },
  "/customers/:id/orders": (state, { id }) => {
    const customer = customerById(state, id);
    const orders = state.orders.filter((order) => order.customer_id === customer.id);
    return orders.map((order) => orderView(state, order));
  },
  "/orders/:id": (state, { id }) => orderView(state, orderById(state, id)),
  "/orders/:id/payments": (state, { id }) => paymentViews(state, orderById(state, id)),
  "/orders/:id/refunds": (state, { id, query }) => {
    const { idempotency_key: key } = parseInput(RefundQuery, query);
    return refundsOf(state, orderById(state, id).id)
      .filter((refund) => key === undefined || refund.idempotency_key === key)
      .map(refundView);
  },
  "/operations/:id": (state, { id: key }) => {
    const known = state.operations.find((operation) => operation.idempotency_key === key);
    if (known === undefined)
      throw new ShopError(404, "operation_not_found", "nothing was done under this key");
    const { body_digest: _, ...view } = known;
    return view;
  },
};

/** A refund as it stands in an order. */
function refundView(refund: Refund): Record<string, string | number> {
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
function orderView(state: ShopState, order: Order): Record<string, unknown> {
  const { amount_minor, paid_on: ordered_on, ...facts } = order;
  const started = state.returns.find(({ order_id }) => order_id === order.id);
  return {
    ...facts,
    ordered_on,
    ...(started === undefined
      ? {}
      : { return_started_on: started.created_at.slice(0, 10), return_kind: started.kind }),
    ...(order.shipped_on === undefined ? {} : { tracking: `OS-${order.id.padStart(8, "0")}` }),
    amount: decimal(amount_minor),
    paid: decimal(amount_minor),
    refunded: decimal(refundedMinor(state, order.id)),
    refunds: refundsOf(state, order.id).map(refundView),
  };
}

/** The payment that covers an order; each sample order was paid at once by card. */
function paymentViews(state: ShopState, order: Order): Record<string, unknown>[] {
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

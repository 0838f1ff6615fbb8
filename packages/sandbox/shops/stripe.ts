/**
 * A stand-in of Stripe's API v1 for customers, PaymentIntents, subscriptions and refunds. Made from Stripe's API reference
 * ("Refunds", "PaymentIntents", "Customers", "Subscriptions", "Idempotent requests", "Currencies"): form-encoded bodies,
 * amounts in minor units, a list of subscriptions without those that ended,
 * metadata on a refund, and an Idempotency-Key under which the first answer is kept, errors of the server included.
 */
import {
  type Books,
  type KeptRefund,
  type ShopAnswer,
  type ShopCall,
  STAND_IN_ORDERS,
  type StandInOrder,
  type Vendor,
} from "./books.ts";

const KEY = "sk_test_standin";

const paymentId = ({ number }: StandInOrder): string => `pi_${number}`;
const customerId = ({ customer }: StandInOrder): string => `cus_${customer}`;

/** Stripe with the orders of the stand-ins as payments. */
export const stripe: Vendor = {
  settings: (url) => ({ STRIPE_ADDRESS: url, STRIPE_KEY: KEY }),
  refused: ({ headers }) =>
    headers.authorization === `Bearer ${KEY}`
      ? null
      : error(401, { type: "invalid_request_error", message: "Invalid API Key provided" }),
  isWrite: ({ method }) => method !== "GET",
  read,
  write(call, books) {
    const key = call.headers["idempotency-key"];
    const create = (): ShopAnswer => {
      if (call.path === "/v1/refunds") return createRefund(call, books);
      const order = subscribed(call.path);
      return order === undefined ? missing("address") : updateSubscription(order, call, books);
    };
    return typeof key === "string" ? books.once(key, call.body, CONFLICT, create) : create();
  },
  busy: error(429, { type: "rate_limit", message: "Too many requests" }),
  booked: ({ order, minor }) => ({ order: paymentId(order), amount: String(minor) }),
};

const CONFLICT = error(400, {
  type: "idempotency_error",
  message: "Keys can only be used with the same parameters",
});

/** Each customer pays for a refill by the month, by the order it began with. */
const SUBSCRIPTIONS = STAND_IN_ORDERS.filter(({ number }) => ["1001", "2001"].includes(number));
const subscriptionId = ({ number }: StandInOrder): string => `sub_${number}`;

function subscribed(path: string): StandInOrder | undefined {
  return SUBSCRIPTIONS.find((one) => path === `/v1/subscriptions/${subscriptionId(one)}`);
}

function updateSubscription(order: StandInOrder, { body }: ShopCall, books: Books): ShopAnswer {
  const form = new URLSearchParams(body);
  const ends = form.get("cancel_at_period_end");
  if (ends !== null) books.state(order).cancelled = ends === "true" ? "at period end" : null;
  Object.assign(books.state(order).metadata, metadataIn(form));
  return { status: 200, body: subscriptionView(order, books) };
}

function subscriptionView(order: StandInOrder, books: Books): unknown {
  return {
    id: subscriptionId(order),
    object: "subscription",
    customer: customerId(order),
    status: "active",
    cancel_at_period_end: books.state(order).cancelled !== null,
    description: `Refills for the ${order.item}`,
    default_payment_method: "never shown",
    metadata: books.state(order).metadata,
    items: {
      object: "list",
      data: [{ id: `si_${order.number}`, current_period_end: 1_798_000_000 }],
    },
  };
}

function metadataIn(form: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const inner = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return inner === undefined ? [] : [[inner, value] as const];
    }),
  );
}

function createRefund({ body }: ShopCall, books: Books): ShopAnswer {
  const form = new URLSearchParams(body);
  const order = STAND_IN_ORDERS.find((one) => paymentId(one) === form.get("payment_intent"));
  if (order === undefined) return missing("payment_intent");
  const left = order.minor - books.refunded(order);
  const minor = Number(form.get("amount") ?? left);
  if (!Number.isInteger(minor) || minor <= 0) return invalidAmount("Invalid integer");
  if (minor > left) return invalidAmount("Refund amount is greater than unrefunded amount");
  const metadata = metadataIn(form);
  const id = `re_${books.refunds.length + 1}`;
  const refund = { id, order, minor, key: metadata["deskhand_key"] ?? "", metadata };
  books.refunds.push(refund);
  return { status: 200, body: refundView(refund) };
}

function read({ path, query }: ShopCall, books: Books): ShopAnswer {
  const payments = STAND_IN_ORDERS.map((order) => ({ order, view: paymentView(order, books) }));
  switch (path) {
    case "/v1/customers":
      return list(customersWith(query.get("email")));
    case "/v1/payment_intents":
      return list(
        payments
          .filter(({ order }) => customerId(order) === query.get("customer"))
          .map(({ view }) => view),
      );
    case "/v1/subscriptions":
      return list(
        SUBSCRIPTIONS.filter((one) => customerId(one) === query.get("customer")).map((one) =>
          subscriptionView(one, books),
        ),
      );
    case "/v1/refunds":
      return list(
        books.refunds
          .filter(({ order }) => paymentId(order) === query.get("payment_intent"))
          .map(refundView),
      );
    default: {
      const order = subscribed(path);
      if (order !== undefined) return { status: 200, body: subscriptionView(order, books) };
      const found = payments.find(
        ({ order }) => path === `/v1/payment_intents/${paymentId(order)}`,
      );
      return found === undefined ? missing("intent") : { status: 200, body: found.view };
    }
  }
}

function customersWith(email: string | null): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: customerId(found), object: "customer", email: found.email, name: null }];
}

function paymentView(order: StandInOrder, books: Books): unknown {
  return {
    id: paymentId(order),
    object: "payment_intent",
    amount: order.minor,
    amount_received: order.minor,
    created: 1_790_000_000,
    currency: order.currency.toLowerCase(),
    customer: customerId(order),
    description: order.item,
    latest_charge: {
      id: `ch_${order.number}`,
      object: "charge",
      amount_refunded: books.refunded(order),
      payment_method_details: { card: { last4: "4242" } },
    },
    client_secret: "never shown",
    status: "succeeded",
  };
}

function refundView({ id, order, minor, metadata }: KeptRefund): unknown {
  return {
    id,
    object: "refund",
    amount: minor,
    currency: order.currency.toLowerCase(),
    metadata,
    payment_intent: paymentId(order),
    status: "succeeded",
  };
}

function list(data: readonly unknown[]): ShopAnswer {
  return { status: 200, body: { object: "list", data, has_more: false } };
}

function error(status: number, said: Readonly<Record<string, string>>): ShopAnswer {
  return { status, body: { error: said } };
}

function missing(what: string): ShopAnswer {
  return error(404, { type: "invalid_request_error", message: `No such ${what}` });
}

function invalidAmount(message: string): ShopAnswer {
  return error(400, { type: "invalid_request_error", param: "amount", message });
}

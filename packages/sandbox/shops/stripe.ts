/**
 * A stand-in of Stripe's API v1 for customers, PaymentIntents, subscriptions and refunds. Made from Stripe's API reference
 * ("Refunds", "PaymentIntents", "Customers", "Subscriptions", "Idempotent requests", "Currencies"): form-encoded bodies,
 * amounts in minor units, a list of subscriptions without those that ended,
 * metadata on a refund, and an Idempotency-Key under which the first answer is kept, errors of the server included.
 */
import {
  answered,
  type Books,
  type KeptRefund,
  leftMinor,
  refundedMinor,
  type Sale,
  type ShopAnswer,
  type ShopCall,
  type Vendor,
} from "./books.ts";

const KEY = "sk_test_standin";

const paymentId = ({ number }: Sale): string => `pi_${number}`;
const refundId = ({ number }: KeptRefund): string => `re_${number}`;
const customerId = ({ customer }: Sale): string => `cus_${customer}`;
const subscriptionId = ({ number }: Sale): string => `sub_${number}`;

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
      const sale = subscribed(call.path, books);
      return sale === undefined ? missing("address") : updateSubscription(sale, call);
    };
    return typeof key === "string" ? books.once(key, call.body, CONFLICT, create) : create();
  },
  busy: error(429, { type: "rate_limit", message: "Too many requests" }),
  booked: (refund) => ({
    id: refundId(refund),
    order: paymentId(refund.sale),
    amount: String(refund.minor),
  }),
};

const CONFLICT = error(400, {
  type: "idempotency_error",
  message: "Keys can only be used with the same parameters",
});

/** Each customer pays for a refill by the month, by the order it began with. */
function subscriptions({ sales }: Books): readonly Sale[] {
  return sales.filter(({ number }) => ["1001", "2001"].includes(number));
}

function subscribed(path: string, books: Books): Sale | undefined {
  return subscriptions(books).find((one) => path === `/v1/subscriptions/${subscriptionId(one)}`);
}

function updateSubscription(sale: Sale, { body }: ShopCall): ShopAnswer {
  const form = new URLSearchParams(body);
  const ends = form.get("cancel_at_period_end");
  if (ends !== null) sale.cancelled = ends === "true" ? "at period end" : null;
  Object.assign(sale.metadata, metadataIn(form));
  return answered(subscriptionView(sale));
}

function subscriptionView(sale: Sale): unknown {
  return {
    id: subscriptionId(sale),
    object: "subscription",
    customer: customerId(sale),
    status: "active",
    cancel_at_period_end: sale.cancelled !== null,
    description: `Refills for the ${sale.item}`,
    default_payment_method: "never shown",
    metadata: sale.metadata,
    items: {
      object: "list",
      data: [{ id: `si_${sale.number}`, current_period_end: 1_798_000_000 }],
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
  const sale = books.sales.find((one) => paymentId(one) === form.get("payment_intent"));
  if (sale === undefined) return missing("payment_intent");
  const left = leftMinor(sale);
  const minor = Number(form.get("amount") ?? left);
  if (!Number.isInteger(minor) || minor <= 0) return invalidAmount("Invalid integer");
  if (minor > left) return invalidAmount("Refund amount is greater than unrefunded amount");
  const metadata = metadataIn(form);
  const key = metadata["deskhand_key"] ?? "";
  return answered(refundView(books.refund(sale, { minor, key, metadata })));
}

function read({ path, query }: ShopCall, books: Books): ShopAnswer {
  const { sales } = books;
  const ofCustomer = (sale: Sale): boolean => customerId(sale) === query.get("customer");
  switch (path) {
    case "/v1/customers":
      return list(customersWith(query.get("email"), sales));
    case "/v1/payment_intents":
      return list(sales.filter(ofCustomer).map(paymentView));
    case "/v1/subscriptions":
      return list(subscriptions(books).filter(ofCustomer).map(subscriptionView));
    case "/v1/refunds": {
      const of = sales.find((sale) => paymentId(sale) === query.get("payment_intent"));
      return list(of?.refunds.map(refundView) ?? []);
    }
    default: {
      const sale = subscribed(path, books);
      if (sale !== undefined) return answered(subscriptionView(sale));
      const found = sales.find((one) => path === `/v1/payment_intents/${paymentId(one)}`);
      return found === undefined ? missing("intent") : answered(paymentView(found));
    }
  }
}

function customersWith(email: string | null, sales: readonly Sale[]): readonly unknown[] {
  const found = sales.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: customerId(found), object: "customer", email: found.email, name: null }];
}

function paymentView(sale: Sale): unknown {
  return {
    id: paymentId(sale),
    object: "payment_intent",
    amount: sale.minor,
    amount_received: sale.minor,
    created: 1_790_000_000,
    currency: sale.currency.toLowerCase(),
    customer: customerId(sale),
    description: sale.item,
    latest_charge: {
      id: `ch_${sale.number}`,
      object: "charge",
      amount_refunded: refundedMinor(sale),
      payment_method_details: { card: { last4: "4242" } },
    },
    client_secret: "never shown",
    status: "succeeded",
  };
}

function refundView(refund: KeptRefund): unknown {
  const { sale, minor, metadata } = refund;
  return {
    id: refundId(refund),
    object: "refund",
    amount: minor,
    currency: sale.currency.toLowerCase(),
    metadata,
    payment_intent: paymentId(sale),
    status: "succeeded",
  };
}

function list(data: readonly unknown[]): ShopAnswer {
  return answered({ object: "list", data, has_more: false });
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

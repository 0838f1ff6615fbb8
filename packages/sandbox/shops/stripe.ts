/**
 * A stand-in of Stripe's API v1 for customers, PaymentIntents and refunds. Made from Stripe's API reference ("Refunds",
 * "PaymentIntents", "Customers", "Idempotent requests", "Currencies"): form-encoded bodies, amounts in minor units,
 * metadata on a refund, and an Idempotency-Key under which the first answer is kept, errors of the server included.
 */
import {
  answersByKey,
  type KeptRefund,
  refundedMinor,
  type ShopAnswer,
  type ShopBehaviour,
  type ShopCall,
  STAND_IN_ORDERS,
  type StandInOrder,
} from "./stand-in.ts";

/** A refund with what Stripe keeps about it. */
interface StripeRefund extends KeptRefund {
  readonly metadata: Readonly<Record<string, string>>;
}

const paymentId = ({ number }: StandInOrder): string => `pi_${number}`;
const customerId = ({ customer }: StandInOrder): string => `cus_${customer}`;

/** Stripe with the orders of the stand-ins as payments; `key` is the secret key it wants. */
export function stripe(key: string): ShopBehaviour {
  const refunds: StripeRefund[] = [];
  const once = answersByKey(
    error(400, "idempotency_error", "Keys can only be used with the same parameters"),
  );

  function create(call: ShopCall): ShopAnswer {
    const form = new URLSearchParams(call.body);
    const payment = STAND_IN_ORDERS.find((one) => paymentId(one) === form.get("payment_intent"));
    if (payment === undefined) return missing("payment_intent");
    const left = payment.minor - refundedMinor(refunds, payment);
    const amount = Number(form.get("amount") ?? left);
    if (!Number.isInteger(amount) || amount <= 0) return invalid("amount", "Invalid integer");
    if (amount > left) return invalid("amount", "Refund amount is greater than unrefunded amount");
    const metadata = Object.fromEntries(
      [...form].flatMap(([name, value]) => {
        const inner = /^metadata\[(.+)\]$/.exec(name)?.[1];
        return inner === undefined ? [] : [[inner, value] as const];
      }),
    );
    const refund = {
      id: `re_${refunds.length + 1}`,
      order: payment,
      minor: amount,
      note: metadata["deskhand_key"] ?? "",
      metadata,
    };
    refunds.push(refund);
    return { status: 200, body: refundView(refund) };
  }

  function write(call: ShopCall): ShopAnswer {
    const key = call.headers["idempotency-key"];
    return typeof key === "string" ? once(key, call.body, () => create(call)) : create(call);
  }

  function read({ path, query }: ShopCall): ShopAnswer {
    if (path === "/v1/customers") return list(customersWith(query.get("email")));
    if (path === "/v1/payment_intents")
      return list(
        STAND_IN_ORDERS.filter((one) => customerId(one) === query.get("customer")).map((one) =>
          paymentView(one, refunds),
        ),
      );
    if (path === "/v1/refunds")
      return list(
        refunds
          .filter(({ order }) => paymentId(order) === query.get("payment_intent"))
          .map(refundView),
      );
    const payment = STAND_IN_ORDERS.find((one) => path === `/v1/payment_intents/${paymentId(one)}`);
    return payment === undefined
      ? missing("intent")
      : { status: 200, body: paymentView(payment, refunds) };
  }

  return {
    isWrite: ({ method }) => method === "POST",
    busy: error(429, "rate_limit", "Too many requests"),
    answer(call) {
      if (call.headers.authorization !== `Bearer ${key}`)
        return error(401, "invalid_request_error", "Invalid API Key provided");
      if (call.method === "GET") return read(call);
      return call.path === "/v1/refunds" ? write(call) : missing("address");
    },
    refunds: () =>
      refunds.map(({ id, order, minor, note }) => ({
        id,
        order: paymentId(order),
        amount: String(minor),
        key: note,
      })),
  };
}

function customersWith(email: string | null): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: customerId(found), object: "customer", email: found.email, name: null }];
}

function paymentView(payment: StandInOrder, refunds: readonly StripeRefund[]): unknown {
  return {
    id: paymentId(payment),
    object: "payment_intent",
    amount: payment.minor,
    amount_received: payment.minor,
    created: 1_790_000_000,
    currency: payment.currency.toLowerCase(),
    customer: customerId(payment),
    description: payment.item,
    latest_charge: {
      id: `ch_${payment.number}`,
      object: "charge",
      amount_refunded: refundedMinor(refunds, payment),
      payment_method_details: { card: { last4: "4242" } },
    },
    client_secret: "never shown",
    status: "succeeded",
  };
}

function refundView({ id, order, minor, metadata }: StripeRefund): unknown {
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

function error(status: number, type: string, message: string): ShopAnswer {
  return { status, body: { error: { type, message } } };
}

function missing(what: string): ShopAnswer {
  return error(404, "invalid_request_error", `No such ${what}`);
}

function invalid(param: string, message: string): ShopAnswer {
  return {
    status: 400,
    body: { error: { type: "invalid_request_error", param, message } },
  };
}

/**
 * A stand-in of Stripe's API v1 for customers, PaymentIntents and refunds. Made from Stripe's API reference ("Refunds",
 * "PaymentIntents", "Customers", "Idempotent requests", "Currencies"): form-encoded bodies, amounts in minor units,
 * metadata on a refund, and an Idempotency-Key under which the first answer is kept, errors of the server included.
 */
import type { BookedRefund, ShopAnswer, ShopBehaviour, ShopCall } from "./stand-in.ts";
import { STAND_IN_ORDERS, type StandInOrder } from "./world.ts";

/** A refund with what Stripe keeps about it. */
interface KeptRefund {
  readonly id: string;
  readonly payment: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const paymentId = ({ number }: StandInOrder): string => `pi_${number}`;
const customerId = ({ customer }: StandInOrder): string => `cus_${customer}`;

/** Stripe with the orders of the stand-ins as payments; `key` is the secret key it wants. */
export function stripe(key: string): ShopBehaviour {
  const refunds: KeptRefund[] = [];
  const kept = new Map<string, { readonly body: string; readonly answer: ShopAnswer }>();

  function create(call: ShopCall): ShopAnswer {
    const form = new URLSearchParams(call.body);
    const payment = STAND_IN_ORDERS.find((one) => paymentId(one) === form.get("payment_intent"));
    if (payment === undefined) return missing("payment_intent");
    const left = payment.minor - refundedOf(refunds, payment);
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
      payment: paymentId(payment),
      amount,
      currency: payment.currency.toLowerCase(),
      metadata,
    };
    refunds.push(refund);
    return { status: 200, body: refundView(refund) };
  }

  /** The same key with another body is an error; with the same body it is the first answer once more. */
  function once(call: ShopCall): ShopAnswer {
    const given = call.headers["idempotency-key"];
    if (typeof given !== "string") return create(call);
    const before = kept.get(given);
    if (before !== undefined)
      return before.body === call.body
        ? before.answer
        : error(400, "idempotency_error", "Keys can only be used with the same parameters");
    const answer = create(call);
    // A request that did not pass validation is not kept under its key.
    if (answer.status < 400) kept.set(given, { body: call.body, answer });
    return answer;
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
        refunds.filter(({ payment }) => payment === query.get("payment_intent")).map(refundView),
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
      return call.path === "/v1/refunds" ? once(call) : missing("address");
    },
    refunds: () => refunds.map(booked),
  };
}

function booked(refund: KeptRefund): BookedRefund {
  const { id, payment, amount, metadata } = refund;
  return { id, order: payment, amount: String(amount), key: metadata["deskhand_key"] ?? "" };
}

function refundedOf(refunds: readonly KeptRefund[], payment: StandInOrder): number {
  return refunds
    .filter((refund) => refund.payment === paymentId(payment))
    .reduce((sum, refund) => sum + refund.amount, 0);
}

function customersWith(email: string | null): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: customerId(found), object: "customer", email: found.email, name: null }];
}

function paymentView(payment: StandInOrder, refunds: readonly KeptRefund[]): unknown {
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
      amount_refunded: refundedOf(refunds, payment),
      payment_method_details: { card: { last4: "4242" } },
    },
    client_secret: "never shown",
    status: "succeeded",
  };
}

function refundView({ id, payment, amount, currency, metadata }: KeptRefund): unknown {
  return {
    id,
    object: "refund",
    amount,
    currency,
    metadata,
    payment_intent: payment,
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

/**
 * Stripe: how it is reached (its API version 1 with a secret or restricted key), the customer's payments, and refunds of
 * them.
 *
 * Written after Stripe's API reference: Customers, PaymentIntents, Refunds, Idempotent requests, Currencies.
 */

import { REFUND_WISHES } from "#text/plain-request.ts";
import type {
  Connection,
  ReadDeclaration,
  MoneyDeclaration,
  SystemTool,
} from "#systems/contract.ts";
import { z } from "zod";
import { RefundAmount } from "#core/values/money.ts";

/**
 * A restricted key is enough: it reads customers and PaymentIntents and writes refunds. The version is named, because the
 * version of the account may change under us.
 */
const STRIPE: Connection = {
  name: "Stripe",
  addressFrom: "STRIPE_ADDRESS",
  address: "https://api.stripe.com",
  authentication: { kind: "bearer", secret: "STRIPE_KEY" },
  headers: { "Stripe-Version": "2025-09-30.clover" },
  // Stripe takes 25 requests a second in test mode and more in live mode; a refund may take some seconds at the bank.
  limits: { timeoutMs: 20_000, answerBytesMax: 1_000_000, perMinute: 600 },
  customer: {
    // Stripe does not keep addresses unique. Of two customers with one address neither is bound, and a teammate looks.
    request: {
      method: "GET",
      path: "/v1/customers",
      query: {
        email: { from: "requester", is: "email" },
        limit: { from: "fixed", value: 2 },
      },
    },
    records: "data",
    id: "id",
    email: "email",
  },
};

/**
 * Currencies whose amounts Stripe writes in another unit than ISO 4217 says (Stripe, "Currencies", special cases), with
 * the digits after the point: króna and Uganda shilling as if they had two.
 */
const OTHER_UNIT = { ISK: 2, UGX: 2 } as const;

/** The latest payments of the customer; card data and secrets of the browser stay at Stripe. */
const listPayments: ReadDeclaration = {
  kind: "read",
  connection: STRIPE,
  name: "stripe_payments",
  description: "The customer's latest payments, newest first.",
  minimumLevel: 2,
  input: z.strictObject({}),
  from: {
    request: {
      method: "GET",
      path: "/v1/payment_intents",
      query: {
        customer: { from: "requester", is: "system_id" },
        limit: { from: "fixed", value: 10 },
      },
    },
    at: "data",
    many: true,
    record: z.object({
      id: z.string(),
      customer: z.string().nullable(),
      description: z.string().nullable(),
      amount_received: z.int(),
      currency: z.string(),
      status: z.string(),
      /** Seconds since 1970. */
      created: z.int(),
    }),
  },
  belongsTo: { by: "parameter", name: "customer", is: "system_id", field: "customer" },
  personal: [],
  minorUnits: { fields: ["amount_received"], currency: "currency", digits: OTHER_UNIT },
  shownMax: 10,
};

/** A PaymentIntent with what went back of its charge. */
const Payment = z.object({
  id: z.string(),
  customer: z.string().nullable(),
  description: z.string().nullable(),
  status: z.string(),
  amount_received: z.int(),
  currency: z
    .string()
    // Refused rather than refunded a hundredfold.
    .refine((code) => !Object.hasOwn(OTHER_UNIT, code.toUpperCase()), "is counted in another unit"),
  latest_charge: z.object({ amount_refunded: z.int() }).nullable(),
});

/** Stripe's refund, as far as it proves what was done; one that failed at once proves nothing. */
const Refund = z.object({
  id: z.string(),
  payment_intent: z.string(),
  amount: z.int(),
  status: z.enum(["pending", "requires_action", "succeeded"]),
  metadata: z.object({ deskhand_key: z.string() }),
});

const SAME = {
  payment_intent: { from: "record", field: "id" },
  "metadata.deskhand_key": { from: "key" },
} as const;

/**
 * Back to the card that paid. Stripe keeps the key for at least 24 hours and then does nothing twice; the key stands in
 * the refund's metadata too, so that it is found later than that and without asking for anything to be done.
 */
const refundPayment: MoneyDeclaration = {
  kind: "write",
  connection: STRIPE,
  name: "refund_stripe_payment",
  operation: "stripe_refund",
  description:
    "Proposes to give a payment back, whole or in part, to the card that paid. Take payment_id from stripe_payments.",
  minimumLevel: 2,
  input: z.strictObject({
    payment_id: z.string().regex(/^pi_\w{1,250}$/),
    amount: RefundAmount,
  }),
  wishes: REFUND_WISHES,
  about: {
    from: {
      request: {
        method: "GET",
        path: "/v1/payment_intents/{intent}",
        pathValues: { intent: { from: "input", name: "payment_id" } },
        query: { "expand[]": { from: "fixed", value: "latest_charge" } },
      },
      at: "",
      many: false,
      record: Payment,
    },
    belongsTo: { by: "field", field: "customer", is: "system_id" },
    id: "id",
    unchanged: ["status", "amount_received", "latest_charge.amount_refunded"],
  },
  ownWords: [],
  money: {
    amount: "amount",
    paid: "amount_received",
    refunded: "latest_charge.amount_refunded",
    currency: "currency",
    unit: "minor",
    status: "status",
  },
  label: "Refund of payment {id} ({description}) at Stripe",
  identity: ["id", "latest_charge.amount_refunded"],
  commit: {
    request: {
      method: "POST",
      path: "/v1/refunds",
      headers: { "Idempotency-Key": { from: "key" } },
      body: {
        encoding: "form",
        fields: {
          payment_intent: { from: "record", field: "id" },
          amount: { from: "input", name: "amount" },
          reason: { from: "fixed", value: "requested_by_customer" },
          "metadata.deskhand_key": { from: "key" },
        },
      },
    },
    idempotency: { in: "header", name: "Idempotency-Key" },
    receipt: Refund,
    ref: "id",
    amount: "amount",
    same: SAME,
  },
  find: {
    by: "key",
    from: {
      request: {
        method: "GET",
        path: "/v1/refunds",
        query: {
          payment_intent: { from: "record", field: "id" },
          limit: { from: "fixed", value: 100 },
        },
      },
      at: "data",
      many: true,
      record: Refund,
    },
    keyField: "metadata.deskhand_key",
    ref: "id",
    same: { ...SAME, amount: { from: "input", name: "amount" } },
  },
};

/** All tools for Stripe. */
export const tools: readonly SystemTool[] = [listPayments, refundPayment];

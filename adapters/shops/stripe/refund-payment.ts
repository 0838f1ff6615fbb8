/** The write tool for a refund at Stripe. */
import { z } from "zod";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";
import { OTHER_UNIT, STRIPE } from "./connection.ts";

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
export const refundPayment: MoneyDeclaration = {
  kind: "write",
  connection: STRIPE,
  name: "refund_stripe_payment",
  operation: "stripe_refund",
  description:
    "Proposes to give a payment back, whole or in part, to the card that paid. Take payment_id from stripe_payments.",
  minimumLevel: 2,
  input: z.strictObject({
    payment_id: z.string().regex(/^pi_\w{1,250}$/),
    amount: z
      .string()
      .max(40)
      .nullable()
      .describe('Such as "25.00" for a part; null for all that is left'),
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

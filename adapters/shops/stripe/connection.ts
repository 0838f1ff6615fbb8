/** How Stripe is reached: its API version 1 with a secret or restricted key. */
import type { Connection } from "#systems/contract.ts";

/**
 * A restricted key is enough: it reads customers and PaymentIntents and writes refunds. The version is named, because the
 * version of the account may change under us.
 */
export const STRIPE: Connection = {
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
export const OTHER_UNIT = { ISK: 2, UGX: 2 } as const;

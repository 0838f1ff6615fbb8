/** The read tool for a customer's payments at Stripe. */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { OTHER_UNIT, STRIPE } from "./connection.ts";

/** The latest payments of the customer; card data and secrets of the browser stay at Stripe. */
export const listPayments: ReadDeclaration = {
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

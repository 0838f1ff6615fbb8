/** The read tool for a customer's orders at Shopify. */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { SHOPIFY } from "./connection.ts";

/** Only what the record below keeps is asked for. */
const ORDERS_OF_CUSTOMER = `query ordersOfCustomer($email: String!) {
  customerByIdentifier(identifier: { emailAddress: $email }) {
    orders(first: 10, sortKey: PROCESSED_AT, reverse: true) {
      nodes {
        id name email createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus
        totalPriceSet { shopMoney { amount currencyCode } }
        totalRefundedSet { shopMoney { amount currencyCode } }
      }
    }
  }
}`;

const Money = z.object({
  shopMoney: z.object({ amount: z.string(), currencyCode: z.string() }),
});

/** The latest orders of the customer with the proven address. */
export const listOrders: ReadDeclaration = {
  kind: "read",
  connection: SHOPIFY,
  name: "shopify_orders",
  description:
    "The customer's latest orders, newest first, with state, total and what went back. `name` is the number customers know, `id` is for refund_shopify_order.",
  minimumLevel: 2,
  input: z.strictObject({}),
  from: {
    request: {
      method: "POST",
      path: "/graphql.json",
      body: {
        encoding: "json",
        fields: {
          query: { from: "fixed", value: ORDERS_OF_CUSTOMER },
          "variables.email": { from: "requester", is: "email" },
        },
      },
    },
    at: "data.customerByIdentifier.orders.nodes",
    many: true,
    record: z.object({
      id: z.string(),
      name: z.string(),
      email: z.string().nullable(),
      createdAt: z.string(),
      cancelledAt: z.string().nullable(),
      displayFinancialStatus: z.string().nullable(),
      displayFulfillmentStatus: z.string(),
      totalPriceSet: Money,
      totalRefundedSet: Money,
    }),
  },
  belongsTo: { by: "parameter", name: "variables.email", is: "email", field: "email" },
  personal: ["email"],
  shownMax: 10,
};

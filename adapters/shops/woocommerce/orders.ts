/** The read tools for orders at WooCommerce. */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { WOOCOMMERCE } from "./connection.ts";

/** An order as the customer may see it: no address, no payment data, no notes of the team. */
const Order = z.object({
  id: z.int(),
  number: z.string(),
  status: z.string(),
  currency: z.string(),
  total: z.string(),
  customer_id: z.int(),
  date_created: z.string(),
  date_paid: z.string().nullable(),
  billing: z.object({ email: z.string() }),
  line_items: z.array(z.object({ name: z.string(), quantity: z.number() })),
  /** Totals of refunds are negative. */
  refunds: z.array(z.object({ total: z.string() })),
});

/** The orders of the customer's account. */
export const listOrders: ReadDeclaration = {
  kind: "read",
  connection: WOOCOMMERCE,
  name: "woocommerce_orders",
  description: "The customer's latest orders, newest first, with items, state and what went back.",
  minimumLevel: 2,
  input: z.strictObject({}),
  from: {
    request: {
      method: "GET",
      path: "/orders",
      query: {
        customer: { from: "requester", is: "system_id" },
        per_page: { from: "fixed", value: 10 },
      },
    },
    at: "",
    many: true,
    record: Order,
  },
  belongsTo: { by: "parameter", name: "customer", is: "system_id", field: "customer_id" },
  personal: ["billing.email"],
  shownMax: 10,
};

/** One order, also of a guest without an account: its billing address must be the one the customer proved. */
export const getOrder: ReadDeclaration = {
  kind: "read",
  connection: WOOCOMMERCE,
  name: "woocommerce_order",
  description: "One order by its number: items, state, total, and what went back.",
  minimumLevel: 2,
  input: z.strictObject({ order_id: z.string().regex(/^\d{1,18}$/) }),
  from: {
    request: {
      method: "GET",
      path: "/orders/{order}",
      pathValues: { order: { from: "input", name: "order_id" } },
    },
    at: "",
    many: false,
    record: Order,
  },
  belongsTo: { by: "field", field: "billing.email", is: "email" },
  personal: ["billing.email"],
  shownMax: 1,
};

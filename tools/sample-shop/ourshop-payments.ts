/**
 * ourshop payments: GET /orders/{id}/payments of OurShop 1.0.0, operation get_payments.
 * Risk: none, it only looks something up. Scope: what belongs to a record that ourshop_order shows them.
 */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { connection } from "./connection.ts";

export const ourshopPayments: ReadDeclaration = {
  kind: "read",
  connection,
  name: "ourshop_payments",
  description: "How and when one order of the customer was paid.",
  minimumLevel: 2,
  input: z.strictObject({
    id: z.string().trim().min(1).max(64).describe("The order's number, such as 456."),
  }),
  from: {
    request: {
      method: "GET",
      path: "/orders/{id}/payments",
      pathValues: { id: { from: "input", name: "id" } },
    },
    at: "",
    many: true,
    record: z.object({
      order_id: z.string(),
      amount: z.number(),
      currency: z.string(),
      method: z.string(),
      status: z.string(),
      paid_on: z.string(),
    }),
  },
  belongsTo: {
    by: "record",
    input: "id",
    tool: "ourshop_order",
    parentField: "id",
    field: "order_id",
  },
  personal: [],
  shownMax: 5,
};

/**
 * ourshop order: GET /orders/{id} of OurShop 1.0.0, operation get_order.
 * Risk: none, it only looks something up. Scope: records whose customer_id is the requester's system id; others look
 * like none.
 */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { connection } from "./connection.ts";

export const ourshopOrder: ReadDeclaration = {
  kind: "read",
  connection,
  name: "ourshop_order",
  description:
    "State, dates, amounts and tracking number of one order of the customer, by its number.",
  minimumLevel: 2,
  input: z.strictObject({
    id: z.string().trim().min(1).max(64).describe("The order's number, such as 456."),
  }),
  from: {
    request: {
      method: "GET",
      path: "/orders/{id}",
      pathValues: { id: { from: "input", name: "id" } },
    },
    at: "",
    many: false,
    record: z.object({
      id: z.string(),
      customer_id: z.string(),
      item: z.string(),
      amount: z.number(),
      currency: z.string(),
      status: z.string(),
      paid: z.number(),
      refunded: z.number(),
      ordered_on: z.string().nullish(),
      shipped_on: z.string().nullish(),
      delivered_on: z.string().nullish(),
      due_on: z.string().nullish(),
      tracking: z.string().nullish(),
    }),
  },
  belongsTo: { by: "field", field: "customer_id", is: "system_id" },
  personal: [],
  shownMax: 1,
};

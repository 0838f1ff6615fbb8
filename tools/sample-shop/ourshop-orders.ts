/**
 * ourshop orders: GET /customers/{id}/orders of OurShop 1.0.0, operation list_orders.
 * Risk: none, it only looks something up. Scope: what the system lists for the requester's system id, filled in by
 * code.
 */
import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";
import { connection } from "./connection.ts";

export const ourshopOrders: ReadDeclaration = {
  kind: "read",
  connection,
  name: "ourshop_orders",
  description: "All orders of the customer, when no order number is named.",
  minimumLevel: 2,
  input: z.strictObject({}),
  from: {
    request: {
      method: "GET",
      path: "/customers/{id}/orders",
      pathValues: { id: { from: "requester", is: "system_id" } },
    },
    at: "",
    many: true,
    record: z.object({
      id: z.string(),
      customer_id: z.string(),
      item: z.string(),
      amount: z.number(),
      currency: z.string(),
      status: z.string(),
      ordered_on: z.string().nullish(),
    }),
  },
  belongsTo: { by: "parameter", name: "id", is: "system_id", field: "customer_id" },
  personal: [],
  shownMax: 5,
};

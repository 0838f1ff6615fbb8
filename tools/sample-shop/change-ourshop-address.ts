/**
 * change ourshop address: POST /orders/{id}/address of OurShop 1.0.0, operation change_address.
 * Risk: changes something; people decide unless the policy says otherwise. Scope: records whose customer_id is the
 * requester's system id; others look like none.
 */
import { z } from "zod";
import type { ChangeDeclaration } from "#systems/contract.ts";
import { connection } from "./connection.ts";

export const changeOurshopAddress: ChangeDeclaration = {
  kind: "write",
  connection,
  name: "change_ourshop_address",
  operation: "change_ourshop_address",
  description: "Proposes another shipping address for an order that has not left yet.",
  minimumLevel: 2,
  input: z.strictObject({
    id: z.string().trim().min(1).max(64).describe("The order's number, such as 456."),
    shipping_address: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe("The full new address as one text."),
  }),
  wishes: [
    /(?<!\p{L})change the address(?!\p{L})/u,
    /(?<!\p{L})other address(?!\p{L})/u,
    /(?<!\p{L})new address(?!\p{L})/u,
    /(?<!\p{L})wrong address(?!\p{L})/u,
  ],
  about: {
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
        status: z.string(),
      }),
    },
    belongsTo: { by: "field", field: "customer_id", is: "system_id" },
    id: "id",
    unchanged: ["status"],
  },
  ownWords: ["shipping_address"],
  label: "Order {id} goes to {input.shipping_address}",
  identity: ["id", "input.shipping_address"],
  commit: {
    request: {
      method: "POST",
      path: "/orders/{id}/address",
      pathValues: { id: { from: "record", field: "id" } },
      body: {
        encoding: "json",
        fields: { shipping_address: { from: "input", name: "shipping_address" } },
      },
    },
    idempotency: { in: "header", name: "Idempotency-Key" },
    receipt: z.object({
      order_id: z.string(),
      shipping_address: z.string(),
    }),
    ref: "order_id",
    same: {
      order_id: { from: "record", field: "id" },
      shipping_address: { from: "input", name: "shipping_address" },
    },
  },
  find: {
    by: "looking",
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
        shipping_address: z.string(),
      }),
    },
    shows: { shipping_address: { from: "input", name: "shipping_address" } },
    ref: "id",
  },
};

/**
 * refund ourshop order: POST /orders/{id}/refunds of OurShop 1.0.0, operation create_refund.
 * Risk: moves money or promises it; people decide unless the policy says otherwise. Scope: records whose customer_id
 * is the requester's system id; others look like none.
 */
import { z } from "zod";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { connection } from "./connection.ts";

export const refundOurshopOrder: MoneyDeclaration = {
  kind: "write",
  connection,
  name: "refund_ourshop_order",
  operation: "refund_ourshop_order",
  description:
    "Proposes to give an order's money back, whole or in part, when the customer asks for it.",
  minimumLevel: 2,
  input: z.strictObject({
    id: z.string().trim().min(1).max(64).describe("The order's number, such as 456."),
    amount: z
      .string()
      .trim()
      .min(1)
      .max(40)
      .nullable()
      .describe('Such as "25.00" for a part; null for all that is left'),
  }),
  wishes: [
    /(?<!\p{L})refund(?!\p{L})/u,
    /(?<!\p{L})money back(?!\p{L})/u,
    /(?<!\p{L})geld zuruck(?!\p{L})/u,
    /(?<!\p{L})remboursement(?!\p{L})/u,
    /(?<!\p{L})reembolso(?!\p{L})/u,
    /(?<!\p{L})rimborso(?!\p{L})/u,
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
        item: z.string(),
        currency: z.string(),
        status: z.string(),
        paid: z.number(),
        refunded: z.number(),
      }),
    },
    belongsTo: { by: "field", field: "customer_id", is: "system_id" },
    id: "id",
    unchanged: ["status", "paid", "refunded"],
  },
  ownWords: [],
  money: {
    amount: "amount",
    paid: "paid",
    refunded: "refunded",
    currency: "currency",
    unit: "decimal",
  },
  label: "Refund of {input.amount} for order {id} ({item})",
  identity: ["id", "refunded"],
  commit: {
    request: {
      method: "POST",
      path: "/orders/{id}/refunds",
      pathValues: { id: { from: "record", field: "id" } },
      body: {
        encoding: "json",
        fields: {
          currency: { from: "record", field: "currency" },
          reason: { from: "fixed", value: "Asked for by the customer" },
          amount: { from: "input", name: "amount" },
        },
      },
    },
    idempotency: { in: "header", name: "Idempotency-Key" },
    receipt: z.object({
      id: z.string(),
      order_id: z.string(),
      amount: z.number(),
    }),
    ref: "id",
    amount: "amount",
    same: { order_id: { from: "record", field: "id" } },
  },
  find: {
    by: "key",
    from: {
      request: {
        method: "GET",
        path: "/orders/{id}/refunds",
        pathValues: { id: { from: "record", field: "id" } },
      },
      at: "",
      many: true,
      record: z.object({
        id: z.string(),
        amount: z.number(),
        idempotency_key: z.string(),
      }),
    },
    keyField: "idempotency_key",
    ref: "id",
    same: { amount: { from: "input", name: "amount" } },
  },
};

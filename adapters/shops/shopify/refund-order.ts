/** The write tool for a refund at Shopify. */
import { z } from "zod";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";
import { SHOPIFY } from "./connection.ts";

/** `suggestedRefund` names the payment that money can go back to. */
const ORDER = `query order($id: ID!) {
  order(id: $id) {
    id name email displayFinancialStatus
    totalReceivedSet { shopMoney { amount currencyCode } }
    totalRefundedSet { shopMoney { amount currencyCode } }
    suggestedRefund(suggestFullRefund: true) {
      suggestedTransactions { gateway parentTransaction { id } }
    }
  }
}`;

const REFUNDS = `query refunds($id: ID!) { order(id: $id) {
  refunds { id note totalRefundedSet { shopMoney { amount } } }
} }`;

/**
 * Money only: nothing is put back on the shelf, which is for those who get the parcel. The key makes Shopify do nothing
 * twice, and stands in the refund's note for the team, by which it is found.
 */
const REFUND = `mutation refund($order: ID!, $parent: ID!, $gateway: String!, $amount: Money!, $note: String!, $key: String!) {
  refundCreate(input: {
    orderId: $order
    note: $note
    transactions: [{ orderId: $order, parentId: $parent, gateway: $gateway, kind: REFUND, amount: $amount }]
  }) @idempotent(key: $key) {
    refund { id note order { id } totalRefundedSet { shopMoney { amount } } }
    userErrors { field message }
  }
}`;

/** An order that was paid at once in one payment; one with several is left to people. */
const Order = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  displayFinancialStatus: z.string().nullable(),
  totalReceivedSet: z.object({
    shopMoney: z.object({ amount: z.string(), currencyCode: z.string() }),
  }),
  totalRefundedSet: z.object({ shopMoney: z.object({ amount: z.string() }) }),
  suggestedRefund: z
    .object({
      suggestedTransactions: z
        .array(z.object({ gateway: z.string(), parentTransaction: z.object({ id: z.string() }) }))
        .max(1),
    })
    .nullable(),
});

const PAYMENT = "suggestedRefund.suggestedTransactions.0";

/** Back by the payment of the order; Shopify books it once under a key, and the refund's note finds it again. */
export const refundOrder: MoneyDeclaration = {
  kind: "write",
  connection: SHOPIFY,
  name: "refund_shopify_order",
  operation: "shopify_refund",
  description:
    "Proposes to give an order's money back, whole or in part, the way it was paid. Take order_id from shopify_orders.",
  minimumLevel: 2,
  input: z.strictObject({
    order_id: z.string().regex(/^gid:\/\/shopify\/Order\/\d{1,20}$/),
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
        method: "POST",
        path: "/graphql.json",
        body: {
          encoding: "json",
          fields: {
            query: { from: "fixed", value: ORDER },
            "variables.id": { from: "input", name: "order_id" },
          },
        },
      },
      at: "data.order",
      many: false,
      record: Order,
    },
    belongsTo: { by: "field", field: "email", is: "email" },
    id: "id",
    unchanged: ["displayFinancialStatus", "totalRefundedSet.shopMoney.amount"],
  },
  ownWords: [],
  money: {
    amount: "amount",
    paid: "totalReceivedSet.shopMoney.amount",
    refunded: "totalRefundedSet.shopMoney.amount",
    currency: "totalReceivedSet.shopMoney.currencyCode",
    unit: "decimal",
    status: "displayFinancialStatus",
  },
  label: "Refund of order {name} at Shopify",
  identity: ["id", "totalRefundedSet.shopMoney.amount"],
  commit: {
    request: {
      method: "POST",
      path: "/graphql.json",
      body: {
        encoding: "json",
        fields: {
          query: { from: "fixed", value: REFUND },
          "variables.order": { from: "record", field: "id" },
          "variables.parent": { from: "record", field: `${PAYMENT}.parentTransaction.id` },
          "variables.gateway": { from: "record", field: `${PAYMENT}.gateway` },
          "variables.amount": { from: "input", name: "amount" },
          "variables.note": { from: "key" },
          "variables.key": { from: "key" },
        },
      },
    },
    idempotency: { in: "field", name: "variables.key" },
    receipt: z.object({
      data: z.object({
        refundCreate: z.object({
          refund: z.object({
            id: z.string(),
            note: z.string(),
            order: z.object({ id: z.string() }),
            totalRefundedSet: z.object({ shopMoney: z.object({ amount: z.string() }) }),
          }),
        }),
      }),
    }),
    ref: "data.refundCreate.refund.id",
    amount: "data.refundCreate.refund.totalRefundedSet.shopMoney.amount",
    refusedWith: "data.refundCreate.userErrors",
    same: {
      "data.refundCreate.refund.order.id": { from: "record", field: "id" },
      "data.refundCreate.refund.note": { from: "key" },
    },
  },
  find: {
    by: "key",
    from: {
      request: {
        method: "POST",
        path: "/graphql.json",
        body: {
          encoding: "json",
          fields: {
            query: { from: "fixed", value: REFUNDS },
            "variables.id": { from: "record", field: "id" },
          },
        },
      },
      at: "data.order.refunds",
      many: true,
      record: z.object({
        id: z.string(),
        note: z.string(),
        totalRefundedSet: z.object({ shopMoney: z.object({ amount: z.string() }) }),
      }),
    },
    keyField: "note",
    ref: "id",
    same: { "totalRefundedSet.shopMoney.amount": { from: "input", name: "amount" } },
  },
};

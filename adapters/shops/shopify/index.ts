/**
 * Shopify: how it is reached (its GraphQL Admin API with the access token of an app of one's own), the customer's orders,
 * and refunds of them.
 *
 * Written after Shopify's reference of the GraphQL Admin API: `customerByIdentifier`, `order`, `refundCreate`, and
 * idempotent requests. The older REST interface is not used, because Shopify no longer develops it.
 */

import { REFUND_WISHES } from "#text/plain-request.ts";
import type {
  Connection,
  ReadDeclaration,
  MoneyDeclaration,
  RequestTemplate,
  SystemTool,
  Value,
} from "#systems/contract.ts";
import { z } from "zod";
import { RefundAmount } from "#core/values/money.ts";

/**
 * The address is that of the shop with `/admin/api/2026-10` at its end; Shopify serves a version for a year. The app needs
 * `read_orders`, `write_orders` and `read_customers`, and `read_all_orders` for orders older than 60 days.
 */
const SHOPIFY: Connection = {
  name: "Shopify",
  addressFrom: "SHOPIFY_ADDRESS",
  address: null,
  authentication: {
    kind: "api-key",
    in: "header",
    name: "X-Shopify-Access-Token",
    secret: "SHOPIFY_TOKEN",
  },
  // GraphQL says in the body of an answer with status 200 that it was too busy or failed.
  failsWith: "errors",
  limits: { timeoutMs: 20_000, answerBytesMax: 1_000_000, perMinute: 120 },
};

/** Everything is asked at one address, by a query and its variables. */
function graphql(query: string, variables: Readonly<Record<string, Value>>): RequestTemplate {
  const fields = { query: { from: "fixed", value: query } as const, ...variables };
  return { method: "POST", path: "/graphql.json", body: { encoding: "json", fields } };
}

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

const Amount = z.object({ shopMoney: z.object({ amount: z.string() }) });
const Money = z.object({
  shopMoney: z.object({ amount: z.string(), currencyCode: z.string() }),
});

/** The latest orders of the customer with the proven address. */
const listOrders: ReadDeclaration = {
  kind: "read",
  connection: SHOPIFY,
  name: "shopify_orders",
  description:
    "The customer's latest orders, newest first, with state, total and what went back. `name` is the number customers know, `id` is for refund_shopify_order.",
  minimumLevel: 2,
  input: z.strictObject({}),
  from: {
    request: graphql(ORDERS_OF_CUSTOMER, {
      "variables.email": { from: "requester", is: "email" },
    }),
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
  totalReceivedSet: Money,
  totalRefundedSet: Amount,
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
const refundOrder: MoneyDeclaration = {
  kind: "write",
  connection: SHOPIFY,
  name: "refund_shopify_order",
  operation: "shopify_refund",
  description:
    "Proposes to give an order's money back, whole or in part, the way it was paid. Take order_id from shopify_orders.",
  minimumLevel: 2,
  input: z.strictObject({
    order_id: z.string().regex(/^gid:\/\/shopify\/Order\/\d{1,20}$/),
    amount: RefundAmount,
  }),
  wishes: REFUND_WISHES,
  about: {
    from: {
      request: graphql(ORDER, {
        "variables.id": { from: "input", name: "order_id" },
      }),
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
    request: graphql(REFUND, {
      "variables.order": { from: "record", field: "id" },
      "variables.parent": { from: "record", field: `${PAYMENT}.parentTransaction.id` },
      "variables.gateway": { from: "record", field: `${PAYMENT}.gateway` },
      "variables.amount": { from: "input", name: "amount" },
      "variables.note": { from: "key" },
      "variables.key": { from: "key" },
    }),
    idempotency: { in: "field", name: "variables.key" },
    receipt: z.object({
      data: z.object({
        refundCreate: z.object({
          refund: z.object({
            id: z.string(),
            note: z.string(),
            order: z.object({ id: z.string() }),
            totalRefundedSet: Amount,
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
      request: graphql(REFUNDS, {
        "variables.id": { from: "record", field: "id" },
      }),
      at: "data.order.refunds",
      many: true,
      record: z.object({
        id: z.string(),
        note: z.string(),
        totalRefundedSet: Amount,
      }),
    },
    keyField: "note",
    ref: "id",
    same: { "totalRefundedSet.shopMoney.amount": { from: "input", name: "amount" } },
  },
};

/** All tools for Shopify. */
export const tools: readonly SystemTool[] = [listOrders, refundOrder];

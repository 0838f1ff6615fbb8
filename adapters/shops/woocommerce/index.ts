/**
 * WooCommerce: how it is reached (its REST API version 3 with a consumer's key and secret), the customer's orders, and
 * refunds of them.
 *
 * Written after WooCommerce's REST reference, version 3: Authentication, Customers, Orders, Order refunds.
 */

import { REFUND_WISHES } from "#text/plain-request.ts";
import type {
  Connection,
  ReadDeclaration,
  MoneyDeclaration,
  SystemTool,
} from "#systems/contract.ts";
import { z } from "zod";
import { RefundAmount } from "#core/values/money.ts";

/** The address is that of the site with `/wp-json/wc/v3` at its end. The key needs read and write access. */
const WOOCOMMERCE: Connection = {
  name: "WooCommerce",
  addressFrom: "WOOCOMMERCE_ADDRESS",
  address: null,
  authentication: { kind: "basic", user: "WOOCOMMERCE_KEY", secret: "WOOCOMMERCE_SECRET" },
  // A site of one's own, so it is spared; a refund waits for the payment company behind it.
  limits: { timeoutMs: 30_000, answerBytesMax: 2_000_000, perMinute: 120 },
  customer: {
    request: {
      method: "GET",
      path: "/customers",
      query: {
        email: { from: "requester", is: "email" },
        role: { from: "fixed", value: "all" },
      },
    },
    records: "",
    id: "id",
    email: "email",
  },
};

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
const listOrders: ReadDeclaration = {
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

/** The order whose number the model gives. */
const ORDER_BY_NUMBER = {
  method: "GET",
  path: "/orders/{order}",
  pathValues: { order: { from: "input", name: "order_id" } },
} as const;

/** One order, also of a guest without an account: its billing address must be the one the customer proved. */
const getOrder: ReadDeclaration = {
  kind: "read",
  connection: WOOCOMMERCE,
  name: "woocommerce_order",
  description: "One order by its number: items, state, total, and what went back.",
  minimumLevel: 2,
  input: z.strictObject({ order_id: z.string().regex(/^\d{1,18}$/) }),
  from: {
    request: ORDER_BY_NUMBER,
    at: "",
    many: false,
    record: Order,
  },
  belongsTo: { by: "field", field: "billing.email", is: "email" },
  personal: ["billing.email"],
  shownMax: 1,
};

/** The sum of an order's refunds as decimal text, in millionths so that no digit is lost; totals are negative. */
function sumOf(refunds: readonly { readonly total: string }[]): string {
  const millionths = refunds.reduce(
    (sum, { total }) => sum + Math.round(Math.abs(Number(total)) * 1e6),
    0,
  );
  return (millionths / 1e6).toFixed(6).replace(/(?:\.|(?<![.0]))0+$/, "");
}

/** An order with what was paid and what went back. */
const RefundedOrder = Order.omit({
  customer_id: true,
  date_created: true,
  date_paid: true,
  line_items: true,
}).extend({
  refunds: z.array(z.object({ total: z.string() })).transform(sumOf),
});

const Refund = z.object({ id: z.int(), amount: z.string(), reason: z.string() });

/**
 * Back by the payment company of the order. WooCommerce knows no keys and does a repeated request again, so after a lost
 * answer the order's refunds are always looked through first. The key is the reason of the refund, because WooCommerce
 * writes it before it asks the payment company; meta data is written only afterwards. Customers see the reason.
 */
const refundOrder: MoneyDeclaration = {
  kind: "write",
  connection: WOOCOMMERCE,
  name: "refund_woocommerce_order",
  operation: "woocommerce_refund",
  description: "Proposes to give an order's money back, whole or in part, the way it was paid.",
  minimumLevel: 2,
  input: z.strictObject({
    order_id: z.string().regex(/^\d{1,18}$/),
    amount: RefundAmount,
  }),
  wishes: REFUND_WISHES,
  about: {
    from: {
      request: ORDER_BY_NUMBER,
      at: "",
      many: false,
      record: RefundedOrder,
    },
    belongsTo: { by: "field", field: "billing.email", is: "email" },
    id: "id",
    unchanged: ["status", "total", "refunds"],
  },
  ownWords: [],
  money: {
    amount: "amount",
    paid: "total",
    refunded: "refunds",
    currency: "currency",
    unit: "decimal",
    status: "status",
  },
  label: "Refund of order {number} at WooCommerce",
  identity: ["id", "refunds"],
  commit: {
    request: {
      method: "POST",
      path: "/orders/{order}/refunds",
      pathValues: { order: { from: "record", field: "id" } },
      body: {
        encoding: "json",
        fields: {
          amount: { from: "input", name: "amount" },
          reason: { from: "key" },
          api_refund: { from: "fixed", value: true },
        },
      },
    },
    idempotency: null,
    receipt: Refund,
    ref: "id",
    amount: "amount",
    same: { reason: { from: "key" } },
  },
  find: {
    by: "key",
    from: {
      request: {
        method: "GET",
        path: "/orders/{order}/refunds",
        pathValues: { order: { from: "record", field: "id" } },
        query: { per_page: { from: "fixed", value: 100 } },
      },
      at: "",
      many: true,
      record: Refund,
    },
    keyField: "reason",
    ref: "id",
    same: { amount: { from: "input", name: "amount" } },
  },
};

/** All tools for WooCommerce. */
export const tools: readonly SystemTool[] = [listOrders, getOrder, refundOrder];

/** The write tool for a refund at WooCommerce. */
import { z } from "zod";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";
import { WOOCOMMERCE } from "./connection.ts";

/** The sum of an order's refunds as decimal text, in millionths so that no digit is lost; totals are negative. */
function sumOf(refunds: readonly { readonly total: string }[]): string {
  const millionths = refunds.reduce(
    (sum, { total }) => sum + Math.round(Math.abs(Number(total)) * 1e6),
    0,
  );
  return (millionths / 1e6).toFixed(6).replace(/(?:\.|(?<![.0]))0+$/, "");
}

/** An order with what was paid and what went back. */
const Order = z.object({
  id: z.int(),
  number: z.string(),
  status: z.string(),
  currency: z.string(),
  total: z.string(),
  billing: z.object({ email: z.string() }),
  refunds: z.array(z.object({ total: z.string() })).transform(sumOf),
});

const Refund = z.object({ id: z.int(), amount: z.string(), reason: z.string() });

/**
 * Back by the payment company of the order. WooCommerce knows no keys and does a repeated request again, so after a lost
 * answer the order's refunds are always looked through first. The key is the reason of the refund, because WooCommerce
 * writes it before it asks the payment company; meta data is written only afterwards. Customers see the reason.
 */
export const refundOrder: MoneyDeclaration = {
  kind: "write",
  connection: WOOCOMMERCE,
  name: "refund_woocommerce_order",
  operation: "woocommerce_refund",
  description: "Proposes to give an order's money back, whole or in part, the way it was paid.",
  minimumLevel: 2,
  input: z.strictObject({
    order_id: z.string().regex(/^\d{1,18}$/),
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
        method: "GET",
        path: "/orders/{order}",
        pathValues: { order: { from: "input", name: "order_id" } },
      },
      at: "",
      many: false,
      record: Order,
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

/** The read tool for the payments and refunds of one order. */
import { z } from "zod";
import { formatMoney } from "#core/values/money.ts";
import type { Shop } from "#core/contracts/shop.ts";
import { ORDER_NOT_FOUND, readTool, type ReadTool } from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, OrderId, OrderNotFound, ownOrder } from "./find-own-order.ts";

const PaymentsResult = z.discriminatedUnion("found", [
  OrderNotFound,
  z.strictObject({
    found: z.literal(true),
    order_id: z.string(),
    payments: z.array(
      z.strictObject({ amount: z.string(), method: z.string(), paid_on: z.iso.date() }),
    ),
    refunds: z.array(z.strictObject({ amount: z.string(), refunded_on: z.string() })),
  }),
]);

/** Returns how and when an order was paid, and what was refunded. */
export function getPayments({ shop }: { readonly shop: Shop }): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    name: "get_payments",
    description:
      "Payments and refunds of one order: amount, method, day. For questions about charges, invoices and where a " +
      "refund went.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    input: z.strictObject({ order_id: OrderId }),
    output: PaymentsResult,
    async run({ order_id }, context): Promise<z.infer<typeof PaymentsResult>> {
      // Both are requested for every number, so that the calls do not distinguish another customer's order from an
      // absent one.
      const [order, payments] = await Promise.all([
        ownOrder(shop, order_id, context),
        shop.payments(order_id, context.signal),
      ]);
      if (order === null) return { found: false, order_id, remark: ORDER_NOT_FOUND };
      return {
        found: true,
        order_id: order.id,
        payments: payments.map(({ amount, method, paidOn }) => ({
          amount: formatMoney(amount),
          method,
          paid_on: paidOn,
        })),
        refunds: order.refunds.map(({ amount, createdAt }) => ({
          amount: formatMoney(amount),
          refunded_on: createdAt.slice(0, 10),
        })),
      };
    },
  });
}

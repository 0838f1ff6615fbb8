/** The read tool for the state of one order. */
import { z } from "zod";
import type { Shop } from "#core/contracts/shop.ts";
import { ORDER_NOT_FOUND, readTool, type ReadTool } from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, OrderId, OrderNotFound, ownOrder } from "./find-own-order.ts";
import { orderDetails, OrderDetails, type RefundDays } from "./order-view.ts";

const OrderStatus = z.discriminatedUnion("found", [
  OrderNotFound,
  z.strictObject({ found: z.literal(true), order: OrderDetails }),
]);

/** Returns where one order is, with its dates, its address, what was refunded and what we have open about it. */
export function getOrderStatus({
  shop,
  refundDays,
}: {
  readonly shop: Shop;
  readonly refundDays: RefundDays;
}): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    name: "get_order_status",
    description:
      "Status, dates, amounts, tracking number and address of one order, and what is open about it. Use it whenever an " +
      "order number is named, in the same step as a proposal about it.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    input: z.strictObject({ order_id: OrderId }),
    output: OrderStatus,
    async run({ order_id }, context): Promise<z.infer<typeof OrderStatus>> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { found: false, order_id, remark: ORDER_NOT_FOUND };
      const matters = await context.openMatters([order.id]);
      return { found: true, order: orderDetails(order, { refundDays, matters }) };
    },
  });
}

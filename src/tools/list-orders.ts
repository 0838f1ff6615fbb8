/** The read tool that lists the requester's orders. */
import { z } from "zod";
import type { Shop } from "#core/contracts/shop.ts";
import { readTool, type ReadTool } from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, mayReadAccount, NotFound } from "./find-own-order.ts";
import { orderView, OrderView, type RefundDays } from "./order-view.ts";

/** More would not fit a reply; the count says that there are others. */
const ORDERS_SHOWN_MAX = 20;

const OrderList = z.discriminatedUnion("found", [
  NotFound,
  z.strictObject({
    found: z.literal(true),
    orders: z.array(OrderView).min(1).max(ORDERS_SHOWN_MAX),
    /** How many older orders are left out. */
    more: z.int().min(0),
  }),
]);

/** Returns the customer's own orders, for requests that name no order. */
export function listOrders({
  shop,
  refundDays,
}: {
  readonly shop: Shop;
  readonly refundDays: RefundDays;
}): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    name: "list_orders",
    description:
      "The orders of this customer with status and amounts, for when they name no order number, or what they bought. " +
      "Tracking number and address stand in get_order_status.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    input: z.strictObject({}),
    output: OrderList,
    async run(_input, context): Promise<z.infer<typeof OrderList>> {
      const { customerId } = context.requester;
      const orders = customerId === null ? [] : await shop.orders(customerId, context.signal);
      if (orders.length === 0 || !mayReadAccount(context))
        return { found: false, remark: "There are no orders for this customer." };
      const shown = orders.slice(-ORDERS_SHOWN_MAX);
      const matters = await context.openMatters(shown.map(({ id }) => id));
      return {
        found: true,
        orders: shown.map((order) => orderView(order, { refundDays, matters })),
        more: Math.max(0, orders.length - ORDERS_SHOWN_MAX),
      };
    },
  });
}

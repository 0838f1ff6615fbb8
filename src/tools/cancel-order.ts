/** The write tool that proposes to cancel an order before it is shipped. */
import { z } from "zod";
import type { CancelOrderArguments } from "#core/values/action.ts";
import { factsOf, isCancelled, type Order, type Shop } from "#core/contracts/shop.ts";
import { type ProposeResult, writeTool, type WriteTool } from "#core/contracts/tool.ts";
import { formatMoney } from "#core/values/money.ts";
import {
  ACCOUNT_LEVEL,
  ORDER_NOT_FOUND,
  OrderId,
  ownOrder,
  unprovenOrder,
} from "./find-own-order.ts";
import { CANCEL_REQUESTS } from "#text/order-request-phrases.ts";
import { leftOf } from "./order-view.ts";

/** Proposes to cancel one order; what was paid for it goes back to its original payment method and nowhere else. */
export function cancelOrder({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "cancel_order",
    operation: "cancel_order",
    description:
      "Proposes to cancel one order that has not been shipped; what was paid goes back with it. Once it has left it can " +
      "only come back: start_return.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes: CANCEL_REQUESTS,
    input: z.strictObject({ order_id: OrderId }),
    async propose({ order_id }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const reason = whyNot(order);
      if (reason !== null) return { kind: "impossible", reason };
      const amount = leftOf(order);
      const cancel: CancelOrderArguments = { orderId: order.id, amount };
      return {
        kind: "proposed",
        unproven: await unprovenOrder(shop, order, context, (other) => whyNot(other) === null),
        planned: {
          key: `cancel:shop:${order.id}`,
          action: { target: "shop", operation: "cancel_order", arguments: cancel },
          label: `Cancel order ${order.id}, ${formatMoney(amount)} goes back to the original payment method`,
          facts: [factsOf(order)],
        },
      };
    },
  });
}

function whyNot(order: Order): string | null {
  const { id, shippedOn, deliveredOn } = order;
  if (isCancelled(order)) return `Order ${id} is cancelled already.`;
  if (shippedOn === null && deliveredOn === null) return null;
  const since = deliveredOn === null ? `shipped on ${shippedOn}` : `delivered on ${deliveredOn}`;
  return `Order ${id} was ${since}, so it cannot be cancelled any more.`;
}

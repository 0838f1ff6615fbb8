/** The write tool that proposes to cancel an order before it is shipped. */
import { isCancelled, type Order, type Shop } from "#core/contracts/shop.ts";
import type { WriteTool } from "#core/contracts/tool.ts";
import { formatMoney } from "#core/values/money.ts";
import { CANCEL_WISHES } from "#text/plain-request.ts";
import { orderTool } from "./order-tool.ts";
import { leftOf } from "./order-view.ts";

/** Proposes to cancel one order; what was paid for it goes back to its original payment method and nowhere else. */
export function cancelOrder({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "cancel_order",
    description:
      "Proposes to cancel one order that has not been shipped; what was paid goes back with it. Once it has left it can " +
      "only come back: start_return.",
    wishes: CANCEL_WISHES,
    whyNot,
    planned: (order) => {
      const amount = leftOf(order);
      return {
        key: `cancel:shop:${order.id}`,
        label: `Cancel order ${order.id}, ${formatMoney(amount)} goes back to the original payment method`,
        amount,
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

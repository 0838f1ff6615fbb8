/** What the write tools about one whole order share: whose order it is, whether it can be done, and what is proposed. */
import { z } from "zod";
import type { CancelOrderArguments, OrderArguments } from "#core/values/action.ts";
import type { Money } from "#core/values/money.ts";
import { factsOf, type Order, type Shop } from "#core/contracts/shop.ts";
import {
  type CalledAction,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import {
  ACCOUNT_LEVEL,
  calledBy,
  ORDER_NOT_FOUND,
  OrderId,
  ownOrder,
  unprovenOrder,
} from "./find-own-order.ts";

/** What a teammate is asked to approve. */
interface PlannedChange {
  /** The same for the same request, on whatever channel. */
  readonly key: string;
  /** The words of the card. */
  readonly label: string;
  /** What goes back with it; left out where no money moves. */
  readonly amount?: Money;
}

/** What they differ in. */
interface OrderTool {
  /** The tool's name, and the shop's operation. */
  readonly name: "cancel_order" | "start_return" | "exchange_item" | "resend_invoice";
  readonly description: string;
  readonly wishes: readonly RegExp[];
  readonly called?: CalledAction;
  /** Why it cannot be done with this order, in a sentence for the customer, or null. */
  readonly whyNot: (order: Order) => string | null;
  readonly planned: (order: Order, context: ToolContext) => PlannedChange;
}

/** A tool that proposes the operation of this name for one order of the writer's own account. */
export function orderTool(
  shop: Shop,
  { name, description, wishes, called, whyNot, planned }: OrderTool,
): WriteTool {
  return writeTool({
    kind: "write",
    name,
    operation: name,
    description,
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes,
    ...(called === undefined ? {} : { called }),
    input: z.strictObject({ order_id: OrderId }),
    async propose({ order_id }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const reason = whyNot(order);
      if (reason !== null) return { kind: "impossible", reason };
      const { key, label, amount } = planned(order, context);
      const given: OrderArguments | CancelOrderArguments =
        amount === undefined ? { orderId: order.id } : { orderId: order.id, amount };
      return {
        kind: "proposed",
        names: calledBy(order),
        unproven: await unprovenOrder(shop, order, context, (other) => whyNot(other) === null),
        planned: {
          key,
          action: { target: "shop", operation: name, arguments: given },
          label,
          facts: [factsOf(order)],
        },
      };
    },
  });
}

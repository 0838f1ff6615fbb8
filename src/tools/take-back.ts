/** The write tools that propose to take an order back: a return, or an exchange for another one of the same item. */
import { z } from "zod";
import type { OrderArguments } from "#core/values/action.ts";
import { factsOf, type Order, type Shop } from "#core/contracts/shop.ts";
import { type ProposeResult, writeTool, type WriteTool } from "#core/contracts/tool.ts";
import {
  ACCOUNT_LEVEL,
  ORDER_NOT_FOUND,
  OrderId,
  ownOrder,
  unprovenOrder,
} from "./find-own-order.ts";
import { EXCHANGE_REQUESTS, RETURN_REQUESTS } from "#text/order-request-phrases.ts";

/** What the two kinds differ in. */
interface TakeBack {
  readonly name: "start_return" | "exchange_item";
  /** The first part of the key: the same request is the same effect, on whatever channel. */
  readonly key: "return" | "exchange";
  readonly description: string;
  readonly wishes: readonly RegExp[];
  readonly label: (orderId: string) => string;
}

const RETURN: TakeBack = {
  name: "start_return",
  key: "return",
  description:
    "Proposes the return of one delivered order: a label is mailed to the address on file, the money goes back when " +
    "the parcel has arrived. Propose it also if it may be too late.",
  wishes: RETURN_REQUESTS,
  label: (orderId) => `Start the return of order ${orderId}, label to the address on file`,
};

const EXCHANGE: TakeBack = {
  name: "exchange_item",
  key: "exchange",
  description:
    "Proposes to exchange one delivered order for the same item: a label is mailed to the address on file, the new one " +
    "leaves when the parcel has arrived. Another item or size is a return and a new order.",
  wishes: EXCHANGE_REQUESTS,
  label: (orderId) =>
    `Exchange order ${orderId} for a new one of the same item, label to the address on file`,
};

/** Proposes a return label for one order. */
export function startReturn({ shop }: { readonly shop: Shop }): WriteTool {
  return takeBack(shop, RETURN);
}

/** Proposes an exchange of one order. */
export function exchangeItem({ shop }: { readonly shop: Shop }): WriteTool {
  return takeBack(shop, EXCHANGE);
}

function takeBack(shop: Shop, { name, key, description, wishes, label }: TakeBack): WriteTool {
  return writeTool({
    kind: "write",
    name,
    operation: name,
    description,
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes,
    input: z.strictObject({ order_id: OrderId }),
    async propose({ order_id }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const reason = whyNot(order);
      if (reason !== null) return { kind: "impossible", reason };
      const given: OrderArguments = { orderId: order.id };
      return {
        kind: "proposed",
        unproven: await unprovenOrder(shop, order, context, (other) => whyNot(other) === null),
        planned: {
          key: `${key}:shop:${order.id}`,
          action: { target: "shop", operation: name, arguments: given },
          label: label(order.id),
          facts: [factsOf(order)],
        },
      };
    },
  });
}

function whyNot({ id, deliveredOn, returning }: Order): string | null {
  if (returning !== null)
    return `${returning.kind === "return" ? "A return" : "An exchange"} of order ${id} was started on ${returning.since} already.`;
  return deliveredOn === null
    ? `Order ${id} has not been delivered, so it cannot come back yet.`
    : null;
}

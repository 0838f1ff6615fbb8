/** The write tools that propose to take an order back: a return, or an exchange for another one of the same item. */
import type { Order, Shop } from "#core/contracts/shop.ts";
import type { WriteTool } from "#core/contracts/tool.ts";
import { EXCHANGE_WISHES, RETURN_WISHES } from "#text/plain-request.ts";
import { orderTool } from "./order-tool.ts";

/** Proposes a return label for one order. */
export function startReturn({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "start_return",
    description:
      "Proposes the return of one delivered order: a label is mailed to the address on file, the money goes back when " +
      "the parcel has arrived. Propose it also if it may be too late.",
    wishes: RETURN_WISHES,
    called: {
      verbs: ["start", "register", "open", "set up", "arrange", "book"],
      things: ["return"],
    },
    whyNot,
    planned: ({ id }) => ({
      key: `return:shop:${id}`,
      label: `Start the return of order ${id}, label to the address on file`,
    }),
  });
}

/** Proposes an exchange of one order. */
export function exchangeItem({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "exchange_item",
    description:
      "Proposes to exchange one delivered order for the same item: a label is mailed to the address on file, the new one " +
      "leaves when the parcel has arrived. Another item or size is a return and a new order.",
    wishes: EXCHANGE_WISHES,
    called: { verbs: ["exchange", "swap"], things: [] },
    whyNot,
    planned: ({ id }) => ({
      key: `exchange:shop:${id}`,
      label: `Exchange order ${id} for a new one of the same item, label to the address on file`,
    }),
  });
}

function whyNot({ id, deliveredOn, returning }: Order): string | null {
  if (returning !== null)
    return `${returning.kind === "return" ? "A return" : "An exchange"} of order ${id} was started on ${returning.since} already.`;
  return deliveredOn === null
    ? `Order ${id} has not been delivered, so it cannot come back yet.`
    : null;
}

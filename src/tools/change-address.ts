/** The write tool that proposes another shipping address. */
import { standsIn } from "#text/about-text.ts";
import { z } from "zod";
import type { ChangeAddressArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { factsOf, type Order, type Shop } from "#core/contracts/shop.ts";
import {
  ORDER_NOT_FOUND,
  type ProposeResult,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, OrderId, ownOrder, unprovenOrder } from "./find-own-order.ts";
import { oneLine } from "#core/values/words.ts";

/** Proposes another shipping address for one order. */
export function changeAddress({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "change_address",
    operation: "change_address",
    description:
      "Proposes a new shipping address, whole and as the customer wrote it. Propose it also if the order may have left.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    // A new address stands in no record, so a person always decides, however it is asked for.
    wishes: [],
    input: z.strictObject({
      order_id: OrderId,
      new_address: z
        .string()
        .max(1_000)
        .transform((text) => oneLine(text))
        .pipe(z.string().min(5).max(500))
        .describe("On one line, copied exactly"),
    }),
    async propose({ order_id, new_address }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      if (order.shippingAddress === new_address)
        return { kind: "impossible", reason: `Order ${order.id} has this address already.` };
      if (!standsIn(context.ownWords, new_address))
        return {
          kind: "impossible",
          reason:
            "This address does not stand in the customer's own message. Copy it exactly, or ask them for it.",
        };
      const change: ChangeAddressArguments = { orderId: order.id, address: new_address };
      // The old address is part of the identity, so that going back to an earlier address is a new change.
      const identity = digest({ from: order.shippingAddress, to: new_address }).slice(0, 32);
      const chosen = await unprovenOrder(shop, order, context, notOnItsWay);
      return {
        kind: "proposed",
        names: [],
        // No record can prove a new address, so a person always checks it.
        unproven: [...chosen, { argument: "address", words: new_address }],
        planned: {
          key: `address:shop:${order.id}:${identity}`,
          action: { target: "shop", operation: "change_address", arguments: change },
          label: `Change the shipping address of order ${order.id} to ${new_address}`,
          facts: [factsOf(order)],
        },
      };
    },
  });
}

function notOnItsWay({ shippedOn, deliveredOn }: Order): boolean {
  return shippedOn === null && deliveredOn === null;
}

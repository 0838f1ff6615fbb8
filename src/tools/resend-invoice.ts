/** The write tool that proposes to mail an invoice once more. */
import { z } from "zod";
import type { OrderArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { factsOf, type Shop } from "#core/contracts/shop.ts";
import { type ProposeResult, writeTool, type WriteTool } from "#core/contracts/tool.ts";
import {
  ACCOUNT_LEVEL,
  ORDER_NOT_FOUND,
  OrderId,
  ownOrder,
  unprovenOrder,
} from "./find-own-order.ts";
import { INVOICE_REQUESTS } from "#text/order-request-phrases.ts";

/** Proposes to mail the invoice of one order, which the shop sends to the address on file and nowhere else. */
export function resendInvoice({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "resend_invoice",
    operation: "resend_invoice",
    description:
      "Proposes to mail the invoice of one order once more, to the address on file and nowhere else.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes: INVOICE_REQUESTS,
    input: z.strictObject({ order_id: OrderId }),
    async propose({ order_id }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const given: OrderArguments = { orderId: order.id };
      return {
        kind: "proposed",
        unproven: await unprovenOrder(shop, order, context, () => true),
        planned: {
          // Asking again in a later message is a new mail.
          key: `invoice:shop:${order.id}:${digest(context.answers.toSorted()).slice(0, 32)}`,
          action: { target: "shop", operation: "resend_invoice", arguments: given },
          label: `Send the invoice of order ${order.id} to the address on file`,
          facts: [factsOf(order)],
        },
      };
    },
  });
}

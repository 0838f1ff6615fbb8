/** The write tool that proposes a refund. */
import { z } from "zod";
import { refundKey, type RefundArguments } from "#core/values/action.ts";
import { amountAsked, formatMoney, type Money, RefundAmount } from "#core/values/money.ts";
import { factsOf, type Order, type Shop } from "#core/contracts/shop.ts";
import {
  ORDER_NOT_FOUND,
  type ProposeResult,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, calledBy, OrderId, ownOrder, unprovenOrder } from "./find-own-order.ts";
import { leftOf } from "./order-view.ts";
import { amountDoubt } from "#text/money-words.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";

/**
 * The reason the shop records for every refund. The model's own reason stays in the trace, for the team only: it may
 * repeat text of a third party, and the shop's journal, receipts and exports have other readers.
 */
const REASON_FOR_SHOP = "Asked for by the customer";

const AMOUNT_FROM_NOWHERE = "This amount stands neither in the customer's message nor in a record.";

/** Proposes a refund to the original payment method; there is no other destination. */
export function issueRefund({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "issue_refund",
    operation: "refund",
    description:
      "Proposes a refund of one order to its original payment method, when the customer asks for money back and it is " +
      "clear which order is meant. Propose it even if you expect a no (a proposal promises nothing), and never more than they ask. An order that has " +
      "not been shipped takes cancel_order instead, and one they want to send back start_return: both bring the money back, so no refund beside them.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes: REFUND_WISHES,
    input: z.strictObject({
      order_id: OrderId,
      amount: RefundAmount,
      reason: z
        .string()
        .trim()
        .min(1)
        .max(500)
        .describe("In the customer's words, short, for the team"),
    }),
    async propose({ order_id, amount }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const money = amountAsked(amount, factsOf(order), `Order ${order.id}`);
      if ("reason" in money) return { kind: "impossible", reason: money.reason };
      const known = [leftOf(order), order.paid, order.amount].map(formatMoney);
      const words = amountDoubt(context.ownWords, formatMoney(money), known);
      if (words === "") return { kind: "impossible", reason: AMOUNT_FROM_NOWHERE };
      const chosen = await unprovenOrder(shop, order, context, (other) => leftOf(other).minor > 0);
      return {
        kind: "proposed",
        planned: plan(order, money),
        names: calledBy(order),
        unproven: [...chosen, ...(words === null ? [] : [{ argument: "amount", words }])],
      };
    },
  });
}

function plan(order: Order, amount: Money) {
  const facts = factsOf(order);
  const refund: RefundArguments = { orderId: order.id, amount, reason: REASON_FOR_SHOP };
  return {
    key: refundKey(order.id, facts.refundCount),
    action: { target: "shop" as const, operation: "refund", arguments: refund },
    label: `Refund ${formatMoney(amount)} to the original payment method, order ${order.id}`,
    facts: [facts],
  };
}

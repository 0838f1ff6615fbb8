/** The write tool that proposes a refund. */
import { z } from "zod";
import { refundKey, type RefundArguments } from "#core/values/action.ts";
import { formatMoney, type Money, parseAmount, RefundAmount } from "#core/values/money.ts";
import type { UnprovenValue } from "#core/values/provenance.ts";
import { factsOf, type Order, type Shop } from "#core/contracts/shop.ts";
import {
  ORDER_NOT_FOUND,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, calledBy, OrderId, ownOrder, unprovenOrder } from "./find-own-order.ts";
import { leftOf } from "./order-view.ts";
import { amountChosenIn, amountIn, otherAmountIn } from "./customer-words.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";

/**
 * The reason the shop records for every refund. The model's own reason stays in the trace, for the team only: it may
 * repeat text of a third party, and the shop's journal, receipts and exports have other readers.
 */
const REASON_FOR_SHOP = "Asked for by the customer";

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
      const money = amountToRefund(order, amount);
      if ("reason" in money) return { kind: "impossible", reason: money.reason };
      const doubts = doubtsAboutAmount(order, money, context);
      if ("reason" in doubts) return { kind: "impossible", reason: doubts.reason };
      const chosen = await unprovenOrder(shop, order, context, (other) => leftOf(other).minor > 0);
      return {
        kind: "proposed",
        planned: plan(order, money),
        names: calledBy(order),
        unproven: [...chosen, ...doubts],
      };
    },
  });
}

/**
 * An amount on record needs no confirmation, and neither does one that the customer wrote as money: they chose it. A bare
 * number of their text may mean anything, so a person decides; one that is in neither came from elsewhere.
 */
function doubtsAboutAmount(
  order: Order,
  amount: Money,
  { ownWords }: ToolContext,
): readonly UnprovenValue[] | { readonly reason: string } {
  const known = [leftOf(order), order.paid, order.amount];
  const onRecord = known.some(
    ({ minor, currency }) => minor === amount.minor && currency === amount.currency,
  );
  if (onRecord) {
    // The full amount is on record, but the customer asked for another one, so the model chose this one.
    const other = otherAmountIn(ownWords, amount);
    return other === null ? [] : [{ argument: "amount", words: other }];
  }
  if (amountChosenIn(ownWords, amount, known) !== null) return [];
  const words = amountIn(ownWords, amount);
  return words === null
    ? { reason: "This amount stands neither in the customer's message nor in a record." }
    : [{ argument: "amount", words }];
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

function amountToRefund(order: Order, typed: string | null): Money | { readonly reason: string } {
  const { refunded, paid } = factsOf(order);
  const left = leftOf(order);
  if (left.minor === 0)
    return { reason: `Order ${order.id} has been refunded already, ${formatMoney(refunded)}.` };
  if (typed === null) return left;
  // Amounts are shown with their currency, so a model copies it; any other currency stays an error.
  const asked = parseAmount(typed.trim().replace(` ${paid.currency}`, ""), paid.currency);
  if ("reason" in asked) return asked;
  return asked.minor > left.minor
    ? { reason: `At most ${formatMoney(left)} of order ${order.id} can be refunded.` }
    : asked;
}

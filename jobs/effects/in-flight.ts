/** Lists the effects in flight, and describes an effect for people. */

import { z } from "zod";
import { changeName, RefundArguments, ReplyArguments } from "#core/values/action.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsInFlight, type Effect } from "#store/effects/ledger.ts";

/**
 * What a pause cannot stop any more: every effect on customers and the shop that has begun without a known result, one
 * line each. The list is complete when read in the transaction that sets the pause: no effect begins before that ends,
 * and none after it.
 */
export async function effectsInFlightOf(transaction: Transaction): Promise<readonly string[]> {
  const begun = await effectsInFlight(transaction);
  return begun
    .filter(({ target }) => target !== "desk")
    .map((effect) => `${inWords(effect)}, conversation ${effect.conversationId}`);
}

/** An effect as a person would look for it at its target: "refund of 5.00 USD on order 789 (shop)". */
export function inWords({ operation, target, action }: Effect): string {
  const what = changeName(operation);
  return `${what}${aboutOf(operation, action.arguments)} (${target})`;
}

/** What every operation on an order has. */
const AboutOrder = z.looseObject({ orderId: z.string() });

function aboutOf(operation: string, given: unknown): string {
  const refund = RefundArguments.safeParse(given);
  if (operation === "refund" && refund.success)
    return ` of ${formatMoney(refund.data.amount)} on order ${refund.data.orderId}`;
  const reply = ReplyArguments.safeParse(given);
  if (operation === "reply" && reply.success) return ` to ${reply.data.to.label}`;
  const { data } = AboutOrder.safeParse(given);
  if (data !== undefined) return ` of order ${data.orderId}`;
  return "";
}

/** What the shop says about the orders of a case, in lines that a person reads. */

import type { OrderOnCard } from "#core/values/card-context.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { factsOf, type Order } from "#core/contracts/shop.ts";
import { withinMs } from "#core/values/deadline.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import { orderText } from "#core/values/card-text.ts";
import { ordersLookedUp } from "#jobs/approval/card-orders.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

const ORDERS_MAX = 3;
/** People wait for the hand-over, so a slow shop is done without. */
const LOOKUP_MS = 3_000;
/**
 * The orders that were looked up in this turn, or else the requester's own: those they name first, and at most three.
 * Only of a proven customer. A shop that does not answer soon leaves them out, because the hand-over matters more.
 */
export async function orderLines(
  context: Pick<JobContext, "shop" | "clock">,
  requester: BoundRequester,
  given: { readonly result: TurnResult | null; readonly text: string },
): Promise<readonly string[]> {
  const now = context.clock.now();
  const looked = lookedOrderLines(given.result, now);
  if (looked.length > 0) return looked;
  const { customerId, level } = requester;
  if (customerId === null || level < PROVEN_LEVEL) return [];
  const orders = await ownOrders(context, customerId);
  const named = orders.filter(({ id }) => isNamed(given.text, id));
  const shown = named.length > 0 ? named : orders.slice(-ORDERS_MAX);
  return cardOrderLines(shown.slice(0, ORDERS_MAX).map(onCard), now);
}

/** The orders that were looked up in this turn; none where no tool was asked. */
export function lookedOrderLines(result: TurnResult | null, now: Date): readonly string[] {
  return cardOrderLines(ordersLookedUp(result?.toolResults ?? []).slice(0, ORDERS_MAX), now);
}

/** The same for orders that stand on a card, in the words of the card. */
export function cardOrderLines(orders: readonly OrderOnCard[], now: Date): readonly string[] {
  return orders.map((order) => orderText(order, now.toISOString()));
}

async function ownOrders(
  { shop }: Pick<JobContext, "shop">,
  customerId: string,
): Promise<readonly Order[]> {
  try {
    return await withinMs(LOOKUP_MS, (signal) => shop.orders(customerId, signal));
  } catch {
    return [];
  }
}

function isNamed(text: string, id: string): boolean {
  const found = text.indexOf(id);
  return (
    found !== -1 &&
    !/[\w]/.test(text[found - 1] ?? " ") &&
    !/[\w]/.test(text[found + id.length] ?? " ")
  );
}

function onCard(order: Order): OrderOnCard {
  return {
    orderId: order.id,
    item: order.item,
    status: order.status,
    paid: order.paid,
    paidBy: "",
    refunded: factsOf(order).refunded,
    shippedOn: order.shippedOn,
    dueOn: order.dueOn,
    deliveredOn: order.deliveredOn,
    returnSince: order.returning?.since ?? null,
  };
}

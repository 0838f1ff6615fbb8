import { z } from "zod";
import type { IdentityLevel } from "#core/identity.ts";
import { formatMoney } from "#core/money.ts";
import { factsOf, type Order, type Shop } from "#core/shop.ts";
import type { ToolContext } from "#core/tool.ts";

/** The level from which a writer counts as the owner of an account. */
export const ACCOUNT_LEVEL: IdentityLevel = 2;

/** The one answer for an order that is absent, somebody else's, or asked for by somebody unverified. */
export const ORDER_NOT_FOUND = "There is no such order for this customer.";

/** The answer of a read tool that has nothing to show; the same words whatever the reason. */
export const NotFound = z.strictObject({ found: z.literal(false), remark: z.string() });

/** An order number as customers write it, "#789" included; anything that could be a path is refused. */
export const OrderId = z
  .string()
  .trim()
  .regex(/^#?[A-Za-z0-9-]{1,40}$/)
  .transform((text) => text.replace(/^#/, ""))
  .describe("The order number, for example 789");

/** True when data of the bound customer's account may be shown in this turn. */
export function mayReadAccount(context: ToolContext): boolean {
  return context.requester.level >= ACCOUNT_LEVEL && context.audience === "private";
}

/**
 * The order, if it belongs to the bound requester and may be shown. The shop is asked before anything is compared, so
 * that neither the answer nor the outbound calls tell an absent order from a stranger's.
 */
export async function ownOrder(
  shop: Shop,
  orderId: string,
  context: ToolContext,
): Promise<Order | null> {
  const order = await shop.order(orderId, context.signal);
  if (order === null || !mayReadAccount(context)) return null;
  return order.customerId === context.requester.customerId ? order : null;
}

/** An order as the model sees it: amounts as "120.00 USD" and ISO dates, so that a reply can be checked against it. */
export const OrderView = z.strictObject({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  paid: z.string(),
  refunded: z.string(),
  /** What is left to refund. */
  refundable: z.string(),
  shipped_on: z.iso.date().nullable(),
  due_on: z.iso.date().nullable(),
  delivered_on: z.iso.date().nullable(),
});

/** Translates the shop's order into what the model may see. */
export function orderView(order: Order): z.infer<typeof OrderView> {
  const { refunded } = factsOf(order);
  return {
    order_id: order.id,
    item: order.item,
    status: order.status,
    amount: formatMoney(order.amount),
    paid: formatMoney(order.paid),
    refunded: formatMoney(refunded),
    refundable: formatMoney({
      minor: Math.max(0, order.paid.minor - refunded.minor),
      currency: order.paid.currency,
    }),
    shipped_on: order.shippedOn,
    due_on: order.dueOn,
    delivered_on: order.deliveredOn,
  };
}

/** Finds an order for its owner. */
import { z } from "zod";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { UnprovenValue } from "#core/values/action.ts";
import type { Order, Shop } from "#core/contracts/shop.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { namesOrder, standsIn } from "#text/about-text.ts";

/** The level from which a writer counts as the owner of an account. */
export const ACCOUNT_LEVEL: IdentityLevel = 2;

/** The answer of a read tool that has nothing to show; the same text whatever the reason. */
export const NotFound = z.strictObject({ found: z.literal(false), remark: z.string() });

/** The same for one order. The number is repeated, since a model asks for several at once. */
export const OrderNotFound = z.strictObject({
  found: z.literal(false),
  order_id: z.string(),
  remark: z.string(),
});

/** An order number as customers write it, "#789" included; anything that could be a path is refused. */
export const OrderId = z
  .string()
  .trim()
  .regex(/^#?[A-Za-z0-9-]{1,40}$/)
  .transform((text) => text.replace(/^#/, ""));

/** True when data of the bound customer's account may be shown in this turn. */
export function mayReadAccount(context: ToolContext): boolean {
  return context.requester.level >= ACCOUNT_LEVEL && context.audience === "private";
}

/**
 * The order, if it belongs to the bound requester and may be shown. The shop is asked before anything is compared, so
 * that neither the answer nor the outbound calls distinguish an absent order from another customer's.
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

/** What a customer may call an order in a plain request. */
export function calledBy({ id, item }: Order): readonly string[] {
  return [id, item];
}

/**
 * Whether the customer chose this order. They did when their own text contains its number, when no other of their
 * orders matches what they name, or when only one order is possible; otherwise the model chose it, and a person checks.
 * `fits` says which orders the request could be about at all.
 */
export async function unprovenOrder(
  shop: Shop,
  order: Order,
  context: ToolContext,
  fits: (order: Order) => boolean,
): Promise<readonly UnprovenValue[]> {
  const { ownWords, requester, signal } = context;
  if (namesOrder(ownWords, order.id)) return [];
  const orders =
    requester.customerId === null ? [] : await shop.orders(requester.customerId, signal);
  const named = orders.filter(({ item }) => standsIn(ownWords, item));
  const possible = named.length > 0 ? named : orders.filter(fits);
  const chosen = possible.length === 1 && possible[0]?.id === order.id;
  return chosen ? [] : [{ argument: "order", words: "" }];
}

/** Finds an order for its owner, and shapes what a model may see of it. */
import { z } from "zod";
import { formatMoney, leftIn, type Money } from "#core/values/money.ts";
import { type OpenMatter, ShownMatter, shownMatter } from "#core/cases/open-matter.ts";
import { isCancelled, sealedOrderFacts, type Order, type Shop } from "#core/contracts/shop.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { UnprovenValue } from "#core/values/action.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { namesOrder, standsIn } from "#text/about-text.ts";

/** How long the policy lets an order be refunded: whole days after its delivery, null for no such end. */
export type RefundDays = () => number | null;

/** More lines about one order tell nothing that helps an answer. */
const MATTERS_SHOWN_MAX = 5;

/** An order as the model sees it: amounts as "120.00 USD" and ISO dates, so that a reply can be checked against it. */
export const OrderView = z.strictObject({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  paid: z.string(),
  refunded: z.string(),
  /** The amount paid minus the amount refunded; until when it can be refunded stands in `refund_until`. */
  refundable: z.string(),
  ordered_on: z.iso.date().nullable(),
  shipped_on: z.iso.date().nullable(),
  due_on: z.iso.date().nullable(),
  delivered_on: z.iso.date().nullable(),
  /** Since when its parcel is to come back. */
  return_started_on: z.iso.date().nullable(),
  /** The last day on which the policy does not refuse a refund; null before delivery, and without such an end. */
  refund_until: z.iso.date().nullable(),
  /** What we have open about it; left out for nothing. */
  open_with_us: z.array(ShownMatter).max(MATTERS_SHOWN_MAX).optional(),
});

/** One order with what a list has room for only where it is not delivered yet. */
export const OrderDetails = OrderView.extend({
  tracking: z.string().nullable(),
  shipping_address: z.string(),
});

/** An order of a list: whole while something can still become of it. */
export const ListedOrder = z.union([OrderDetails, OrderView]);

/** The same for a list: what is under way is asked for next, and so is the only order there is. */
export function listedOrder(
  order: Order,
  beside: Beside & { readonly isOnly: boolean },
): z.infer<typeof ListedOrder> {
  const isUnderWay = order.deliveredOn === null && !isCancelled(order);
  return isUnderWay || beside.isOnly ? orderDetails(order, beside) : orderView(order, beside);
}

/** What was paid for an order less what was refunded; null where that was in another currency. */
export function refundableAmount(order: Order): Money | null {
  return leftIn(sealedOrderFacts(order));
}

interface Beside {
  readonly refundDays: RefundDays;
  /** What we have open about any order of the customer. */
  readonly matters: readonly OpenMatter[];
}

/** Reduces the shop's order to what the model may see of it in a list. */
export function orderView(
  order: Order,
  { refundDays, matters }: Beside,
): z.infer<typeof OrderView> {
  const { refunded } = sealedOrderFacts(order);
  const refundable = refundableAmount(order);
  const open = matters.filter(({ orderId }) => orderId === order.id).map(shownMatter);
  return {
    order_id: order.id,
    item: order.item,
    status: order.status,
    amount: formatMoney(order.amount),
    paid: formatMoney(order.paid),
    refunded: formatMoney(refunded),
    refundable: refundable === null ? "not known" : formatMoney(refundable),
    ordered_on: order.orderedOn,
    shipped_on: order.shippedOn,
    due_on: order.dueOn,
    delivered_on: order.deliveredOn,
    return_started_on: order.returning?.since ?? null,
    refund_until: daysLater(order.deliveredOn, refundDays()),
    ...(open.length === 0 ? {} : { open_with_us: open.slice(0, MATTERS_SHOWN_MAX) }),
  };
}

/** The same with tracking number and address, for one order alone. */
export function orderDetails(order: Order, beside: Beside): z.infer<typeof OrderDetails> {
  return {
    ...orderView(order, beside),
    tracking: order.tracking,
    shipping_address: order.shippingAddress,
  };
}

/** Both are calendar days, so no time zone comes into it. */
function daysLater(day: string | null, days: number | null): string | null {
  if (day === null || days === null) return null;
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;

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

/** The orders a card is about, from the look-ups its turn made. */

import { z } from "zod";
import { RefundArguments, type PlannedAction } from "#core/values/action.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import { parseAmount, type Money } from "#core/values/money.ts";
import type { TurnResult } from "#core/contracts/agent.ts";

const ORDERS_MAX = 5;
/** Results are nested a few levels deep. */
const DEPTH_MAX = 4;

/** "640.00 USD", as the tools write amounts. */
const Amount = z.string().transform((text, context): Money => {
  const [, digits = "", currency = ""] = /^(\S+) ([A-Z]{3})$/.exec(text) ?? [];
  if (/^0(?:\.00)?$/.test(digits)) return { minor: 0, currency };
  const amount = parseAmount(digits, currency);
  if (!("reason" in amount)) return amount;
  context.addIssue({ code: "custom", message: amount.reason });
  return z.NEVER;
});

const Day = z.iso.date().nullable();

/** An order as the look-ups show it to the model. */
const ShownOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  paid: Amount,
  refunded: Amount,
  shipped_on: Day,
  due_on: Day,
  delivered_on: Day,
  return_started_on: Day.default(null),
});

/** The payments of an order as the look-ups show them. */
const ShownPayments = z.object({
  order_id: z.string(),
  payments: z.array(z.object({ amount: z.string(), method: z.string() })),
});

/** The orders of a card, and how many payments were found for each whose payments were looked up. */
export interface LookedUpOrders {
  readonly orders: readonly OrderOnCard[];
  readonly payments: ReadonlyMap<string, number>;
}

/**
 * The orders a card is about, the ones an action changes first, then those its customer or its draft names; all that
 * were looked up when none is named and they are few. `named` is the text they may be named in.
 */
export function ordersOnCard(
  toolResults: TurnResult["toolResults"],
  actions: readonly PlannedAction[],
  named: string,
): LookedUpOrders {
  const payments = paymentsIn(toolResults);
  const orders = new Map(
    ordersLookedUp(toolResults).map((order) => [
      order.orderId,
      { ...order, paidBy: paidBy(order, payments) },
    ]),
  );
  for (const order of factsIn(actions))
    if (!orders.has(order.orderId)) orders.set(order.orderId, order);
  const changed = actions.flatMap(orderIdsOf).flatMap((id) => orders.get(id) ?? []);
  const others = [...orders.values()].filter((order) => !changed.includes(order));
  const said = others.filter((order) => isNamed(order, named));
  const about = [...new Set([...changed, ...said])];
  const shown = about.length > 0 ? about : others.length <= 1 ? others : [];
  return {
    orders: shown.slice(0, ORDERS_MAX),
    payments: new Map([...payments].map(([id, all]) => [id, all.length])),
  };
}

/** The orders an action changes. */
export function orderIdsOf({ action, facts }: PlannedAction): readonly string[] {
  const refund = RefundArguments.safeParse(action.arguments);
  const own = refund.success ? [refund.data.orderId] : [];
  return [...new Set([...own, ...facts.map(({ orderId }) => orderId)])];
}

function isNamed({ orderId, item }: OrderOnCard, text: string): boolean {
  const words = text.toLowerCase();
  const number = new RegExp(
    `(?<![\\p{L}\\p{N}])${orderId.toLowerCase().replaceAll(/[^a-z0-9]/g, String.raw`\$&`)}(?![\\p{L}\\p{N}])`,
    "u",
  );
  return number.test(words) || (item.length > 2 && words.includes(item.toLowerCase()));
}

/** The orders that look-ups gave, each once, as the newest of them gave it. */
export function ordersLookedUp(toolResults: TurnResult["toolResults"]): readonly OrderOnCard[] {
  const found = toolResults
    .flatMap(({ result }) => recordsIn(result, 0))
    .flatMap((record) => {
      const { data } = ShownOrder.safeParse(record);
      return data === undefined
        ? []
        : [
            {
              orderId: data.order_id.slice(0, 100),
              item: data.item.slice(0, 200),
              paid: data.paid,
              paidBy: "",
              refunded: data.refunded,
              status: data.status.slice(0, 60),
              shippedOn: data.shipped_on,
              dueOn: data.due_on,
              deliveredOn: data.delivered_on,
              returnSince: data.return_started_on,
            },
          ];
    });
  return [...new Map(found.map((order) => [order.orderId, order])).values()];
}

function paymentsIn(
  toolResults: TurnResult["toolResults"],
): ReadonlyMap<string, readonly { readonly method: string }[]> {
  const found = toolResults.flatMap(({ result }) => ShownPayments.safeParse(result).data ?? []);
  return new Map(found.map(({ order_id, payments }) => [order_id, payments]));
}

/** Its one way of payment; empty for none known or several. */
function paidBy({ orderId }: OrderOnCard, payments: ReturnType<typeof paymentsIn>): string {
  const methods = new Set((payments.get(orderId) ?? []).map(({ method }) => method.trim()));
  const [only = ""] = methods;
  return methods.size === 1 ? only.slice(0, 60) : "";
}

/** What an action rests on, where nothing was looked up: it names neither the item nor the dates of the parcel. */
function factsIn(actions: readonly PlannedAction[]): readonly OrderOnCard[] {
  return actions
    .flatMap(({ facts }) => facts)
    .map(({ orderId, status, paid, refunded, deliveredOn }) => ({
      orderId,
      item: "",
      paid,
      paidBy: "",
      refunded,
      status: status.slice(0, 60),
      shippedOn: null,
      dueOn: null,
      deliveredOn,
      returnSince: null,
    }));
}

/** Every record in a result, itself included. */
function recordsIn(value: unknown, depth: number): readonly unknown[] {
  if (value === null || typeof value !== "object" || depth > DEPTH_MAX) return [];
  return [value, ...Object.values(value).flatMap((inner) => recordsIn(inner, depth + 1))];
}

/** What a card says of its case beside the proposal: its orders and whose another one is, where words and records disagree, and the tone. */

import { z } from "zod";
import { type OrderFacts, type PlannedAction, toldAction } from "#core/values/action.ts";
import { currencyDigits, parseAmount, type Money, formatMoney } from "#core/values/money.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { isAngryText } from "#guard/input/delicate.ts";
import { deliveryText } from "#core/values/card-text.ts";
import { orderClaimsIn, type OrderClaim } from "#guard/input/order-claims.ts";
import type { CardCase } from "#jobs/plan/plan.ts";
import { calledOrders, mentionsOrder } from "#text/about-text.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import { LIMITS } from "#jobs/context/job-context.ts";
import { customerText, type TurnContext } from "#jobs/conversation/turn-context.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";

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
interface LookedUpOrders {
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
  const changed = actions.flatMap(changedOrderIds).flatMap((id) => orders.get(id) ?? []);
  const others = [...orders.values()].filter((order) => !changed.includes(order));
  const said = others.filter((order) => isNamed(order, named));
  const about = [...new Set([...changed, ...said])];
  const shown = about.length > 0 ? about : others.length <= 1 ? others : [];
  return {
    orders: shown.slice(0, ORDERS_MAX),
    payments: new Map([...payments].map(([id, all]) => [id, all.length])),
  };
}

/** The numbers of the orders an action changes. */
export function changedOrderIds(planned: PlannedAction): readonly string[] {
  const { name } = toldAction(planned);
  const told = name === null ? [] : [name];
  return [...new Set([...told, ...changedOrders(planned).map(({ orderId }) => orderId)])];
}

/** The facts of orders that an action relies on; one of a system of your own under the number its customer knows. */
function changedOrders(planned: PlannedAction): readonly OrderFacts[] {
  const { name, facts } = toldAction(planned);
  const called = planned.action.target === "system" ? name : null;
  return facts.map((order) => ({ ...order, orderId: called ?? order.orderId }));
}

function isNamed({ orderId, item }: OrderOnCard, text: string): boolean {
  return (
    mentionsOrder(text, orderId) ||
    (item.length > 2 && text.toLowerCase().includes(item.toLowerCase()))
  );
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
  return actions.flatMap(changedOrders).map(({ orderId, status, paid, refunded, deliveredOn }) => ({
    orderId: orderId.slice(0, 100),
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

/** When the first of these messages was sent, by its sender's clock. */
export function firstSent(unread: readonly Message[]): string | null {
  const times = unread.map(({ sentAt }) => Date.parse(sentAt));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}

/** Composes them. Pure; `draft` is the text of the reply, empty for none. */
export function cardCase(known: {
  readonly unread: readonly Message[];
  readonly toolResults: TurnResult["toolResults"];
  readonly actions: readonly PlannedAction[];
  readonly draft: string;
  readonly isImportant: boolean;
}): CardCase {
  const { unread, toolResults, actions, draft, isImportant } = known;
  const said = unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n\n");
  const lookedUp = ordersOnCard(toolResults, actions, `${said}\n${draft}`);
  const words = unread.map(({ text }) => text).join("\n\n");
  return {
    orders: [...lookedUp.orders],
    conflicts: conflictsBetween(words, lookedUp, firstSent(unread)),
    isAngry: unread.some(({ text }) => isAngryText(text)),
    isImportant,
  };
}

// Where a customer's words and the shop's record disagree.

const CONFLICTS_MAX = 5;

/**
 * One sentence for each claim that the record contradicts, such as "says it arrived; shop: not delivered, due 23 Nov".
 * Pure. A claim counts only when it is false for every order it may be about; `since` decides which years are written.
 */
export function conflictsBetween(
  text: string,
  { orders, payments }: LookedUpOrders,
  since: string | null,
): string[] {
  if (orders.length === 0) return [];
  return orderClaimsIn(text)
    .flatMap((claim) => {
      // What does not work may be anything, such as a login: it tells of an order only where the text names that order.
      if (claim.kind === "in_hand" && !orders.some((order) => isNamed(order, text))) return [];
      const records = orders.map((order) => contradiction(claim, order, { payments, since }));
      const [first] = records;
      return first == null || records.includes(null) ? [] : [first];
    })
    .slice(0, CONFLICTS_MAX);
}

/** What the record of this order says against the claim; null when it agrees or does not tell. */
function contradiction(
  claim: OrderClaim,
  order: OrderOnCard,
  { payments, since }: Pick<LookedUpOrders, "payments"> & { readonly since: string | null },
): string | null {
  switch (claim.kind) {
    case "arrived":
    case "in_hand":
    case "not_arrived":
      return deliveryAgainst(claim.kind, order, since);
    case "refunded":
    case "not_refunded":
      return refundAgainst(claim.kind, order);
    case "charged":
      return chargeAgainst(claim, order);
    case "charged_twice":
      return payments.get(order.orderId) === 1
        ? `says it was charged twice; shop: one payment, ${formatMoney(order.paid)}`
        : null;
  }
}

function deliveryAgainst(
  kind: "arrived" | "in_hand" | "not_arrived",
  order: OrderOnCard,
  since: string | null,
): string | null {
  const shop = `shop: ${deliveryText(order, since)}`;
  if (kind === "arrived" || kind === "in_hand") {
    if (isDelivered(order) || !isUnderWay(order)) return null;
    return `${kind === "arrived" ? "says it arrived" : "writes as if they had it"}; ${shop}`;
  }
  return isDelivered(order) ? `says it never arrived; ${shop}` : null;
}

function refundAgainst(
  kind: "refunded" | "not_refunded",
  { refunded }: OrderOnCard,
): string | null {
  const isBooked = refunded.minor > 0;
  if (kind === "refunded") return isBooked ? null : "says it was refunded; shop: nothing refunded";
  return isBooked ? `says no refund came; shop: ${formatMoney(refunded)} refunded` : null;
}

/** A currency the shop does not know of the order proves nothing: a bank shows its own. */
function chargeAgainst(
  { minor, currency }: Extract<OrderClaim, { kind: "charged" }>,
  { paid }: OrderOnCard,
): string | null {
  const inOrders = Math.round(minor * 10 ** (currencyDigits(paid.currency) - 2));
  const said =
    currency === null ? { minor: inOrders, currency: paid.currency } : { minor, currency };
  const isOther = said.currency === paid.currency && said.minor !== paid.minor;
  return isOther ? `says ${formatMoney(said)} was charged; shop: paid ${formatMoney(paid)}` : null;
}

function isDelivered({ deliveredOn, status }: OrderOnCard): boolean {
  return deliveredOn !== null || /^delivered\b/i.test(status);
}

/** False for a state the words of a shop may use for anything, such as "returned" or "cancelled". */
function isUnderWay({ status }: OrderOnCard): boolean {
  return !/^(?:cancell?ed|returned|refunded|lost)\b/i.test(status);
}

// Whose orders a writer names.

const OTHERS_ORDERS_MAX = 3;

/**
 * What the team reads of orders that a proven writer named and that are another customer's. Model and writer are told the
 * same as of no order at all. A shop that does not answer adds nothing.
 */
export async function othersOrders(
  { context: { shop }, unread }: TurnContext,
  { level, customerId }: BoundRequester,
  { result, lost }: { readonly result: TurnResult; readonly lost: AbortSignal },
): Promise<readonly string[]> {
  if (level < PROVEN_LEVEL) return [];
  const own = [
    ...ordersLookedUp(result.toolResults).map(({ orderId }) => orderId),
    ...result.actions.flatMap(({ planned }) => changedOrderIds(planned)),
  ].map((id) => id.toLowerCase());
  const named = calledOrders(customerText(unread)).filter((id) => !own.includes(id));
  const signal = AbortSignal.any([lost, AbortSignal.timeout(LIMITS.lookupMs)]);
  const remarks = named.slice(0, OTHERS_ORDERS_MAX).map(async (id) => {
    const order = await shop.order(id, signal);
    if (order === null || order.customerId === customerId) return [];
    // No name: what is erased of its customer would stand on a stranger's card.
    return `Order ${id} exists and is another customer's. The writer is told nothing of it; once they name its address on file, a code goes there`;
  });
  return (await Promise.allSettled(remarks)).flatMap((one) =>
    one.status === "fulfilled" ? one.value : [],
  );
}

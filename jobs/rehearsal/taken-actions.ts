/** What people did: from a ticket's own data, from what their answer says, and from what the shop shows. */
import { isCancelled, sealedOrderFacts, type Order, type Shop } from "#core/contracts/shop.ts";
import type { Money } from "#core/values/money.ts";
import type { PastAction, PastTicket } from "#core/values/rehearsal.ts";
import { amountsIn, ordersIn } from "#guard/output/facts.ts";
import { OPERATION_OF } from "./judge.ts";
import { stancesIn } from "#guard/claims/acts.ts";
import { isOutside } from "#guard/languages/detect.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";

/** A refund this much later still belongs to the answer: people often answer first. */
const AFTER_ANSWER_MS = 24 * 3_600_000;

interface TakenSurroundings {
  readonly shop: Pick<Shop, "orders">;
  /** The shop's customer; null where it is not known who wrote, and then no refund is looked up. */
  readonly customerId: string | null;
  readonly signal: AbortSignal;
}

/**
 * The actions of the ticket's own data where it has some. Otherwise what the answer says was done, with the amount that
 * the shop's refunds of that time show. Null where neither tells.
 */
export async function actionsTaken(
  ticket: PastTicket,
  { shop, customerId, signal }: TakenSurroundings,
): Promise<readonly PastAction[] | null> {
  if (ticket.actions !== null) return ticket.actions;
  const told = actionsTold(ticket.answer.text);
  const refunds = customerId === null ? [] : await refundsAt(ticket, shop, customerId, signal);
  if (told === null) return refunds.length === 0 ? null : refunds;
  return withRefunds(told, refunds);
}

/** Refunds of the customer's orders between the question and a day after the answer. */
async function refundsAt(
  { messages, answer }: PastTicket,
  shop: Pick<Shop, "orders">,
  customerId: string,
  signal: AbortSignal,
): Promise<readonly PastAction[]> {
  const from = Date.parse(messages.findLast(({ by }) => by === "customer")?.at ?? answer.at);
  const to = Date.parse(answer.at) + AFTER_ANSWER_MS;
  const orders = await shop.orders(customerId, signal);
  return orders.flatMap(({ id, refunds }) =>
    refunds
      .filter(({ createdAt }) => Date.parse(createdAt) >= from && Date.parse(createdAt) <= to)
      .map(({ amount }) => ({
        operation: "refund",
        orderId: id,
        amount,
        knownFrom: "shop" as const,
      })),
  );
}

/** Statements are read in this language. */
const READ_IN: ReadonlySet<string> = new Set(["en"]);

/** What an answer says was done, one action for each kind and order; null where it is in a language that is not read. */
function actionsTold(text: string): readonly PastAction[] | null {
  if (isOutside(text, READ_IN)) return null;
  const told = new Map<string, PastAction>();
  for (const { name, says, isDone, sentence } of stancesIn(text)) {
    const operation = OPERATION_OF.get(name);
    if (operation === undefined || says === "no" || !isDone) continue;
    const [order] = ordersIn(sentence.text, sentence.plain).flatMap(({ keys }) => keys);
    const orderId = order === undefined ? null : order.slice("id:".length);
    const amount = operation === "refund" ? amountIn(sentence.text, sentence.plain) : null;
    const key = `${operation} ${orderId ?? ""}`;
    // "It is refunded" after "I have refunded order 789" tells the same once more.
    const same = [...told.values()].some((one) => one.operation === operation);
    if (orderId === null ? !same : !told.has(key))
      told.set(key, { operation, orderId, amount, knownFrom: "answer" });
  }
  return oneForCancelled([...told.values()]);
}

/** The only amount of a sentence that has one in a currency; null for none or several. */
function amountIn(text: string, plain: string): Money | null {
  const keys = amountsIn(text, plain).map(({ keys: [first = ""] }) => first);
  const [only = "", ...others] = [...new Set(keys.filter((key) => key.startsWith("amount:")))];
  const [, minor, currency = ""] = only.split(":");
  return others.length === 0 && /^[A-Z]{3}$/.test(currency)
    ? { minor: Number(minor), currency }
    : null;
}

/** Cancelling gives the money back: a refund told beside it is part of the cancellation. */
function oneForCancelled(actions: readonly PastAction[]): readonly PastAction[] {
  const cancelled = actions.find(({ operation }) => operation === "cancel_order");
  const refund = actions.find(({ operation }) => operation === "refund");
  if (cancelled === undefined || refund === undefined) return actions;
  const isSame = refund.orderId === null || refund.orderId === cancelled.orderId;
  if (!isSame) return actions;
  return actions
    .filter((one) => one !== refund)
    .map((one) => (one === cancelled ? { ...one, amount: refund.amount } : one));
}

/** The shop knows order and amount of a refund; what it does not show stays as the answer tells it. */
function withRefunds(
  told: readonly PastAction[],
  refunds: readonly PastAction[],
): readonly PastAction[] {
  if (refunds.length === 0) return told;
  const isCancellation = told.some(({ operation }) => operation === "cancel_order");
  if (isCancellation)
    return told.map((one) =>
      one.operation === "cancel_order"
        ? { ...one, amount: one.amount ?? refunds[0]?.amount ?? null, knownFrom: "shop" }
        : one,
    );
  return [...told.filter(({ operation }) => operation !== "refund"), ...refunds];
}

/** Operations that leave a mark at an order, which is read again. Others are known from the answer's words alone. */
const VISIBLE = new Set(["refund", "cancel_order", "start_return", "exchange_item"]);

/**
 * What happened at the shop to the orders of a card since its draft, and what the answer says was done besides. Null,
 * as not known, where an order cannot be read any more or was refunded in two currencies, or the answer cannot be read
 * and the shop does not show what was drafted.
 */
export function actionsSince(
  { orders, operations }: { orders: readonly OrderOnCard[]; operations: readonly string[] },
  ordersNow: ReadonlyMap<string, Order>,
  text: string,
): readonly PastAction[] | null {
  const done: PastAction[] = [];
  for (const order of orders) {
    const now = ordersNow.get(order.orderId);
    // Amounts of two currencies are not compared with the one that the card has.
    if (now === undefined || new Set(now.refunds.map(({ amount }) => amount.currency)).size > 1)
      return null;
    done.push(...actionsAt(order, now));
  }
  // Without an order nothing was read at the shop, so that the answer's words are all there is.
  const isShown = (operation: string): boolean => orders.length > 0 && VISIBLE.has(operation);
  const told = actionsTold(text);
  if (told !== null) return [...done, ...told.filter(({ operation }) => !isShown(operation))];
  return orders.length > 0 && operations.every(isShown) ? done : null;
}

function actionsAt(before: OrderOnCard, now: Order): readonly PastAction[] {
  const { orderId } = before;
  const { minor: refunded, currency } = sealedOrderFacts(now).refunded;
  const minor = refunded - (currency === before.refunded.currency ? before.refunded.minor : 0);
  const amount = minor > 0 ? { minor, currency } : null;
  const known = { orderId, knownFrom: "shop" } as const;
  const wasCancelled = isCancelled(now) && !isCancelled(before);
  return [
    ...(wasCancelled ? [{ ...known, operation: "cancel_order", amount }] : []),
    ...(amount !== null && !wasCancelled ? [{ ...known, operation: "refund", amount }] : []),
    ...(now.returning !== null && before.returnSince === null
      ? [
          {
            ...known,
            operation: now.returning.kind === "exchange" ? "exchange_item" : "start_return",
            amount: null,
          },
        ]
      : []),
  ];
}

/**
 * What each change of the benchmark's shop does: a state and arguments give another state, or the reason why not. Pure.
 * The rules are those of the benchmark's written policy; where it is silent, those its published tools show.
 */
import { z } from "zod";
import { Address, type Order, type PaymentMethod, type RetailState } from "./data.ts";

/** What came of a change. */
export type Changed =
  | { readonly kind: "changed"; readonly state: RetailState; readonly record: unknown }
  | { readonly kind: "refused"; readonly reason: string };

const OrderId = z.string().describe("With its #, such as #W0000000");
const PaymentMethodId = z.string().describe("As it stands in the user's or the order's record");
const ItemIds = z
  .array(z.string())
  .describe("Item ids, one more than once where it is meant twice");

const Cancel = z.strictObject({
  order_id: OrderId,
  reason: z.string().describe('"no longer needed" or "ordered by mistake"'),
});
const ChangeOrderAddress = z.strictObject({ order_id: OrderId, ...Address.shape });
const ChangeUserAddress = z.strictObject({ user_id: z.string(), ...Address.shape });
const ChangePayment = z.strictObject({ order_id: OrderId, payment_method_id: PaymentMethodId });
const ReplaceItems = z.strictObject({
  order_id: OrderId,
  item_ids: ItemIds,
  new_item_ids: z.array(z.string()).describe("Each at the place of the item it replaces"),
  payment_method_id: PaymentMethodId,
});
const Return = z.strictObject({
  order_id: OrderId,
  item_ids: ItemIds,
  payment_method_id: PaymentMethodId,
});

/** One kind of change: its arguments and what it does with them. */
interface Change<In extends z.ZodType = z.ZodType> {
  readonly input: In;
  readonly apply: (state: RetailState, input: z.output<In>) => Changed;
}

function change<In extends z.ZodType>(
  input: In,
  apply: (state: RetailState, input: z.output<In>) => Changed,
): Change<In> {
  return { input, apply };
}

/** Every change there is, by the benchmark's name for it. */
export const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["cancel_pending_order", change(Cancel, cancel)],
  ["modify_pending_order_address", change(ChangeOrderAddress, changeOrderAddress)],
  ["modify_pending_order_items", change(ReplaceItems, modifyItems)],
  ["modify_pending_order_payment", change(ChangePayment, changePayment)],
  ["modify_user_address", change(ChangeUserAddress, changeUserAddress)],
  ["exchange_delivered_order_items", change(ReplaceItems, exchange)],
  ["return_delivered_order_items", change(Return, giveBack)],
]);

const CANCEL_REASONS: ReadonlySet<string> = new Set(["no longer needed", "ordered by mistake"]);

function cancel(state: RetailState, { order_id, reason }: z.output<typeof Cancel>): Changed {
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "pending") return refused("Non-pending order cannot be cancelled");
  if (!CANCEL_REASONS.has(reason)) return refused("Invalid reason");
  const refunds = order.payment_history.map((payment) => ({
    ...payment,
    transaction_type: "refund" as const,
  }));
  let after = state;
  for (const { payment_method_id, amount } of refunds)
    after = credit(after, order, payment_method_id, amount);
  return withOrder(after, {
    ...order,
    status: "cancelled",
    cancel_reason: reason,
    payment_history: [...order.payment_history, ...refunds],
  });
}

function changeOrderAddress(
  state: RetailState,
  { order_id, ...address }: z.output<typeof ChangeOrderAddress>,
): Changed {
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "pending") return refused("Non-pending order cannot be modified");
  return withOrder(state, { ...order, address });
}

function changeUserAddress(
  state: RetailState,
  { user_id, ...address }: z.output<typeof ChangeUserAddress>,
): Changed {
  const user = state.users[user_id];
  if (user === undefined) return refused("User not found");
  const after = { ...user, address };
  return {
    kind: "changed",
    state: { ...state, users: { ...state.users, [user_id]: after } },
    record: after,
  };
}

function changePayment(
  state: RetailState,
  { order_id, payment_method_id }: z.output<typeof ChangePayment>,
): Changed {
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "pending") return refused("Non-pending order cannot be modified");
  const method = methodOf(state, order, payment_method_id);
  if (method === null) return refused("Payment method not found");
  const [paid, ...others] = order.payment_history;
  if (paid === undefined || others.length > 0 || paid.transaction_type !== "payment")
    return refused("There should be exactly one payment for a pending order");
  if (paid.payment_method_id === payment_method_id)
    return refused("The new payment method should be different from the current one");
  const { amount } = paid;
  if (!covers(method, amount))
    return refused("Insufficient gift card balance to pay for the order");
  const charged = credit(state, order, payment_method_id, -amount);
  return withOrder(credit(charged, order, paid.payment_method_id, amount), {
    ...order,
    payment_history: [
      paid,
      { transaction_type: "payment", amount, payment_method_id },
      { transaction_type: "refund", amount, payment_method_id: paid.payment_method_id },
    ],
  });
}

function modifyItems(state: RetailState, input: z.output<typeof ReplaceItems>): Changed {
  const { order_id, item_ids, new_item_ids, payment_method_id } = input;
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "pending") return refused("Non-pending order cannot be modified");
  if (item_ids.some((id, place) => id === new_item_ids[place]))
    return refused("The new item id should be different from the old item id");
  const replaced = replacement(state, order, input);
  if (replaced.kind === "refused") return replaced;
  const { difference, items } = replaced;
  const method = methodOf(state, order, payment_method_id);
  if (method === null) return refused("Payment method not found");
  if (!covers(method, difference))
    return refused("Insufficient gift card balance to pay for the new item");
  return withOrder(credit(state, order, payment_method_id, -difference), {
    ...order,
    items,
    status: "pending (item modified)",
    payment_history: [
      ...order.payment_history,
      {
        transaction_type: difference > 0 ? "payment" : "refund",
        // Not rounded: the benchmark compares the sum as it comes out of the prices.
        amount: Math.abs(difference),
        payment_method_id,
      },
    ],
  });
}

function exchange(state: RetailState, input: z.output<typeof ReplaceItems>): Changed {
  const { order_id, item_ids, new_item_ids, payment_method_id } = input;
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "delivered") return refused("Non-delivered order cannot be exchanged");
  const replaced = replacement(state, order, input);
  if (replaced.kind === "refused") return replaced;
  const difference = inCents(replaced.difference);
  const method = methodOf(state, order, payment_method_id);
  if (method === null) return refused("Payment method not found");
  if (!covers(method, difference))
    return refused("Insufficient gift card balance to pay for the price difference");
  return withOrder(state, {
    ...order,
    status: "exchange requested",
    exchange_items: item_ids.toSorted(),
    exchange_new_items: new_item_ids.toSorted(),
    exchange_payment_method_id: payment_method_id,
    exchange_price_difference: difference,
  });
}

function giveBack(state: RetailState, input: z.output<typeof Return>): Changed {
  const { order_id, item_ids, payment_method_id } = input;
  const order = state.orders[order_id];
  if (order === undefined) return refused("Order not found");
  if (order.status !== "delivered") return refused("Non-delivered order cannot be returned");
  const method = methodOf(state, order, payment_method_id);
  if (method === null) return refused("Payment method not found");
  const original = order.payment_history[0]?.payment_method_id;
  if (method.source !== "gift_card" && payment_method_id !== original)
    return refused("Payment method should be the original payment method or a gift card");
  if (lacking(order, item_ids) !== null) return refused("Some item not found");
  return withOrder(state, {
    ...order,
    status: "return requested",
    return_items: item_ids.toSorted(),
    return_payment_method_id: payment_method_id,
  });
}

/** The items of an order once some are replaced, and what that costs more (or less, below zero). */
function replacement(
  { products }: RetailState,
  order: Order,
  { item_ids, new_item_ids }: z.output<typeof ReplaceItems>,
):
  | { readonly kind: "refused"; readonly reason: string }
  | {
      readonly kind: "replaced";
      readonly difference: number;
      readonly items: Order["items"];
    } {
  const missing = lacking(order, item_ids);
  if (missing !== null) return refused(`${missing} not found`);
  if (item_ids.length !== new_item_ids.length)
    return refused("The number of items to be exchanged should match");
  const items = [...order.items];
  let difference = 0;
  for (const [place, id] of item_ids.entries()) {
    const newId = new_item_ids[place] ?? "";
    const before = order.items.find(({ item_id }) => item_id === id);
    const variant = before && products[before.product_id]?.variants[newId];
    if (before === undefined || variant?.available !== true)
      return refused(`New item ${newId} not found or available`);
    difference += variant.price - before.price;
    const at = items.findIndex(({ item_id }) => item_id === id);
    const item = items[at];
    if (item !== undefined)
      items[at] = { ...item, item_id: newId, price: variant.price, options: variant.options };
  }
  return { kind: "replaced", difference, items };
}

/** The first id that is asked for more often than the order holds it; null when there is none. */
function lacking({ items }: Order, wanted: readonly string[]): string | null {
  const count = (ids: readonly string[], id: string) => ids.filter((one) => one === id).length;
  const held = items.map(({ item_id }) => item_id);
  return wanted.find((id) => count(wanted, id) > count(held, id)) ?? null;
}

function methodOf({ users }: RetailState, order: Order, id: string): PaymentMethod | null {
  return users[order.user_id]?.payment_methods[id] ?? null;
}

/** Only a gift card can hold too little. */
function covers({ source, balance = 0 }: PaymentMethod, amount: number): boolean {
  return source !== "gift_card" || balance >= amount;
}

/** The state once a gift card holds more, or less below zero; any other method is settled outside the shop. */
function credit(state: RetailState, order: Order, id: string, amount: number): RetailState {
  const user = state.users[order.user_id];
  const method = user?.payment_methods[id];
  if (user === undefined || method?.source !== "gift_card") return state;
  const filled = { ...method, balance: inCents((method.balance ?? 0) + amount) };
  const payment_methods = { ...user.payment_methods, [id]: filled };
  return { ...state, users: { ...state.users, [user.user_id]: { ...user, payment_methods } } };
}

/** Rounded to cents; the sum of amounts in cents is never half a cent. */
function inCents(amount: number): number {
  return Number(amount.toFixed(2));
}

function withOrder(state: RetailState, order: Order): Changed {
  const orders = { ...state.orders, [order.order_id]: order };
  return { kind: "changed", state: { ...state, orders }, record: order };
}

function refused(reason: string): { readonly kind: "refused"; readonly reason: string } {
  return { kind: "refused", reason };
}

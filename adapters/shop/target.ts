/** The shop as a target of effects. */

import {
  type Action,
  CancelOrderArguments,
  ChangeAddressArguments,
  OrderArguments,
  refundCountIn,
  RefundArguments,
  ResetPasswordArguments,
} from "#core/values/action.ts";
import type { HttpExchange } from "#core/connection/http-exchange.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Money, toDecimal } from "#core/values/money.ts";
import type { Refund } from "#core/contracts/shop.ts";
import type { CommitResult, EffectLookup, Target } from "#core/contracts/target.ts";
import { z } from "zod";
import { exchangeText, parseAnswer, type ShopClient, unavailable } from "./client.ts";
import {
  findOperation,
  NOT_LOOKED_AT,
  type Order,
  OTHER,
  pathId,
  type Receipt,
  unknowableState,
  UNREADABLE,
  wireKey,
} from "./operation.ts";
import { cancelOrder, resendInvoice, takeBack } from "./order-changes.ts";
import {
  AddressReceipt,
  RefundReceipt,
  ResetReceipt,
  WireError,
  WireOrder,
  WireRefund,
} from "./schema.ts";

/**
 * The shop as a target. Every write carries its key as Idempotency-Key, so a repeated write has no second effect in a
 * shop that honours the key. Other shops are asked what they have booked: with money at stake, nothing is repeated on
 * the strength of the key alone.
 */
export function shopTarget(client: ShopClient): Target {
  const operations: Readonly<Record<string, (action: Action) => Order>> = {
    refund: (action) => refund(client, parseArguments(RefundArguments, action)),
    change_address: (action) =>
      changeAddress(client, parseArguments(ChangeAddressArguments, action)),
    reset_password: (action) =>
      resetPassword(client, parseArguments(ResetPasswordArguments, action)),
    cancel_order: (action) => cancelOrder(client, parseArguments(CancelOrderArguments, action)),
    start_return: (action) => takeBack(client, parseArguments(OrderArguments, action), "return"),
    exchange_item: (action) => takeBack(client, parseArguments(OrderArguments, action), "exchange"),
    resend_invoice: (action) => resendInvoice(client, parseArguments(OrderArguments, action)),
  };

  function orderFor(action: Action): Order {
    const make = Object.hasOwn(operations, action.operation)
      ? operations[action.operation]
      : undefined;
    if (make === undefined)
      throw new DeskhandError("channel.unsupported", `the shop cannot ${action.operation}`);
    return make(action);
  }

  return {
    name: "shop",
    supports: Object.keys(operations),
    findIsReliable: true,
    async commit(action, key, signal) {
      const order = orderFor(action);
      const { path, body } = order;
      const ended = await client.exchange(
        { method: "POST", path, body, idempotencyKey: wireKey(key) },
        signal,
      );
      return committedOrThrow(order, ended);
    },
    find: (action, key, signal) => orderFor(action).find(key, signal),
  };
}

function parseArguments<Schema extends z.ZodType>(
  schema: Schema,
  action: Action,
): z.output<Schema> {
  const parsed = schema.safeParse(action.arguments);
  if (parsed.success) return parsed.data;
  throw new DeskhandError("shop.refused", `${action.operation} has arguments of another shape`, {
    cause: parsed.error,
  });
}

function committedOrThrow(order: Order, ended: HttpExchange): CommitResult {
  if (ended.kind === "unsent") throw unavailable(ended);
  if (ended.kind === "lost")
    throw new DeskhandError("shop.uncertain", "the shop's answer was lost", { cause: ended.cause });
  if (NOT_LOOKED_AT.has(ended.status) || saysItIsDown(ended)) throw unavailable(ended);
  if (ended.status >= 500) throw new DeskhandError("shop.uncertain", exchangeText(ended));
  if (ended.status !== 200 && ended.status !== 201)
    throw new DeskhandError("shop.refused", exchangeText(ended));
  const receipt = order.receipt(ended.body);
  if (receipt.kind === "unreadable")
    throw new DeskhandError("shop.uncertain", "the shop's receipt cannot be read");
  if (receipt.kind === "other")
    throw new DeskhandError("shop.contradicted", "the shop's receipt is not about what was asked");
  return { ref: receipt.ref, conversationKeys: [] };
}

/**
 * The shop itself says that it accepted nothing. The same status from a proxy says nothing about the shop behind it.
 */
function saysItIsDown(ended: HttpExchange): boolean {
  if (ended.kind !== "answered" || ended.status !== 503) return false;
  const parsed = WireError.safeParse(ended.body);
  return parsed.success && parsed.data.error.code === "unavailable";
}

function refund(client: ShopClient, asked: RefundArguments): Order {
  const { orderId, amount, reason } = asked;
  const path = `/orders/${pathId(orderId)}/refunds`;
  return {
    path,
    body: { amount: toDecimal(amount), currency: amount.currency, reason },
    receipt(body) {
      const parsed = parseAnswer(RefundReceipt, body);
      if (!parsed.ok) return UNREADABLE;
      const same = parsed.data.orderId === orderId && sameMoney(parsed.data.amount, amount);
      return same ? { kind: "done", ref: parsed.data.id } : OTHER;
    },
    async find(key, signal) {
      // Reads all refunds, so that it also works with a shop that stores no keys.
      const ended = await client.exchange({ method: "GET", path }, signal);
      if (ended.kind !== "answered" || ended.status !== 200) return unknowableState(ended);
      const parsed = parseAnswer(z.array(WireRefund), ended.body);
      return parsed.ok
        ? findRefund(parsed.data, asked, key)
        : { state: "unknowable", reason: "the shop's answer was not understood" };
    },
  };
}

/**
 * A refund under our key decides. Otherwise a shop that stores keys has not done it. A shop that stores none is judged
 * by what it booked since the refund was proposed: none of this amount means no, one means yes, and more need a person.
 */
function findRefund(
  booked: readonly Refund[],
  { orderId, amount }: RefundArguments,
  key: string,
): EffectLookup {
  const own = booked.find((refund) => refund.key === wireKey(key));
  if (own !== undefined)
    return sameMoney(own.amount, amount)
      ? { state: "done", committed: { ref: own.id, conversationKeys: [] } }
      : { state: "unknowable", reason: "the shop booked another amount under this key" };
  if (booked.some((refund) => refund.key !== "")) return { state: "absent" };
  const before = refundCountIn(key, orderId);
  const since = booked
    .toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt))
    .slice(before ?? 0);
  const [match, ...more] = since.filter((refund) => sameMoney(refund.amount, amount));
  if (match === undefined) return { state: "absent" };
  if (before === null || more.length > 0)
    return { state: "unknowable", reason: "the shop keeps no keys, and more than one refund fits" };
  return { state: "done", committed: { ref: match.id, conversationKeys: [] } };
}

function changeAddress(client: ShopClient, { orderId, address }: ChangeAddressArguments): Order {
  const place = `/orders/${pathId(orderId)}`;
  const ref = `address:${orderId}`;
  // The shop trims what it stores, so surrounding white space makes no difference.
  const isAsked = (stored: string): boolean => stored.trim() === address.trim();
  const order = {
    path: `${place}/address`,
    body: { shipping_address: address },
    receipt(body: unknown): Receipt {
      const parsed = AddressReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      const same = parsed.data.order_id === orderId && isAsked(parsed.data.shipping_address);
      return same ? { kind: "done", ref } : OTHER;
    },
  };
  return {
    ...order,
    async find(key, signal) {
      const byKey = await findOperation(client, order, key, signal);
      if (byKey.state !== "absent") return byKey;
      // In a shop that stores no keys, the order itself shows whether the address is already changed.
      const stands = await client.read(place, WireOrder, signal);
      return stands !== null && isAsked(stands.shippingAddress)
        ? { state: "done", committed: { ref, conversationKeys: [] } }
        : byKey;
    },
  };
}

function resetPassword(client: ShopClient, { customerId }: ResetPasswordArguments): Order {
  const order = {
    path: `/customers/${pathId(customerId)}/password-reset`,
    body: {},
    receipt(body: unknown): Receipt {
      const parsed = ResetReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      return parsed.data.customer_id === customerId
        ? { kind: "done", ref: `reset:${customerId}` }
        : OTHER;
    },
  };
  return { ...order, find: (key, signal) => findOperation(client, order, key, signal) };
}

function sameMoney(one: Money, other: Money): boolean {
  return one.minor === other.minor && one.currency === other.currency;
}

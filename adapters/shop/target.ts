/** The shop as a target of effects. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type HttpExchange, pathSegment } from "#core/connection/http-answer.ts";
import { type Refund, type Order as ShopOrder, isCancelled } from "#core/contracts/shop.ts";
import type { CommitResult, EffectLookup, Target } from "#core/contracts/target.ts";
import {
  type Action,
  CancelOrderArguments,
  ChangeAddressArguments,
  OrderArguments,
  refundCountIn,
  RefundArguments,
  ResetPasswordArguments,
} from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Money, toDecimal } from "#core/values/money.ts";
import { exchangeText, parseAnswer, type ShopClient, unavailable } from "./client.ts";
import {
  AddressReceipt,
  RefundReceipt,
  ResetReceipt,
  WireError,
  WireOrder,
  WireRefund,
  CancelReceipt,
  InvoiceReceipt,
  ReturnReceipt,
  Operation,
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

// The operations of the shop on a whole order besides refunds: cancellation, return, exchange and invoice.

/** Cancels an order; the shop refuses when another amount would go back than the one that was decided. */
function cancelOrder(client: ShopClient, { orderId, amount }: CancelOrderArguments): Order {
  const ref = `cancellation:${orderId}`;
  return foundOnOrder(client, orderId, {
    path: "cancellation",
    body: { refund: toDecimal(amount), currency: amount.currency },
    ref,
    isDone: isCancelled,
    receipt(body) {
      const parsed = parseAnswer(CancelReceipt, body);
      if (!parsed.ok) return UNREADABLE;
      const { refunded } = parsed.data;
      const same = refunded.minor === amount.minor && refunded.currency === amount.currency;
      return same && parsed.data.orderId === orderId ? { kind: "done", ref } : OTHER;
    },
  });
}

/** Starts a return, or an exchange for another one of the item. An order has one of them at most. */
function takeBack(
  client: ShopClient,
  { orderId }: OrderArguments,
  kind: "return" | "exchange",
): Order {
  const ref = `${kind}:${orderId}`;
  return foundOnOrder(client, orderId, {
    path: kind,
    body: {},
    ref,
    isDone: (order) => order.returning?.kind === kind,
    receipt(body) {
      const parsed = ReturnReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      const same = parsed.data.order_id === orderId && parsed.data.kind === kind;
      return same ? { kind: "done", ref } : OTHER;
    },
  });
}

/** Mails the invoice of an order to the address on file once more. */
function resendInvoice(client: ShopClient, { orderId }: OrderArguments): Order {
  const order = {
    path: `/orders/${pathId(orderId)}/invoice-mail`,
    body: {},
    receipt(body: unknown): Receipt {
      const parsed = InvoiceReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      return parsed.data.order_id === orderId ? { kind: "done", ref: `invoice:${orderId}` } : OTHER;
    },
  };
  return { ...order, find: (key, signal) => findOperation(client, order, key, signal) };
}

/** An operation that the order itself shows as done, so that a shop without keys can tell too. */
function foundOnOrder(
  client: ShopClient,
  orderId: string,
  operation: {
    readonly path: string;
    readonly body: unknown;
    readonly ref: string;
    readonly receipt: (body: unknown) => Receipt;
    readonly isDone: (order: ShopOrder) => boolean;
  },
): Order {
  const place = `/orders/${pathId(orderId)}`;
  const { body, ref, receipt } = operation;
  return {
    path: `${place}/${operation.path}`,
    body,
    receipt,
    async find(key, signal) {
      const byKey = await findOperation(client, { receipt }, key, signal);
      if (byKey.state !== "absent") return byKey;
      const stands = await client.read(place, WireOrder, signal);
      return stands !== null && operation.isDone(stands)
        ? { state: "done", committed: { ref, conversationKeys: [] } }
        : byKey;
    },
  };
}

// One write of the shop as HTTP: its receipt, and how it is found again by its key.

/** What an answer proves: that exactly this was done, that something else was, or nothing. */
type Receipt =
  | { readonly kind: "done"; readonly ref: string }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable" };

/** One operation as HTTP: its path, and how its receipt proves that exactly this was done. */
interface Order {
  readonly path: string;
  readonly body: unknown;
  receipt(body: unknown): Receipt;
  find(key: string, signal: AbortSignal): Promise<EffectLookup>;
}

/** Statuses that say the server has not processed the request. */
const NOT_LOOKED_AT = new Set([408, 425, 429]);

/** The header takes 1 to 255 printable ASCII characters; any other key is sent as its digest, always the same one. */
function wireKey(key: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(key)
    ? key
    : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** A receipt that cannot be read. */
const UNREADABLE: Receipt = { kind: "unreadable" };
/** A receipt about something else. */
const OTHER: Receipt = { kind: "other" };

/** What the shop did under this key, by the receipt it kept. */
async function findOperation(
  client: ShopClient,
  order: Pick<Order, "receipt">,
  key: string,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const path = `/operations/${encodeURIComponent(wireKey(key))}`;
  const ended = await client.exchange({ method: "GET", path }, signal);
  if (ended.kind === "answered" && ended.status === 404) {
    const parsed = WireError.safeParse(ended.body);
    // Only this code means that nothing was done; any other 404 means that we asked in the wrong place.
    if (parsed.success && parsed.data.error.code === "operation_not_found")
      return { state: "absent" };
  }
  if (ended.kind !== "answered" || ended.status !== 200) return unknowableState(ended);
  const parsed = Operation.safeParse(ended.body);
  const receipt = parsed.success ? order.receipt(parsed.data.result) : UNREADABLE;
  return receipt.kind === "done"
    ? { state: "done", committed: { ref: receipt.ref, conversationKeys: [] } }
    : { state: "unknowable", reason: "under this key the shop did something else" };
}

/** A shop that cannot be asked right now can be asked later; any other answer is final. */
function unknowableState(ended: HttpExchange): EffectLookup {
  if (ended.kind !== "answered" || ended.status >= 500 || NOT_LOOKED_AT.has(ended.status))
    throw unavailable(ended);
  return { state: "unknowable", reason: exchangeText(ended) };
}

/** The id as one segment of a path. Throws `shop.refused` for one that cannot be an id. */
function pathId(id: string): string {
  const encoded = pathSegment(id);
  if (encoded === null) throw new DeskhandError("shop.refused", "there is no such id");
  return encoded;
}

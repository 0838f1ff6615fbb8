/** The shop as a target of effects. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type HttpExchange, pathSegment } from "#core/connection/http-answer.ts";
import { type Refund, type Order as ShopOrder, isCancelled } from "#core/contracts/shop.ts";
import {
  argumentsOf,
  type CommitResult,
  type EffectLookup,
  type Target,
} from "#core/contracts/target.ts";
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
import {
  exchangeText,
  parseAnswer,
  type ShopClient,
  unavailable,
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
} from "./client.ts";

/**
 * The shop as a target. Every write carries its key as Idempotency-Key, so a repeated write has no second effect in a
 * shop that honours the key. Other shops are asked what they have booked: with money at stake, nothing is repeated on
 * the strength of the key alone.
 */
export function shopTarget(client: ShopClient): Target {
  const operations: Readonly<Record<string, (action: Action) => Order>> = {
    refund: (action) => refund(client, argumentsOf(RefundArguments, action, "shop.refused")),
    change_address: (action) =>
      changeAddress(client, argumentsOf(ChangeAddressArguments, action, "shop.refused")),
    reset_password: (action) =>
      resetPassword(client, argumentsOf(ResetPasswordArguments, action, "shop.refused")),
    cancel_order: (action) =>
      cancelOrder(client, argumentsOf(CancelOrderArguments, action, "shop.refused")),
    start_return: (action) =>
      takeBack(client, argumentsOf(OrderArguments, action, "shop.refused"), "return"),
    exchange_item: (action) =>
      takeBack(client, argumentsOf(OrderArguments, action, "shop.refused"), "exchange"),
    resend_invoice: (action) =>
      resendInvoice(client, argumentsOf(OrderArguments, action, "shop.refused")),
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

function sameMoney(one: Money, other: Money): boolean {
  return one.minor === other.minor && one.currency === other.currency;
}

function changeAddress(client: ShopClient, { orderId, address }: ChangeAddressArguments): Order {
  // The shop trims what it stores, so surrounding white space makes no difference.
  const isAsked = (stored: string): boolean => stored.trim() === address.trim();
  return orderFrom(client, {
    place: `/orders/${pathId(orderId)}`,
    path: "address",
    body: { shipping_address: address },
    ref: `address:${orderId}`,
    answer: AddressReceipt,
    isAsked: (receipt) => receipt.order_id === orderId && isAsked(receipt.shipping_address),
    isDone: (order) => isAsked(order.shippingAddress),
  });
}

function resetPassword(client: ShopClient, { customerId }: ResetPasswordArguments): Order {
  return orderFrom(client, {
    place: `/customers/${pathId(customerId)}`,
    path: "password-reset",
    body: {},
    ref: `reset:${customerId}`,
    answer: ResetReceipt,
    isAsked: (receipt) => receipt.customer_id === customerId,
  });
}

/** Cancels an order; the shop refuses when another amount would go back than the one that was decided. */
function cancelOrder(client: ShopClient, { orderId, amount }: CancelOrderArguments): Order {
  return orderFrom(client, {
    place: `/orders/${pathId(orderId)}`,
    path: "cancellation",
    body: { refund: toDecimal(amount), currency: amount.currency },
    ref: `cancellation:${orderId}`,
    answer: CancelReceipt,
    isAsked: (receipt) => receipt.orderId === orderId && sameMoney(receipt.refunded, amount),
    isDone: isCancelled,
  });
}

/** Starts a return, or an exchange for another one of the item. An order has one of them at most. */
function takeBack(
  client: ShopClient,
  { orderId }: OrderArguments,
  kind: "return" | "exchange",
): Order {
  return orderFrom(client, {
    place: `/orders/${pathId(orderId)}`,
    path: kind,
    body: {},
    ref: `${kind}:${orderId}`,
    answer: ReturnReceipt,
    isAsked: (receipt) => receipt.order_id === orderId && receipt.kind === kind,
    isDone: (order) => order.returning?.kind === kind,
  });
}

/** Mails the invoice of an order to the address on file once more. */
function resendInvoice(client: ShopClient, { orderId }: OrderArguments): Order {
  return orderFrom(client, {
    place: `/orders/${pathId(orderId)}`,
    path: "invoice-mail",
    body: {},
    ref: `invoice:${orderId}`,
    answer: InvoiceReceipt,
    isAsked: (receipt) => receipt.order_id === orderId,
  });
}

/** An operation of which one receipt is enough proof. It is found again by its key. */
function orderFrom<Answer extends z.ZodType>(
  client: ShopClient,
  operation: {
    readonly place: string;
    /** Below the place. */
    readonly path: string;
    readonly body: unknown;
    readonly ref: string;
    readonly answer: Answer;
    readonly isAsked: (receipt: z.output<Answer>) => boolean;
    /** Whether the order itself shows it as done, by which a shop that stores no keys can tell too. */
    readonly isDone?: (order: ShopOrder) => boolean;
  },
): Order {
  const { place, path, body, ref, answer, isAsked, isDone } = operation;
  const receipt = (given: unknown): Receipt => {
    const parsed = parseAnswer(answer, given);
    if (!parsed.ok) return UNREADABLE;
    return isAsked(parsed.data) ? { kind: "done", ref } : OTHER;
  };
  return {
    path: `${place}/${path}`,
    body,
    receipt,
    async find(key, signal) {
      const byKey = await findOperation(client, { receipt }, key, signal);
      if (byKey.state !== "absent" || isDone === undefined) return byKey;
      const stands = await client.read(place, WireOrder, signal);
      return stands !== null && isDone(stands)
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

/**
 * Room: the shop behind its HTTP API, read by tools and written by effects.
 * In: ids to look up; actions with their keys (refund, change of address, password reset).
 * Out: customers, orders and payments; receipts of writes, and lookups of what was done.
 * May touch: the shop's API; nothing else.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { pathSegment, type HttpExchange } from "#core/connection/http-answer.ts";
import { type Shop, type Order, type Refund, isCancelled } from "#core/contracts/shop.ts";
import {
  type Target,
  parsedArguments,
  type CommitResult,
  type EffectLookup,
} from "#core/contracts/tool.ts";
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
import { fromDecimal, type Money, toDecimal } from "#core/values/money.ts";
import {
  shopClient,
  type ShopClient,
  type ShopOptions,
  WireCustomer,
  WireOrder,
  WirePayment,
  Currency,
  exchangeText,
  parseAnswer,
  unavailable,
  Operation,
  WireError,
  WireRefund,
} from "./client.ts";

/**
 * The shop behind its HTTP API: reads for the tools, writes for the ledger. The two are separate, so that code that may
 * look something up cannot change it.
 */
export function shop(options: ShopOptions): { readonly reads: Shop; readonly target: Target } {
  const client = shopClient(options);
  return { reads: shopReads(client), target: shopTarget(client) };
}

function shopReads(client: ShopClient): Shop {
  return {
    async customer(customerId, signal) {
      const id = pathSegment(customerId);
      return id === null ? null : await client.read(`/customers/${id}`, WireCustomer, signal);
    },
    async customerByEmail(email, signal) {
      const query = new URLSearchParams({ email }).toString();
      const found = await client.read(`/customers?${query}`, z.array(WireCustomer), signal);
      // A shop that searches loosely, or has two accounts with one address, proves no identity.
      const exact = (found ?? []).filter(
        (customer) => customer.email.toLowerCase() === email.toLowerCase(),
      );
      return exact.length === 1 ? (exact[0] ?? null) : null;
    },
    async orders(customerId, signal) {
      const id = pathSegment(customerId);
      if (id === null) return [];
      const orders = await client.read(`/customers/${id}/orders`, z.array(WireOrder), signal);
      return (orders ?? []).filter((order) => order.customerId === customerId);
    },
    async order(orderId, signal) {
      const id = pathSegment(orderId);
      return id === null ? null : await client.read(`/orders/${id}`, WireOrder, signal);
    },
    async payments(orderId, signal) {
      const id = pathSegment(orderId);
      if (id === null) return [];
      return (await client.read(`/orders/${id}/payments`, z.array(WirePayment), signal)) ?? [];
    },
  };
}

/**
 * The shop as a target. Every write carries its key as Idempotency-Key, so a repeated write has no second effect in a
 * shop that honours the key. Other shops are asked what they have booked: with money at stake, nothing is repeated on
 * the strength of the key alone.
 */
function shopTarget(client: ShopClient): Target {
  return {
    name: "shop",
    supports: Object.keys(WRITES),
    async commit(action, key, signal) {
      const write = writeFor(action);
      const path = `${write.place}/${write.path}`;
      const call = {
        method: "POST",
        path,
        body: write.body,
        idempotencyKey: wireKey(key),
      } as const;
      return committedOrThrow(write, await client.exchange(call, signal));
    },
    async find(action, key, signal) {
      const write = writeFor(action);
      return write.among === undefined
        ? await findByKey(client, write, key, signal)
        : await findBooked(client, write, write.among(key), signal);
    },
  };
}

/** One write as HTTP: where it goes, how its receipt proves that exactly this was done, and how it is found again. */
interface Write {
  /** The record it is about. */
  readonly place: string;
  /** Below the place. */
  readonly path: string;
  readonly body: unknown;
  readonly receipt: (body: unknown) => Receipt;
  /** The ref, where the order itself shows it as done, by which a shop that stores no keys can tell too. */
  readonly shownBy?: (order: Order) => string | null;
  /** What the refunds of the order say about it; left out for what the shop keeps under its key. */
  readonly among?: (key: string) => (booked: readonly Refund[]) => EffectLookup;
}

const OF_ORDER = { order_id: z.string() };
const IN_CURRENCY = { currency: Currency };

/** Every operation of the shop. One receipt is enough proof of each. */
const WRITES: Readonly<Record<string, (action: Action) => Write>> = {
  refund: written(RefundArguments, (asked) => ({
    place: orderPlace(asked),
    path: "refunds",
    body: {
      amount: toDecimal(asked.amount),
      currency: asked.amount.currency,
      reason: asked.reason,
    },
    receipt: receiptReader(
      z.object({ id: z.string().min(1), amount: z.number(), ...OF_ORDER, ...IN_CURRENCY }),
      (one) => isAbout(one, asked) && isSum(one.amount, one.currency, asked.amount),
      ({ id }) => id,
    ),
    among: (key) => (booked) => findRefund(booked, asked, key),
  })),
  change_address: written(ChangeAddressArguments, (asked) => {
    // The shop trims what it stores, so surrounding white space makes no difference.
    const isAsked = (stored: string): boolean => stored.trim() === asked.address.trim();
    const ref = `address:${asked.orderId}`;
    return {
      place: orderPlace(asked),
      path: "address",
      body: { shipping_address: asked.address },
      receipt: receiptReader(
        z.object({ ...OF_ORDER, shipping_address: z.string() }),
        (one) => isAbout(one, asked) && isAsked(one.shipping_address),
        () => ref,
      ),
      shownBy: ({ shippingAddress }) => (isAsked(shippingAddress) ? ref : null),
    };
  }),
  reset_password: written(ResetPasswordArguments, ({ customerId }) => ({
    place: `/customers/${pathId(customerId)}`,
    path: "password-reset",
    body: {},
    receipt: receiptReader(
      z.object({ customer_id: z.string() }),
      (one) => one.customer_id === customerId,
      () => `reset:${customerId}`,
    ),
  })),
  // The shop refuses when another amount would go back than the one that was decided.
  cancel_order: written(CancelOrderArguments, (asked) => ({
    place: orderPlace(asked),
    path: "cancellation",
    body: { refund: toDecimal(asked.amount), currency: asked.amount.currency },
    receipt: receiptReader(
      z.object({ refunded: z.number(), ...OF_ORDER, ...IN_CURRENCY }),
      (one) => isAbout(one, asked) && isSum(one.refunded, one.currency, asked.amount),
      () => `cancellation:${asked.orderId}`,
    ),
    shownBy: (order) => (isCancelled(order) ? `cancellation:${asked.orderId}` : null),
  })),
  start_return: written(OrderArguments, (asked) => takenBack(asked, "return")),
  exchange_item: written(OrderArguments, (asked) => takenBack(asked, "exchange")),
  // Mailed to the address on file once more.
  resend_invoice: written(OrderArguments, (asked) => ({
    place: orderPlace(asked),
    path: "invoice-mail",
    body: {},
    receipt: receiptReader(
      z.object(OF_ORDER),
      (one) => isAbout(one, asked),
      () => `invoice:${asked.orderId}`,
    ),
  })),
};

/** A return, or an exchange for another one of the item. An order has one of them at most. */
function takenBack(asked: OrderArguments, kind: "return" | "exchange"): Write {
  return {
    place: orderPlace(asked),
    path: kind,
    body: {},
    receipt: receiptReader(
      z.object({ ...OF_ORDER, kind: z.string() }),
      (one) => isAbout(one, asked) && one.kind === kind,
      () => `${kind}:${asked.orderId}`,
    ),
    shownBy: ({ returning }) => (returning?.kind === kind ? `${kind}:${asked.orderId}` : null),
  };
}

function written<Schema extends z.ZodType>(
  schema: Schema,
  write: (asked: z.output<Schema>) => Write,
): (action: Action) => Write {
  return (action) => write(parsedArguments(schema, action, "shop.refused"));
}

function writeFor(action: Action): Write {
  const { operation } = action;
  const write = Object.hasOwn(WRITES, operation) ? WRITES[operation] : undefined;
  if (write === undefined)
    throw new DeskhandError("channel.unsupported", `the shop cannot ${operation}`);
  return write(action);
}

function orderPlace({ orderId }: OrderArguments): string {
  return `/orders/${pathId(orderId)}`;
}

function isAbout(one: { readonly order_id: string }, { orderId }: OrderArguments): boolean {
  return one.order_id === orderId;
}

/** Throws for an amount that the currency does not have. */
function isSum(amount: number, currency: string, asked: Money): boolean {
  return sameMoney(fromDecimal(amount, currency), asked);
}

function sameMoney(one: Money, other: Money): boolean {
  return one.minor === other.minor && one.currency === other.currency;
}

/** What an answer proves: that exactly this was done, that something else was, or nothing. */
type Receipt =
  | { readonly kind: "done"; readonly ref: string }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable" };

function receiptReader<Answer extends z.ZodType>(
  answer: Answer,
  isAsked: (one: z.output<Answer>) => boolean,
  ref: (one: z.output<Answer>) => string,
): Write["receipt"] {
  const proof = answer.transform((one) => (isAsked(one) ? ref(one) : null));
  return (body) => {
    const parsed = parseAnswer(proof, body);
    if (!parsed.ok) return { kind: "unreadable" };
    return parsed.data === null ? { kind: "other" } : { kind: "done", ref: parsed.data };
  };
}

function committedOrThrow(write: Write, ended: HttpExchange): CommitResult {
  if (ended.kind === "unsent") throw unavailable(ended);
  if (ended.kind === "lost")
    throw new DeskhandError("shop.uncertain", "the shop's answer was lost", { cause: ended.cause });
  if (NOT_LOOKED_AT.has(ended.status) || says(ended, 503, "unavailable")) throw unavailable(ended);
  if (ended.status >= 500 || says(ended, 409, "in_progress"))
    throw new DeskhandError("shop.uncertain", exchangeText(ended));
  if (ended.status !== 200 && ended.status !== 201)
    throw new DeskhandError("shop.refused", exchangeText(ended));
  const receipt = write.receipt(ended.body);
  if (receipt.kind === "unreadable")
    throw new DeskhandError("shop.uncertain", "the shop's receipt cannot be read");
  if (receipt.kind === "other")
    throw new DeskhandError("shop.contradicted", "the shop's receipt is not about what was asked");
  return { ref: receipt.ref, conversationKeys: [] };
}

/** Whether the shop itself says so, and not a proxy, whose status says nothing about the shop behind it. */
function says(ended: HttpExchange, status: number, code: string): boolean {
  if (ended.kind !== "answered" || ended.status !== status) return false;
  const parsed = WireError.safeParse(ended.body);
  return parsed.success && parsed.data.error.code === code;
}

/** Reads all refunds, so that it also works with a shop that stores no keys. */
async function findBooked(
  client: ShopClient,
  { place, path }: Write,
  among: (booked: readonly Refund[]) => EffectLookup,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const ended = await client.exchange({ method: "GET", path: `${place}/${path}` }, signal);
  if (ended.kind !== "answered" || ended.status !== 200) return unknowableState(ended);
  const parsed = parseAnswer(z.array(WireRefund), ended.body);
  return parsed.ok
    ? among(parsed.data)
    : { state: "unknowable", reason: "the shop's answer was not understood" };
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
      ? done(own.id)
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
  return done(match.id);
}

/** Statuses that say the server has not processed the request. */
const NOT_LOOKED_AT = new Set([408, 425, 429]);

/** The header takes 1 to 255 printable ASCII characters; any other key is sent as its digest, always the same one. */
function wireKey(key: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(key)
    ? key
    : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** What the shop did under this key, by the receipt it kept; where it kept none, by the order itself. */
async function findByKey(
  client: ShopClient,
  write: Write,
  key: string,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const path = `/operations/${encodeURIComponent(wireKey(key))}`;
  const ended = await client.exchange({ method: "GET", path }, signal);
  // Only this code means that nothing was done; any other 404 means that we asked in the wrong place.
  if (says(ended, 404, "operation_not_found")) {
    const ref = await refShown(client, write, signal);
    return ref === null ? { state: "absent" } : done(ref);
  }
  if (ended.kind !== "answered" || ended.status !== 200) return unknowableState(ended);
  const parsed = Operation.safeParse(ended.body);
  const kept = parsed.success ? write.receipt(parsed.data.result) : null;
  return kept?.kind === "done"
    ? done(kept.ref)
    : { state: "unknowable", reason: "under this key the shop did something else" };
}

/** The ref where the order itself shows the write as done; null where it does not, or cannot. */
async function refShown(
  client: ShopClient,
  { place, shownBy }: Write,
  signal: AbortSignal,
): Promise<string | null> {
  if (shownBy === undefined) return null;
  const order = await client.read(place, WireOrder, signal);
  return order === null ? null : shownBy(order);
}

function done(ref: string): EffectLookup {
  return { state: "done", committed: { ref, conversationKeys: [] } };
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

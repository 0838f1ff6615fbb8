import { createHash } from "node:crypto";
import {
  type Action,
  ChangeAddressArguments,
  RefundArguments,
  ResetPasswordArguments,
} from "#core/action.ts";
import { DeskhandError } from "#core/errors.ts";
import { type Money, toDecimal } from "#core/money.ts";
import type { Committed, Found, Target } from "#core/target.ts";
import { z } from "zod";
import {
  type Exchange,
  parseAnswer,
  segment,
  type ShopClient,
  unavailable,
  wordsOf,
} from "./client.ts";
import {
  AddressReceipt,
  Operation,
  RefundReceipt,
  ResetReceipt,
  WireError,
  WireRefund,
} from "./schema.ts";

/** One operation as HTTP: where it is posted, and how its receipt proves that exactly this was done. */
interface Order {
  readonly path: string;
  readonly body: unknown;
  /** The reference to keep; null when the receipt is about something else. */
  receipt(body: unknown): string | null;
  find(key: string, signal: AbortSignal): Promise<Found>;
}

/** Statuses by which a server says it has not looked at the request yet. */
const NOT_LOOKED_AT = new Set([408, 425, 429]);

/**
 * The shop as a target. Every write carries its key as Idempotency-Key, so repeating one has no second effect and
 * `find` always knows.
 */
export function shopTarget(client: ShopClient): Target {
  const operations: Readonly<Record<string, (action: Action) => Order>> = {
    refund: (action) => refund(client, parseArguments(RefundArguments, action)),
    change_address: (action) =>
      changeAddress(client, parseArguments(ChangeAddressArguments, action)),
    reset_password: (action) =>
      resetPassword(client, parseArguments(ResetPasswordArguments, action)),
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
      return committed(order, ended);
    },
    find: (action, key, signal) => orderFor(action).find(wireKey(key), signal),
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

/** The header takes 1 to 255 printable ASCII characters; any other key travels as its digest, always the same one. */
function wireKey(key: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(key)
    ? key
    : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

function committed(order: Order, ended: Exchange): Committed {
  if (ended.kind === "unsent") throw unavailable(ended);
  if (ended.kind === "lost")
    throw new DeskhandError("shop.uncertain", "the shop's answer was lost", { cause: ended.cause });
  if (NOT_LOOKED_AT.has(ended.status) || saysItIsDown(ended)) throw unavailable(ended);
  if (ended.status >= 500) throw new DeskhandError("shop.uncertain", wordsOf(ended));
  if (ended.status !== 200 && ended.status !== 201)
    throw new DeskhandError("shop.refused", wordsOf(ended));
  const ref = order.receipt(ended.body);
  if (ref === null)
    throw new DeskhandError("shop.uncertain", "the shop's receipt is not about what was asked");
  return { ref, conversationKeys: [] };
}

/** The shop itself says that it took nothing on. The same status from a proxy says nothing about what is behind it. */
function saysItIsDown(ended: Exchange): boolean {
  if (ended.kind !== "answered" || ended.status !== 503) return false;
  const parsed = WireError.safeParse(ended.body);
  return parsed.success && parsed.data.error.code === "unavailable";
}

function refund(client: ShopClient, { orderId, amount, reason }: RefundArguments): Order {
  const path = `/orders/${pathId(orderId)}/refunds`;
  return {
    path,
    body: { amount: toDecimal(amount), currency: amount.currency, reason },
    receipt(body) {
      const parsed = parseAnswer(RefundReceipt, body);
      const same =
        parsed.ok && parsed.data.orderId === orderId && sameMoney(parsed.data.amount, amount);
      return same ? parsed.data.id : null;
    },
    async find(key, signal) {
      const ended = await client.exchange(
        { method: "GET", path: `${path}?idempotency_key=${encodeURIComponent(key)}` },
        signal,
      );
      if (ended.kind !== "answered" || ended.status !== 200) return unknowable(ended);
      const parsed = parseAnswer(z.array(WireRefund), ended.body);
      if (!parsed.ok)
        return { state: "unknowable", reason: "the shop's answer was not understood" };
      // A shop that ignores the filter lists them all, so the key is compared again here.
      const booked = parsed.data.find((candidate) => candidate.key === key);
      if (booked === undefined) return { state: "absent" };
      return sameMoney(booked.amount, amount)
        ? { state: "done", committed: { ref: booked.id, conversationKeys: [] } }
        : { state: "unknowable", reason: "the shop booked another amount under this key" };
    },
  };
}

function changeAddress(client: ShopClient, { orderId, address }: ChangeAddressArguments): Order {
  const order = {
    path: `/orders/${pathId(orderId)}/address`,
    body: { shipping_address: address },
    receipt(body: unknown): string | null {
      const parsed = AddressReceipt.safeParse(body);
      // The shop trims what it stores, so white space around it is no difference.
      const same =
        parsed.success &&
        parsed.data.order_id === orderId &&
        parsed.data.shipping_address.trim() === address.trim();
      return same ? `address:${orderId}` : null;
    },
  };
  return { ...order, find: (key, signal) => findOperation(client, order, key, signal) };
}

function resetPassword(client: ShopClient, { customerId }: ResetPasswordArguments): Order {
  const order = {
    path: `/customers/${pathId(customerId)}/password-reset`,
    body: {},
    receipt(body: unknown): string | null {
      const parsed = ResetReceipt.safeParse(body);
      return parsed.success && parsed.data.customer_id === customerId
        ? `reset:${customerId}`
        : null;
    },
  };
  return { ...order, find: (key, signal) => findOperation(client, order, key, signal) };
}

async function findOperation(
  client: ShopClient,
  order: Pick<Order, "receipt">,
  key: string,
  signal: AbortSignal,
): Promise<Found> {
  const path = `/operations/${encodeURIComponent(key)}`;
  const ended = await client.exchange({ method: "GET", path }, signal);
  if (ended.kind === "answered" && ended.status === 404) {
    const parsed = WireError.safeParse(ended.body);
    // Only this code means that nothing was done; any other 404 means that we asked in the wrong place.
    if (parsed.success && parsed.data.error.code === "operation_not_found")
      return { state: "absent" };
  }
  if (ended.kind !== "answered" || ended.status !== 200) return unknowable(ended);
  const parsed = Operation.safeParse(ended.body);
  const ref = parsed.success ? order.receipt(parsed.data.result) : null;
  return ref === null
    ? { state: "unknowable", reason: "under this key the shop did something else" }
    : { state: "done", committed: { ref, conversationKeys: [] } };
}

/** A shop that cannot be asked right now can be asked later; one that answers something else will not say more. */
function unknowable(ended: Exchange): Found {
  if (ended.kind !== "answered" || ended.status >= 500 || NOT_LOOKED_AT.has(ended.status))
    throw unavailable(ended);
  return { state: "unknowable", reason: wordsOf(ended) };
}

function pathId(id: string): string {
  const encoded = segment(id);
  if (encoded === null) throw new DeskhandError("shop.refused", "there is no such id");
  return encoded;
}

function sameMoney(one: Money, other: Money): boolean {
  return one.minor === other.minor && one.currency === other.currency;
}

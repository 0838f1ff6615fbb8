/** HTTP client of the shop's API, and the schemas of its answers. */

import { fromDecimal } from "#core/values/money.ts";
import type { Order, Payment, Refund } from "#core/contracts/shop.ts";
import { z } from "zod";
import { setTimeout as delay } from "node:timers/promises";
import { type Fetch, exchangeOnce, type HttpExchange } from "#core/connection/http-answer.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";

/**
 * What the shop's API answers, as far as Deskhand uses it. Unknown fields are let through, because a shop may add some;
 * amounts are decimal numbers in the major unit and become whole minor units here, the only place that sees them.
 */

const Day = z.iso.date().nullish();
export const Currency = z.string().regex(/^[A-Z]{3}$/);

export const WireCustomer = z.object({
  id: z.string().min(1),
  name: z.string(),
  email: z.string(),
});

export const WireRefund = z
  .object({
    id: z.string().min(1),
    amount: z.number(),
    currency: Currency,
    /** Empty for a refund made by hand, and in a shop that stores no keys. */
    idempotency_key: z.string().nullish(),
    created_at: z.string(),
  })
  .transform((refund): Refund => ({
    id: refund.id,
    amount: fromDecimal(refund.amount, refund.currency),
    key: refund.idempotency_key ?? "",
    createdAt: refund.created_at,
  }));

export const WireOrder = z
  .object({
    id: z.string().min(1),
    customer_id: z.string().min(1),
    item: z.string(),
    amount: z.number(),
    currency: Currency,
    status: z.string(),
    paid: z.number(),
    refunds: z.array(WireRefund),
    ordered_on: Day,
    return_started_on: Day,
    return_kind: z.enum(["return", "exchange"]).nullish(),
    tracking: z.string().max(100).nullish(),
    shipped_on: Day,
    delivered_on: Day,
    due_on: Day,
    shipping_address: z.string(),
  })
  .transform((order): Order => ({
    id: order.id,
    customerId: order.customer_id,
    item: order.item,
    amount: fromDecimal(order.amount, order.currency),
    status: order.status,
    paid: fromDecimal(order.paid, order.currency),
    refunds: order.refunds,
    orderedOn: order.ordered_on ?? null,
    shippedOn: order.shipped_on ?? null,
    deliveredOn: order.delivered_on ?? null,
    dueOn: order.due_on ?? null,
    returning:
      order.return_started_on == null
        ? null
        : { since: order.return_started_on, kind: order.return_kind ?? "return" },
    tracking: order.tracking ?? null,
    shippingAddress: order.shipping_address,
  }));

export const WirePayment = z
  .object({
    order_id: z.string().min(1),
    amount: z.number(),
    currency: Currency,
    method: z.string(),
    card_last4: z.string().optional(),
    paid_on: z.iso.date(),
  })
  .transform((payment): Payment => ({
    orderId: payment.order_id,
    amount: fromDecimal(payment.amount, payment.currency),
    method:
      payment.card_last4 === undefined
        ? payment.method
        : `${payment.method} ending in ${payment.card_last4}`,
    paidOn: payment.paid_on,
  }));

/** What the shop has recorded under a key: the receipt it gave. */
export const Operation = z.object({ result: z.unknown() });

/** The shop's own error envelope. A body without it comes from a proxy in front of the shop. */
export const WireError = z.object({
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }),
});

export interface ShopOptions {
  readonly url: string;
  /** Bearer key. */
  readonly key: string;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Sends the calls; it may give answers that have arrived as a whole. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export type ShopClient = ReturnType<typeof shopClient>;

const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
/** Statuses that say there is no such thing; 422 is for an id of a shape the shop never gives out. */
const ABSENT = new Set([404, 410, 422]);
const READ_TRIES_MAX = 2;
/** Long enough for a restart behind a balancer, short enough that a turn does not notice. */
const READ_RETRY_MS = 150;

/** Makes HTTP calls to the shop and reports how each ended, without deciding what that means for an effect. */
export function shopClient(options: ShopOptions) {
  const base = options.url.replace(/(?<!\/)\/+$/, "");

  async function exchange(call: Call, signal: AbortSignal): Promise<HttpExchange> {
    const request = {
      url: `${base}${call.path}`,
      method: call.method,
      headers: {
        authorization: `Bearer ${options.key}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    };
    const over = { fetch: options.fetch, clock: options.clock, answerBytesMax: ANSWER_BYTES_MAX };
    return await withinMs(
      options.timeoutMs,
      async (inTime) => await exchangeOnce(request, over, inTime),
      signal,
    );
  }

  async function readOnce(path: string, signal: AbortSignal): Promise<HttpExchange> {
    for (let attempt = 1; ; attempt += 1) {
      const ended = await exchange({ method: "GET", path }, signal);
      const again = ended.kind !== "answered" || ended.status >= 500;
      if (!again || attempt >= READ_TRIES_MAX || signal.aborted) return ended;
      options.log.warn("the shop did not answer, asking once more", {
        // What follows names a customer or an order.
        operation: path.split(/[/?]/, 2)[1] ?? "",
        ended: exchangeText(ended),
      });
      // A stopped turn ends the wait; the next exchange then reports it.
      await delay(READ_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    exchange,
    /**
     * Reads with one short retry; null for what does not exist. Throws `shop.unavailable` for anything but a readable
     * answer.
     */
    async read<Schema extends z.ZodType>(
      path: string,
      schema: Schema,
      signal: AbortSignal,
    ): Promise<z.output<Schema> | null> {
      const ended = await readOnce(path, signal);
      if (ended.kind === "answered" && ABSENT.has(ended.status)) return null;
      if (ended.kind !== "answered" || ended.status !== 200) throw unavailable(ended);
      const parsed = parseAnswer(schema, ended.body);
      if (parsed.ok) return parsed.data;
      throw new DeskhandError("shop.unavailable", "the shop's answer was not understood", {
        cause: parsed.cause,
      });
    },
  };
}

/**
 * Parses an answer. An amount the currency does not have makes the transform throw, which also counts as unreadable.
 */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): { ok: true; data: z.output<Schema> } | { ok: false; cause: unknown } {
  try {
    return { ok: true, data: schema.parse(body) };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** The shop's own reason when it gave one, else how the call ended. */
export function exchangeText(ended: HttpExchange): string {
  if (ended.kind !== "answered") return reasonOf(ended.cause);
  const parsed = WireError.safeParse(ended.body);
  return parsed.success ? parsed.data.error.message : `the shop answered with ${ended.status}`;
}

/** The failure of a call that had no effect and may be tried again. */
export function unavailable(ended: HttpExchange): DeskhandError {
  const words = `the shop cannot be asked: ${exchangeText(ended)}`;
  const { retryAfterMs, cause } = { retryAfterMs: undefined, cause: undefined, ...ended };
  return new DeskhandError("shop.unavailable", words, { retryAfterMs, cause });
}

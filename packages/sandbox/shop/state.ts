/**
 * The sample shop's memory: one JSON document on disk.
 *
 * Every change is made in memory and written to a temporary file that replaces the old one, before the caller hears of
 * it. A killed process therefore leaves either the old state or the new one, and an effect that was answered is kept.
 */

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  CUSTOMERS,
  deliveryDay,
  ORDERS,
  type SampleCustomer,
  type SampleOrder,
} from "#sandbox/world.ts";
import { z } from "zod";
import { readIfThere, replaceFile } from "#sandbox/process/index.ts";

const DAY_MS = 86_400_000;

const Order = z.object({
  id: z.string(),
  customer_id: z.string(),
  item: z.string(),
  amount_minor: z.int(),
  currency: z.string(),
  status: z.enum(["processing", "shipped", "delivered", "cancelled"]),
  paid_on: z.string(),
  shipped_on: z.string().optional(),
  delivered_on: z.string().optional(),
  due_on: z.string().optional(),
  shipping_address: z.string(),
});

/** An order as stored; `amount_minor` is what was paid, in minor units. */
export type Order = z.infer<typeof Order>;

const Refund = z.object({
  id: z.string(),
  order_id: z.string(),
  amount_minor: z.int(),
  currency: z.string(),
  payment_id: z.string(),
  idempotency_key: z.string(),
  created_at: z.string(),
});

/** Money that went back, in minor units. */
export type Refund = z.infer<typeof Refund>;

const Return = z.object({
  id: z.string(),
  order_id: z.string(),
  /** `exchange` when another one of the item is sent once the parcel is back. */
  kind: z.enum(["return", "exchange"]),
  created_at: z.string(),
});

const Operation = z.object({
  idempotency_key: z.string(),
  operation: z.string(),
  target: z.string(),
  body_digest: z.string(),
  result: z.record(z.string(), z.json()),
  created_at: z.string(),
});

/** What was done under an idempotency key, so that the same key gives the same answer and never a second effect. */
export type Operation = z.infer<typeof Operation>;

const Mail = z.object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string() });
const JournalEntry = z.object({
  at: z.string(),
  effect: z.string(),
  details: z.record(z.string(), z.json()),
});

const ShopState = z.object({
  version: z.literal(1),
  key: z.string(),
  created_at: z.string(),
  customers: z.array(z.object({ id: z.string(), name: z.string(), email: z.string() })),
  orders: z.array(Order),
  refunds: z.array(Refund),
  /** A state of an earlier version has none. */
  returns: z.array(Return).default([]),
  operations: z.array(Operation),
  resets: z.array(
    z.object({ token_digest: z.string(), customer_id: z.string(), expires_at: z.string() }),
  ),
  outbox: z.array(Mail),
  journal: z.array(JournalEntry),
});

/** The whole document. */
export type ShopState = z.infer<typeof ShopState>;

/** Who buys and what they bought, for a shop that starts with more than the sample. */
export interface ShopWorld {
  readonly customers: readonly SampleCustomer[];
  readonly orders: readonly SampleOrder[];
}

/** The state in memory and the way to keep a change. */
export type StateFile = ReturnType<typeof openState>;

// The world names no addresses, since only the shop needs them.
const ADDRESSES: Readonly<Record<string, string>> = {
  u123: "Ann Fields, 12 Orchard Lane, Springfield, OR 97477, US",
  u456: "Bob Marsh, 88 Canal Street, Dayton, OH 45402, US",
  u789: "Cara Lind, 5 Harbor View, Portland, ME 04101, US",
};

/** The calendar day (UTC) of a moment, as YYYY-MM-DD. */
function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** A digest that tells two secrets or bodies apart without keeping them. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function resolveDay(day: SampleOrder["shipped"], created: Date): string | undefined {
  if (day === undefined) return undefined;
  return "on" in day ? day.on : dayOf(new Date(created.getTime() + day.daysFromNow * DAY_MS));
}

function seedOrder(order: SampleOrder, created: Date): Order {
  const shipped = resolveDay(order.shipped, created);
  const delivered = resolveDay(order.delivered, created);
  // Payment is taken the day before dispatch; what is still in the warehouse was paid the day before the world began.
  const paid = new Date((shipped === undefined ? created.getTime() : Date.parse(shipped)) - DAY_MS);
  return {
    id: order.id,
    customer_id: order.customerId,
    item: order.item,
    amount_minor: order.amountMinor,
    currency: "USD",
    status: order.status,
    paid_on: dayOf(paid),
    ...(shipped === undefined ? {} : { shipped_on: shipped }),
    ...(delivered === undefined ? {} : { delivered_on: delivered }),
    ...(order.dueInDays === undefined ? {} : { due_on: deliveryDay(created, order.dueInDays) }),
    shipping_address: ADDRESSES[order.customerId] ?? "",
  };
}

function seedState(created: Date, key: string, world: ShopWorld): ShopState {
  return {
    version: 1,
    key,
    created_at: created.toISOString(),
    customers: world.customers.map((customer) => ({ ...customer })),
    orders: world.orders.map((order) => seedOrder(order, created)),
    refunds: [],
    returns: [],
    operations: [],
    resets: [],
    outbox: [],
    journal: [],
  };
}

/**
 * Opens the state in `directory`, or makes the sample world there. Dates relative to "now" are fixed at that first
 * moment, so an order delivered 12 days ago then is 13 days old tomorrow. A key given replaces the one kept.
 */
export function openState(
  directory: string,
  now: () => Date,
  key: string | undefined,
  world: ShopWorld = { customers: CUSTOMERS, orders: ORDERS },
) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "shop.json");
  const text = readIfThere(path);
  const state: ShopState =
    text === undefined
      ? seedState(now(), key ?? randomBytes(24).toString("base64url"), world)
      : ShopState.parse(JSON.parse(text));
  if (key !== undefined) state.key = key;
  /** Writes the whole document; throws when the disk refuses, so that nothing unkept is answered. */
  const save = () => {
    replaceFile(path, JSON.stringify(state, undefined, 1));
  };
  save();
  return { state, save };
}

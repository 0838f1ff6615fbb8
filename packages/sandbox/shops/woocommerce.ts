/**
 * A stand-in of WooCommerce's REST API v3 for customers, orders, their notes and their refunds. Made from WooCommerce's REST
 * reference ("Orders", "Order notes", "Order refunds", "Customers", "Authentication"): amounts are decimal text, refunds
 * stand in an order with negative totals, nothing keeps a repeated request from being carried out again, an update changes
 * the named parts of an address only, and any state may be set whatever the order's own is. What has not left is paid at
 * the door.
 */
import { z } from "zod";
import {
  type Books,
  decimalText,
  type KeptRefund,
  minorOf,
  type ShopAnswer,
  type ShopCall,
  STAND_IN_ORDERS,
  type StandInOrder,
  type Vendor,
} from "./books.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";

const KEY = "ck_standin";
const SECRET = "cs_standin";
const LOGIN = `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString("base64")}`;
const AT = "/wp-json/wc/v3";

const NoteRequest = z.object({
  note: z.string().min(1),
  customer_note: z.boolean().default(false),
});
const OrderRequest = z.object({
  status: z.enum(["pending", "processing", "on-hold", "completed", "cancelled"]).optional(),
  shipping: z.record(z.string(), z.string()).optional(),
});

const FIRST_ADDRESS = {
  first_name: "Ann",
  last_name: "Ash",
  company: "",
  address_1: "1 Old Street",
  address_2: "Flat 2",
  city: "Springfield",
  state: "IL",
  postcode: "62701",
  country: "US",
  phone: "",
};

const RefundRequest = z.object({ amount: z.string(), reason: z.string().default("") });

/** WooCommerce; it wants the consumer's key and secret as user and password. */
export const wooCommerce: Vendor = {
  settings: (url) => ({
    WOOCOMMERCE_ADDRESS: `${url}${AT}`,
    WOOCOMMERCE_KEY: KEY,
    WOOCOMMERCE_SECRET: SECRET,
  }),
  refused({ headers, path }) {
    if (headers.authorization !== LOGIN)
      return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.");
    return path.startsWith(AT) ? null : error(404, "rest_no_route", "No route");
  },
  isWrite: ({ method }) => method !== "GET",
  read({ path, query }, books) {
    if (path === `${AT}/customers`)
      return { status: 200, body: customersWith(query.get("email")?.toLowerCase()) };
    if (path === `${AT}/orders`) {
      const own = STAND_IN_ORDERS.filter(({ customer }) => customer === query.get("customer"));
      return { status: 200, body: own.map((one) => orderView(one, books)) };
    }
    const { order, below } = orderAt(path);
    if (order === undefined) return NO_ORDER;
    if (below === "refunds")
      return { status: 200, body: shownRefunds(order, books).map((one) => refundView(one, books)) };
    if (below === "notes") return { status: 200, body: noteViews(order, books) };
    return { status: 200, body: orderView(order, books) };
  },
  write(call, books) {
    const { order, below } = orderAt(call.path);
    if (order === undefined) return NO_ORDER;
    if (below === "refunds") return createRefund(order, call, books);
    return below === "notes" ? createNote(order, call, books) : updateOrder(order, call, books);
  },
  busy: error(429, "too_many_requests", "Too many requests"),
  booked: ({ order, minor }) => ({ order: order.number, amount: decimalText(minor, order) }),
};

const NO_ORDER = error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");

function orderAt(path: string) {
  const [, number, below] =
    /^\/orders\/(\d+)(?:\/(refunds|notes))?$/.exec(path.slice(AT.length)) ?? [];
  const order = STAND_IN_ORDERS.find((one) => one.number === number);
  return { order, below };
}

function createNote(order: StandInOrder, { body }: ShopCall, books: Books): ShopAnswer {
  const asked = NoteRequest.safeParse(jsonOrNull(body));
  if (!asked.success)
    return error(400, "rest_missing_callback_param", "Missing parameter(s): note");
  const { notes } = books.state(order);
  // WordPress takes backslashes away and names what HTML reserves.
  const note = asked.data.note.replaceAll("\\", "").replaceAll("&", "&amp;");
  notes.push({ id: 700 + notes.length, note });
  return { status: 201, body: noteViews(order, books).at(-1) };
}

function noteViews(order: StandInOrder, books: Books): readonly unknown[] {
  return books.state(order).notes.map(({ id, note }) => ({ id, author: "WooCommerce", note }));
}

function updateOrder(order: StandInOrder, { method, body }: ShopCall, books: Books): ShopAnswer {
  const asked = OrderRequest.safeParse(jsonOrNull(body));
  if (!asked.success || !["PUT", "POST", "PATCH"].includes(method))
    return error(400, "rest_invalid_param", "Invalid parameter(s)");
  const state = books.state(order);
  const { status, shipping } = asked.data;
  state.changes += 1;
  if (shipping !== undefined) state.address = { ...FIRST_ADDRESS, ...state.address, ...shipping };
  if (status !== undefined) state.cancelled = status === "cancelled" ? status : null;
  return { status: 200, body: orderView(order, books) };
}

function createRefund(order: StandInOrder, { body }: ShopCall, books: Books): ShopAnswer {
  const asked = RefundRequest.safeParse(jsonOrNull(body));
  const minor = asked.success ? minorOf(asked.data.amount, order) : null;
  if (!asked.success || minor === null)
    return error(400, "rest_invalid_param", "Invalid parameter(s): amount");
  if (!order.isShipped)
    return error(500, "woocommerce_rest_cannot_create_order_refund", "No automatic refunds");
  if (minor === 0 || minor > order.minor - books.refunded(order))
    return error(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount");
  const id = String(900 + books.refunds.length);
  const refund = { id, order, minor, key: asked.data.reason };
  books.refunds.push(refund);
  if (books.hides === "refunds")
    return error(500, "woocommerce_rest_cannot_create_order_refund", "The payment company is away");
  return { status: 201, body: refundView(refund, books) };
}

/** The customer filter of WooCommerce does not care about upper and lower case. */
function customersWith(email: string | undefined): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: Number(found.customer), email: found.email, first_name: "", role: "customer" }];
}

function orderView(order: StandInOrder, books: Books): unknown {
  const { cancelled, address, changes, isShipped } = books.state(order);
  return {
    id: Number(order.number),
    number: order.number,
    status: cancelled ?? (isShipped ? "completed" : "processing"),
    currency: order.currency,
    total: decimalText(order.minor, order),
    customer_id: Number(order.customer),
    date_created: "2026-11-02T10:15:00",
    date_modified: `2026-11-02T10:15:0${changes}`,
    payment_method: order.isShipped ? "stripe" : "cod",
    date_paid: order.isShipped ? "2026-11-02T10:16:00" : null,
    billing: { email: order.email, phone: "555 0100" },
    shipping: { ...FIRST_ADDRESS, ...address },
    line_items: [{ id: 1, name: order.item, quantity: 1 }],
    refunds: shownRefunds(order, books).map(({ id, key: reason, minor }) => ({
      id: Number(id),
      reason,
      total: `-${decimalText(minor, order)}`,
    })),
  };
}

/** What the payment company has carried out without WooCommerce hearing of it, WooCommerce deletes again. */
function shownRefunds(order: StandInOrder, books: Books): readonly KeptRefund[] {
  return books.hides === "refunds" ? [] : books.of(order);
}

function refundView({ id, order, minor, key: reason }: KeptRefund, { hides }: Books): unknown {
  const amount = decimalText(minor, order);
  // A refund is written down before the payment company is asked.
  return { id: Number(id), amount, reason, refunded_payment: hides !== "payments" };
}

function error(status: number, code: string, message: string): ShopAnswer {
  return { status, body: { code, message, data: { status } } };
}

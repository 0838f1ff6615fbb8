/**
 * A stand-in of WooCommerce's REST API v3 for customers, orders and their refunds. Made from WooCommerce's REST
 * reference ("Orders", "Order refunds", "Customers", "Authentication"): amounts are decimal text, refunds stand in an
 * order with negative totals, and nothing keeps a repeated request from being carried out again.
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
    const { order, isRefunds } = orderAt(path);
    if (order === undefined) return NO_ORDER;
    if (isRefunds) return { status: 200, body: books.of(order).map(refundView) };
    return { status: 200, body: orderView(order, books) };
  },
  write(call, books) {
    const { order, isRefunds } = orderAt(call.path);
    return order === undefined || !isRefunds ? NO_ORDER : createRefund(order, call, books);
  },
  busy: error(429, "too_many_requests", "Too many requests"),
  booked: ({ order, minor }) => ({ order: order.number, amount: decimalText(minor, order) }),
};

const NO_ORDER = error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");

function orderAt(path: string) {
  const [, number, refunds] = /^\/orders\/(\d+)(\/refunds)?$/.exec(path.slice(AT.length)) ?? [];
  const order = STAND_IN_ORDERS.find((one) => one.number === number);
  return { order, isRefunds: refunds !== undefined };
}

function createRefund(order: StandInOrder, { body }: ShopCall, books: Books): ShopAnswer {
  const asked = RefundRequest.safeParse(jsonOrNull(body));
  const minor = asked.success ? minorOf(asked.data.amount, order) : null;
  if (!asked.success || minor === null)
    return error(400, "rest_invalid_param", "Invalid parameter(s): amount");
  if (minor === 0 || minor > order.minor - books.refunded(order))
    return error(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount");
  const id = String(900 + books.refunds.length);
  const refund = { id, order, minor, key: asked.data.reason };
  books.refunds.push(refund);
  return { status: 201, body: refundView(refund) };
}

/** The customer filter of WooCommerce does not care about upper and lower case. */
function customersWith(email: string | undefined): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: Number(found.customer), email: found.email, first_name: "", role: "customer" }];
}

function orderView(order: StandInOrder, books: Books): unknown {
  return {
    id: Number(order.number),
    number: order.number,
    status: "completed",
    currency: order.currency,
    total: decimalText(order.minor, order),
    customer_id: Number(order.customer),
    date_created: "2026-11-02T10:15:00",
    date_paid: "2026-11-02T10:16:00",
    billing: { email: order.email, phone: "555 0100" },
    line_items: [{ id: 1, name: order.item, quantity: 1 }],
    refunds: books.of(order).map(({ id, key: reason, minor }) => ({
      id: Number(id),
      reason,
      total: `-${decimalText(minor, order)}`,
    })),
  };
}

function refundView({ id, order, minor, key: reason }: KeptRefund): unknown {
  return { id: Number(id), amount: decimalText(minor, order), reason, refunded_payment: true };
}

function error(status: number, code: string, message: string): ShopAnswer {
  return { status, body: { code, message, data: { status } } };
}

/**
 * A stand-in of WooCommerce's REST API v3 for customers, orders and their refunds. Made from WooCommerce's REST
 * reference ("Orders", "Order refunds", "Customers", "Authentication"): amounts are decimal text, refunds stand in an
 * order with negative totals, and nothing keeps a repeated request from being carried out again.
 */
import { z } from "zod";
import {
  decimalText,
  type KeptRefund,
  minorOf,
  refundedMinor,
  type ShopAnswer,
  type ShopBehaviour,
  type ShopCall,
  STAND_IN_ORDERS,
  type StandInOrder,
} from "./stand-in.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";

const RefundRequest = z.object({ amount: z.string(), reason: z.string().default("") });

/** WooCommerce below `/wp-json/wc/v3`; it wants the consumer's key and secret as user and password. */
export function wooCommerce(consumer: {
  readonly key: string;
  readonly secret: string;
}): ShopBehaviour {
  const refunds: KeptRefund[] = [];
  const expected = Buffer.from(`${consumer.key}:${consumer.secret}`).toString("base64");

  function create(order: StandInOrder, body: string): ShopAnswer {
    const asked = RefundRequest.safeParse(jsonOrNull(body));
    const minor = asked.success ? minorOf(asked.data.amount, order.digits) : null;
    if (!asked.success || minor === null)
      return error(400, "rest_invalid_param", "Invalid parameter(s): amount");
    if (minor === 0 || minor > order.minor - refundedMinor(refunds, order))
      return error(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount");
    const id = String(900 + refunds.length);
    const refund = { id, order, minor, note: asked.data.reason };
    refunds.push(refund);
    return { status: 201, body: refundView(refund) };
  }

  function read({ path, query }: ShopCall): ShopAnswer {
    if (path === "/customers") return { status: 200, body: customersWith(query.get("email")) };
    if (path === "/orders")
      return {
        status: 200,
        body: STAND_IN_ORDERS.filter(({ customer }) => customer === query.get("customer")).map(
          (one) => orderView(one, refunds),
        ),
      };
    const [, number, rest] = /^\/orders\/(\d+)(\/refunds)?$/.exec(path) ?? [];
    const order = STAND_IN_ORDERS.find((one) => one.number === number);
    if (order === undefined) return noOrder();
    if (rest === undefined) return { status: 200, body: orderView(order, refunds) };
    return { status: 200, body: refunds.filter((one) => one.order === order).map(refundView) };
  }

  return {
    isWrite: ({ method }) => method === "POST",
    busy: error(429, "too_many_requests", "Too many requests"),
    answer(call) {
      if (call.headers.authorization !== `Basic ${expected}`)
        return error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.");
      if (!call.path.startsWith("/wp-json/wc/v3")) return error(404, "rest_no_route", "No route");
      const inner = { ...call, path: call.path.slice("/wp-json/wc/v3".length) };
      if (call.method === "GET") return read(inner);
      const number = /^\/orders\/(\d+)\/refunds$/.exec(inner.path)?.[1];
      const order = STAND_IN_ORDERS.find((one) => one.number === number);
      return order === undefined ? noOrder() : create(order, call.body);
    },
    refunds: () =>
      refunds.map(({ id, order, minor, note }) => ({
        id,
        order: order.number,
        amount: decimalText(minor, order.digits),
        key: note,
      })),
  };
}

/** The customer filter of WooCommerce does not care about upper and lower case. */
function customersWith(email: string | null): readonly unknown[] {
  const found = STAND_IN_ORDERS.find((one) => one.email === email?.toLowerCase());
  return found === undefined
    ? []
    : [{ id: Number(found.customer), email: found.email, first_name: "", role: "customer" }];
}

function orderView(order: StandInOrder, refunds: readonly KeptRefund[]): unknown {
  return {
    id: Number(order.number),
    number: order.number,
    status: "completed",
    currency: order.currency,
    total: decimalText(order.minor, order.digits),
    customer_id: Number(order.customer),
    date_created: "2026-11-02T10:15:00",
    date_paid: "2026-11-02T10:16:00",
    billing: { email: order.email, phone: "555 0100" },
    line_items: [{ id: 1, name: order.item, quantity: 1 }],
    refunds: refunds
      .filter((refund) => refund.order === order)
      .map(({ id, note: reason, minor }) => ({
        id: Number(id),
        reason,
        total: `-${decimalText(minor, order.digits)}`,
      })),
  };
}

function refundView({ id, order, minor, note: reason }: KeptRefund): unknown {
  return {
    id: Number(id),
    amount: decimalText(minor, order.digits),
    reason,
    refunded_payment: true,
  };
}

function error(status: number, code: string, message: string): ShopAnswer {
  return { status, body: { code, message, data: { status } } };
}

function noOrder(): ShopAnswer {
  return error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");
}

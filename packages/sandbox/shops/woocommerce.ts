/**
 * A stand-in of WooCommerce's REST API v3 for customers, orders, their notes and their refunds. Made from WooCommerce's REST
 * reference ("Orders", "Order notes", "Order refunds", "Customers", "Authentication"): amounts are decimal text, refunds
 * stand in an order with negative totals, nothing keeps a repeated request from being carried out again, an update changes
 * the named parts of an address only, and any state may be set whatever the order's own is. What has not left is paid at
 * the door.
 */
import { z } from "zod";
import {
  answered,
  type Books,
  decimalText,
  type KeptRefund,
  leftMinor,
  minorOf,
  type Sale,
  type ShopAnswer,
  type ShopCall,
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
      return answered(customersWith(query.get("email")?.toLowerCase(), books));
    if (path === `${AT}/orders`) {
      const own = books.sales.filter(({ customer }) => customer === query.get("customer"));
      return answered(own.map((one) => orderView(one, books)));
    }
    const { sale, below } = saleAt(path, books);
    if (sale === undefined) return NO_ORDER;
    if (below === "refunds")
      return answered(shownRefunds(sale, books).map((one) => refundView(one, books)));
    return answered(below === "notes" ? noteViews(sale) : orderView(sale, books));
  },
  write(call, books) {
    const { sale, below } = saleAt(call.path, books);
    if (sale === undefined) return NO_ORDER;
    if (below === "refunds") return createRefund(sale, call, books);
    return below === "notes" ? createNote(sale, call) : updateOrder(sale, call, books);
  },
  busy: error(429, "too_many_requests", "Too many requests"),
  booked: (refund) => ({
    id: String(refundId(refund)),
    order: refund.sale.number,
    amount: decimalText(refund.minor, refund.sale),
  }),
};

const NO_ORDER = error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");

const refundId = ({ number }: KeptRefund): number => 899 + number;

function saleAt(path: string, { sales }: Books) {
  const [, number, below] =
    /^\/orders\/(\d+)(?:\/(refunds|notes))?$/.exec(path.slice(AT.length)) ?? [];
  return { sale: sales.find((one) => one.number === number), below };
}

function createNote(sale: Sale, { body }: ShopCall): ShopAnswer {
  const asked = NoteRequest.safeParse(jsonOrNull(body));
  if (!asked.success)
    return error(400, "rest_missing_callback_param", "Missing parameter(s): note");
  const { notes } = sale;
  // WordPress takes backslashes away and names what HTML reserves.
  const note = asked.data.note.replaceAll("\\", "").replaceAll("&", "&amp;");
  notes.push({ id: 700 + notes.length, note });
  return answered(noteViews(sale).at(-1), 201);
}

function noteViews({ notes }: Sale): readonly unknown[] {
  return notes.map(({ id, note }) => ({ id, author: "WooCommerce", note }));
}

function updateOrder(sale: Sale, { method, body }: ShopCall, books: Books): ShopAnswer {
  const asked = OrderRequest.safeParse(jsonOrNull(body));
  if (!asked.success || !["PUT", "POST", "PATCH"].includes(method))
    return error(400, "rest_invalid_param", "Invalid parameter(s)");
  const { status, shipping } = asked.data;
  sale.changes += 1;
  if (shipping !== undefined) sale.address = { ...FIRST_ADDRESS, ...sale.address, ...shipping };
  if (status !== undefined) sale.cancelled = status === "cancelled" ? status : null;
  return answered(orderView(sale, books));
}

function createRefund(sale: Sale, { body }: ShopCall, books: Books): ShopAnswer {
  const asked = RefundRequest.safeParse(jsonOrNull(body));
  const minor = asked.success ? minorOf(asked.data.amount, sale) : null;
  if (!asked.success || minor === null)
    return error(400, "rest_invalid_param", "Invalid parameter(s): amount");
  if (sale.isNew)
    return error(500, "woocommerce_rest_cannot_create_order_refund", "No automatic refunds");
  if (minor === 0 || minor > leftMinor(sale))
    return error(500, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount");
  const refund = books.refund(sale, { minor, key: asked.data.reason });
  if (books.hides === "refunds")
    return error(500, "woocommerce_rest_cannot_create_order_refund", "The payment company is away");
  return answered(refundView(refund, books), 201);
}

/** The customer filter of WooCommerce does not care about upper and lower case. */
function customersWith(email: string | undefined, { sales }: Books): readonly unknown[] {
  const found = sales.find((one) => one.email === email);
  return found === undefined
    ? []
    : [{ id: Number(found.customer), email: found.email, first_name: "", role: "customer" }];
}

function orderView(sale: Sale, books: Books): unknown {
  const { cancelled, address, changes, isShipped } = sale;
  return {
    id: Number(sale.number),
    number: sale.number,
    status: cancelled ?? (isShipped ? "completed" : "processing"),
    currency: sale.currency,
    total: decimalText(sale.minor, sale),
    customer_id: Number(sale.customer),
    date_created: "2026-11-02T10:15:00",
    date_modified: `2026-11-02T10:15:0${changes}`,
    payment_method: sale.isNew ? "cod" : "stripe",
    date_paid: sale.isNew ? null : "2026-11-02T10:16:00",
    billing: { email: sale.email, phone: "555 0100" },
    shipping: { ...FIRST_ADDRESS, ...address },
    line_items: [{ id: 1, name: sale.item, quantity: 1 }],
    refunds: shownRefunds(sale, books).map((refund) => ({
      id: refundId(refund),
      reason: refund.key,
      total: `-${decimalText(refund.minor, sale)}`,
    })),
  };
}

/** What the payment company has carried out without WooCommerce hearing of it, WooCommerce deletes again. */
function shownRefunds({ refunds }: Sale, { hides }: Books): readonly KeptRefund[] {
  return hides === "refunds" ? [] : refunds;
}

function refundView(refund: KeptRefund, { hides }: Books): unknown {
  const amount = decimalText(refund.minor, refund.sale);
  // A refund is written down before the payment company is asked.
  const refunded_payment = hides !== "payments";
  return { id: refundId(refund), amount, reason: refund.key, refunded_payment };
}

function error(status: number, code: string, message: string): ShopAnswer {
  return { status, body: { code, message, data: { status } } };
}

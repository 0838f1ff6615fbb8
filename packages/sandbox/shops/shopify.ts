/**
 * A stand-in of Shopify's GraphQL Admin API for a customer's orders and their refunds. Made from Shopify's reference of
 * the queries `customerByIdentifier` and `order`, of the mutation `refundCreate` and of idempotent requests: refusals and
 * requests to slow down come with status 200, amounts are decimal text with at least one digit after the point, and a
 * refund without an idempotency key is refused.
 */
import { jsonOrNull } from "#core/values/canonical-json.ts";
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

const TOKEN = "shpat_standin";

const Asked = z.object({ query: z.string(), variables: z.record(z.string(), z.string()) });
type Asked = z.infer<typeof Asked>;

const orderId = ({ number }: StandInOrder): string => `gid://shopify/Order/${number}`;
const saleId = ({ number }: StandInOrder): string => `gid://shopify/OrderTransaction/${number}`;

/** Shopify at `/admin/api/VERSION/graphql.json`. */
export const shopify: Vendor = {
  settings: (url) => ({ SHOPIFY_ADDRESS: `${url}/admin/api/2026-10`, SHOPIFY_TOKEN: TOKEN }),
  refused(call) {
    if (call.headers["x-shopify-access-token"] !== TOKEN)
      return { status: 401, body: { errors: "[API] Invalid API key or access token" } };
    if (!/^\/admin\/api\/\d{4}-\d{2}\/graphql\.json$/.test(call.path))
      return { status: 404, body: { errors: "Not Found" } };
    return askedIn(call) === null ? { status: 400, body: { errors: "Bad Request" } } : null;
  },
  isWrite: (call) => askedIn(call)?.query.includes("refundCreate") ?? false,
  read(call, books) {
    const { query = "", variables = {} } = askedIn(call) ?? {};
    const shown = (order: StandInOrder): unknown => orderView(order, books);
    if (/\bcustomerByIdentifier\b/.test(query)) {
      const own = STAND_IN_ORDERS.filter(({ email }) => email === variables["email"]);
      const orders = { nodes: own.map(shown) };
      return data({ customerByIdentifier: own.length === 0 ? null : { orders } });
    }
    const order = STAND_IN_ORDERS.find((one) => orderId(one) === variables["id"]);
    return data({ order: order === undefined ? null : shown(order) });
  },
  write(call, books) {
    const { variables = {} } = askedIn(call) ?? {};
    const key = variables["key"];
    if (key === undefined) return { status: 200, body: { errors: [{ message: "No key" }] } };
    const conflict = refused("The idempotency key was used with other parameters");
    const asked = JSON.stringify(variables);
    return books.once(key, asked, conflict, () => createRefund(variables, books));
  },
  busy: {
    status: 200,
    body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] },
  },
  booked: ({ order, minor }) => ({ order: orderId(order), amount: decimalText(minor, order) }),
};

function askedIn({ body }: ShopCall): Asked | null {
  return Asked.safeParse(jsonOrNull(body)).data ?? null;
}

function createRefund(variables: Asked["variables"], books: Books): ShopAnswer {
  const order = STAND_IN_ORDERS.find((one) => orderId(one) === variables["order"]);
  if (order === undefined || variables["parent"] !== saleId(order))
    return refused("Order does not exist");
  const minor = minorOf(variables["amount"] ?? "", order);
  if (minor === null || minor === 0) return refused("Refund amount must be positive");
  if (minor > order.minor - books.refunded(order))
    return refused("Refund amount is more than the amount available");
  const id = `gid://shopify/Refund/${books.refunds.length + 1}`;
  const refund = { id, order, minor, key: variables["note"] ?? "" };
  books.refunds.push(refund);
  return data({ refundCreate: { refund: refundView(refund), userErrors: [] } });
}

/** As Shopify writes decimals: without zeros at the end, but with one digit after the point. */
function money(minor: number, order: StandInOrder): unknown {
  const short = decimalText(minor, order).replace(/(\.(?:\d*[1-9])?)0+$/, "$1");
  const amount = short.includes(".") ? short.replace(/\.$/, ".0") : `${short}.0`;
  return { shopMoney: { amount, currencyCode: order.currency } };
}

function orderView(order: StandInOrder, books: Books): unknown {
  const gone = books.refunded(order);
  const sale = { gateway: "shopify_payments", parentTransaction: { id: saleId(order) } };
  return {
    id: orderId(order),
    name: `#${order.number}`,
    email: order.email,
    createdAt: "2026-11-02T10:15:00Z",
    cancelledAt: null,
    displayFinancialStatus: gone === 0 ? "PAID" : "PARTIALLY_REFUNDED",
    displayFulfillmentStatus: "FULFILLED",
    totalPriceSet: money(order.minor, order),
    totalReceivedSet: money(order.minor, order),
    totalRefundedSet: money(gone, order),
    suggestedRefund: { suggestedTransactions: gone === order.minor ? [] : [sale] },
    refunds: books.of(order).map(refundView),
  };
}

function refundView({ id, order, minor, key: note }: KeptRefund): unknown {
  return { id, note, order: { id: orderId(order) }, totalRefundedSet: money(minor, order) };
}

function data(value: unknown): ShopAnswer {
  return { status: 200, body: { data: value } };
}

function refused(message: string): ShopAnswer {
  return data({ refundCreate: { refund: null, userErrors: [{ field: null, message }] } });
}

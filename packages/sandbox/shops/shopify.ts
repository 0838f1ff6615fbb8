/**
 * A stand-in of Shopify's GraphQL Admin API for a customer's orders and their refunds. Made from Shopify's reference of
 * the queries `customerByIdentifier` and `order`, of the mutation `refundCreate` and of idempotent requests: refusals and
 * requests to slow down come with status 200, amounts are decimal text with at least one digit after the point, and a
 * refund without an idempotency key is refused.
 */
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { z } from "zod";
import {
  answersByKey,
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

const Asked = z.object({ query: z.string(), variables: z.record(z.string(), z.string()) });
type Variables = z.infer<typeof Asked>["variables"];

const orderId = ({ number }: StandInOrder): string => `gid://shopify/Order/${number}`;
const saleId = ({ number }: StandInOrder): string => `gid://shopify/OrderTransaction/${number}`;

/** Shopify at `/admin/api/VERSION/graphql.json`; `token` is the access token it wants. */
export function shopify(token: string): ShopBehaviour {
  const refunds: KeptRefund[] = [];
  const once = answersByKey(refused("The idempotency key was used with other parameters"));

  function create(variables: Variables): ShopAnswer {
    const order = STAND_IN_ORDERS.find((one) => orderId(one) === variables["order"]);
    if (order === undefined || variables["parent"] !== saleId(order))
      return refused("Order does not exist");
    const minor = minorOf(variables["amount"] ?? "", order.digits);
    if (minor === null || minor === 0) return refused("Refund amount must be positive");
    if (minor > order.minor - refundedMinor(refunds, order))
      return refused("Refund amount is more than the amount available");
    const refund = {
      id: `gid://shopify/Refund/${refunds.length + 1}`,
      order,
      minor,
      note: variables["note"] ?? "",
    };
    refunds.push(refund);
    return data({ refundCreate: { refund: refundView(refund), userErrors: [] } });
  }

  function write(variables: Variables): ShopAnswer {
    const key = variables["key"];
    return key === undefined
      ? { status: 200, body: { errors: [{ message: "No key" }] } }
      : once(key, JSON.stringify(variables), () => create(variables));
  }

  function read(query: string, variables: Variables): ShopAnswer {
    if (/\bcustomerByIdentifier\b/.test(query)) {
      const own = STAND_IN_ORDERS.filter(({ email }) => email === variables["email"]);
      const orders = { nodes: own.map((one) => orderView(one, refunds)) };
      return data({ customerByIdentifier: own.length === 0 ? null : { orders } });
    }
    const order = STAND_IN_ORDERS.find((one) => orderId(one) === variables["id"]);
    return data({ order: order === undefined ? null : orderView(order, refunds) });
  }

  return {
    isWrite: ({ body }) => askedIn(body)?.query.includes("refundCreate") ?? false,
    busy: {
      status: 200,
      body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] },
    },
    answer(call: ShopCall) {
      if (call.headers["x-shopify-access-token"] !== token)
        return { status: 401, body: { errors: "[API] Invalid API key or access token" } };
      if (!/^\/admin\/api\/\d{4}-\d{2}\/graphql\.json$/.test(call.path))
        return { status: 404, body: { errors: "Not Found" } };
      const asked = askedIn(call.body);
      if (asked === null) return { status: 400, body: { errors: "Bad Request" } };
      return asked.query.includes("refundCreate")
        ? write(asked.variables)
        : read(asked.query, asked.variables);
    },
    refunds: () =>
      refunds.map(({ id, order, minor, note }) => ({
        id,
        order: orderId(order),
        amount: decimalText(minor, order.digits),
        key: note,
      })),
  };
}

function askedIn(body: string): z.infer<typeof Asked> | null {
  return Asked.safeParse(jsonOrNull(body)).data ?? null;
}

/** As Shopify writes decimals: without zeros at the end, but with one digit after the point. */
function money(minor: number, { digits, currency }: StandInOrder): unknown {
  const short = decimalText(minor, digits).replace(/(\.(?:\d*[1-9])?)0+$/, "$1");
  const amount = short.includes(".") ? short.replace(/\.$/, ".0") : `${short}.0`;
  return { shopMoney: { amount, currencyCode: currency } };
}

function orderView(order: StandInOrder, refunds: readonly KeptRefund[]): unknown {
  const gone = refundedMinor(refunds, order);
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
    suggestedRefund: {
      suggestedTransactions:
        gone === order.minor
          ? []
          : [{ gateway: "shopify_payments", parentTransaction: { id: saleId(order) } }],
    },
    refunds: refunds.filter((refund) => refund.order === order).map(refundView),
  };
}

function refundView({ id, order, minor, note }: KeptRefund): unknown {
  return { id, note, order: { id: orderId(order) }, totalRefundedSet: money(minor, order) };
}

function data(value: unknown): ShopAnswer {
  return { status: 200, body: { data: value } };
}

function refused(message: string): ShopAnswer {
  return data({ refundCreate: { refund: null, userErrors: [{ field: null, message }] } });
}

/**
 * A stand-in of Shopify's GraphQL Admin API for customers, orders, refunds, cancellations, addresses and returns. Made from
 * Shopify's reference of version 2026-10 ("customerByIdentifier", "order", "returnableFulfillments", "refundCreate",
 * "orderCancel", "orderUpdate", "returnCreate", "About client credentials", "Protected customer data", "Idempotent
 * requests", "Response status and error codes"): answers hold what was asked for and nothing else and have status 200, also
 * for refused changes; amounts are decimal text without zeros after the first digit after the point. A refund without an
 * idempotency key is refused, the other changes know no keys. A cancellation is taken on and done later, its refund later
 * still. An address overwrites the one before it as a whole.
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

/** Of an app that was made before 2026. */
const TOKEN = "shpat_standin";
const CLIENT = "client-standin";
const SECRET = "shpss_standin";

const Asked = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
});
type Asked = z.infer<typeof Asked>;

const MailingAddress = z.strictObject({
  address1: z.string().optional(),
  address2: z.string().optional(),
  city: z.string().optional(),
  company: z.string().optional(),
  countryCode: z.string().length(2).optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  phone: z.string().optional(),
  provinceCode: z.string().optional(),
  zip: z.string().optional(),
});

const FIRST_ADDRESS = {
  address1: "1 Old Street",
  address2: "Flat 2",
  city: "Springfield",
  company: null,
  countryCode: "US",
  firstName: "Ann",
  lastName: "Ash",
  phone: "+15550100",
  provinceCode: "IL",
  zip: "62701",
};

/** How many of its item were sent. */
const SENT_QUANTITY = 2;
/** A cancellation is done after so many looks at its order; the refund shows one look later. */
const CANCEL_LOOKS = 3;

const orderId = ({ number }: StandInOrder): string => `gid://shopify/Order/${number}`;
const saleId = ({ number }: StandInOrder): string => `gid://shopify/OrderTransaction/${number}`;
const itemId = ({ number }: StandInOrder): string => `gid://shopify/FulfillmentLineItem/${number}`;

/** Shopify at `/admin/api/VERSION/graphql.json`. */
export const shopify: Vendor = {
  settings: (url) => ({
    SHOPIFY_ADDRESS: `${url}/admin/api/2026-10`,
    SHOPIFY_CLIENT_ID: CLIENT,
    SHOPIFY_CLIENT_SECRET: SECRET,
  }),
  token(call, books) {
    if (call.path !== "/admin/oauth/access_token") return null;
    const form = new URLSearchParams(call.body);
    const isKnown = form.get("client_id") === CLIENT && form.get("client_secret") === SECRET;
    if (call.method !== "POST" || !isKnown || form.get("grant_type") !== "client_credentials")
      return { status: 400, body: { error: "invalid_client" } };
    const access_token = `shpat_${books.tokens.size + 1}_${Date.now().toString(36)}`;
    books.tokens.add(access_token);
    return { status: 200, body: { access_token, scope: "write_orders", expires_in: 86_399 } };
  },
  refused(call, books) {
    const token = String(call.headers["x-shopify-access-token"]);
    if (token !== TOKEN && !books.tokens.has(token))
      return { status: 401, body: { errors: "[API] Invalid API key or access token" } };
    if (!/^\/admin\/api\/\d{4}-\d{2}\/graphql\.json$/.test(call.path))
      return { status: 404, body: { errors: "Not Found" } };
    return askedIn(call) === null ? { status: 400, body: { errors: "Bad Request" } } : null;
  },
  isWrite: (call) => /^\s*mutation\b/.test(askedIn(call)?.query ?? ""),
  read(call, books) {
    const { query = "", variables = {} } = askedIn(call) ?? {};
    return onlyAsked(query, books, found(query, variables, books));
  },
  write(call, books) {
    const { query = "", variables = {} } = askedIn(call) ?? {};
    if (/\brefundCreate\b/.test(query)) return onlyAsked(query, books, refunded(variables, books));
    const change = Object.entries(CHANGES).find(([name]) =>
      new RegExp(`\\b${name}\\b`).test(query),
    );
    if (change === undefined) {
      const errors = [{ message: "Field doesn't exist on type 'Mutation'" }];
      return { status: 200, body: { errors } };
    }
    return onlyAsked(query, books, change[1](variables, books, query));
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

function found(query: string, variables: Asked["variables"], books: Books): unknown {
  if (/\bcustomerByIdentifier\b/.test(query)) {
    if (books.hides === "customers") return denied("customerByIdentifier", "read_customers");
    const own = STAND_IN_ORDERS.filter(({ email }) => email === variables["email"]);
    const orders = { nodes: own.map((one) => orderView(one, books)) };
    return { customerByIdentifier: own.length === 0 ? null : { orders } };
  }
  if (/\borders\(/.test(query)) {
    // A right to write holds that to read, which is not listed beside it.
    const rights = ["write_customers", "write_orders", "write_returns", "read_all_orders"].filter(
      (right) => !right.endsWith(`_${books.hides}`),
    );
    return {
      orders: { nodes: STAND_IN_ORDERS.map((one) => orderView(one, books)) },
      currentAppInstallation: { accessScopes: rights.map((handle) => ({ handle })) },
    };
  }
  if (books.hides === "returns" && /\breturn(?:s|ableFulfillments)\b/.test(query))
    return denied("returns", "read_returns");
  if (!/^gid:\/\/shopify\/Order\/\d+$/.test(String(variables["id"])))
    return { errors: [{ message: `Invalid global id '${String(variables["id"])}'` }] };
  const order = STAND_IN_ORDERS.find((one) => orderId(one) === variables["id"]);
  return {
    order: order === undefined ? null : orderView(order, books),
    returnableFulfillments: { nodes: order === undefined ? [] : returnable(order, books) },
  };
}

function denied(field: string, right: string): unknown {
  const message = `Access denied for ${field} field. Required access: \`${right}\` access scope.`;
  return { errors: [{ message, extensions: { code: "ACCESS_DENIED" } }] };
}

/** A field that was not asked for is not in an answer of GraphQL; an address that the plan hides is refused. */
function onlyAsked(query: string, { hides }: Books, answer: unknown): ShopAnswer {
  const words = new Set(query.match(/\w+/g));
  const kept = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(kept);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) =>
        words.has(name)
          ? [[name, hides.startsWith("email") && name === "email" ? null : kept(inner)] as const]
          : [],
      ),
    );
  };
  if (isMistake(answer)) return { status: 200, body: answer };
  const message = "This app is not approved to use the email field.";
  const errors = [{ message, extensions: { code: "ACCESS_DENIED" } }];
  const isHidden = hides === "email" && words.has("email");
  return { status: 200, body: { data: kept(answer), ...(isHidden ? { errors } : {}) } };
}

function isMistake(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "errors" in answer;
}

function refunded(variables: Asked["variables"], books: Books): unknown {
  const { key } = variables;
  if (typeof key !== "string") return { errors: [{ message: "No key" }] };
  const conflict = { status: 200, body: refusedRefund(CONFLICT) };
  const create = (): ShopAnswer => ({ status: 200, body: createRefund(variables, books) });
  return books.once(key, JSON.stringify(variables), conflict, create).body;
}

const CONFLICT = "The idempotency key was used with other parameters";

function createRefund(variables: Asked["variables"], books: Books): unknown {
  const order = orderOf(variables);
  if (order === undefined || variables["parent"] !== saleId(order))
    return refusedRefund("Order does not exist");
  if (variables["currency"] !== order.currency) return refusedRefund("Currency is not the order's");
  const minor = minorOf(String(variables["amount"]), order);
  if (minor === null || minor === 0) return refusedRefund("Refund amount must be positive");
  if (minor > order.minor - books.refunded(order))
    return refusedRefund("Refund amount is more than the amount available");
  const refund = book(order, minor, String(variables["note"]), books);
  return { refundCreate: { refund: refundView(refund), userErrors: [] } };
}

function book(order: StandInOrder, minor: number, key: string, books: Books): KeptRefund {
  const id = `gid://shopify/Refund/${books.refunds.length + 1}`;
  const refund = { id, order, minor, key };
  books.refunds.push(refund);
  return refund;
}

function refusedRefund(message: string): unknown {
  return { refundCreate: { refund: null, userErrors: [{ field: null, message }] } };
}

function orderOf(variables: Asked["variables"]): StandInOrder | undefined {
  return STAND_IN_ORDERS.find((one) => orderId(one) === variables["order"]);
}

/** Changes that know no idempotency key: each is carried out as often as it is asked for. */
const CHANGES: Readonly<
  Record<string, (variables: Asked["variables"], books: Books, query: string) => unknown>
> = {
  orderCancel(variables, books, query) {
    const order = orderOf(variables);
    const refused = (message: string): unknown => ({
      orderCancel: { job: null, orderCancelUserErrors: [{ field: ["orderId"], message }] },
    });
    if (!["reason:", "restock:", "refundMethod:"].every((name) => query.includes(name)))
      return { errors: [{ message: "Field 'orderCancel' is missing required arguments" }] };
    if (order === undefined) return refused("Order does not exist");
    if (books.state(order).isShipped)
      return refused("Cannot cancel an order that has outstanding fulfillments");
    const state = books.state(order);
    if (state.cancelled !== null) return refused("Order has already been canceled");
    state.cancelling = { note: String(variables["note"]), looks: CANCEL_LOOKS };
    state.cancels += 1;
    const job = { id: `gid://shopify/Job/${order.number}-${state.cancels}`, done: false };
    return { orderCancel: { job, orderCancelUserErrors: [] } };
  },
  orderUpdate(variables, books) {
    const order = orderOf(variables);
    const address = MailingAddress.safeParse(variables["address"]);
    if (!address.success)
      return { errors: [{ message: "Variable $address of type MailingAddressInput! is invalid" }] };
    if (order === undefined)
      return { orderUpdate: { order: null, userErrors: [{ field: ["id"], message: "No order" }] } };
    const given = new Map(Object.entries(address.data));
    books.state(order).changes += 1;
    // What is left out is gone, and an empty text is kept as nothing.
    books.state(order).address = Object.fromEntries(
      Object.keys(FIRST_ADDRESS).map((name) => [
        name,
        given.get(name) === "" ? null : (given.get(name) ?? null),
      ]),
    );
    return { orderUpdate: { order: orderView(order, books), userErrors: [] } };
  },
  returnCreate(variables, books) {
    const order = orderOf(variables);
    const { item, quantity, note } = variables;
    const refused = (message: string): unknown => ({
      returnCreate: { return: null, userErrors: [{ field: ["returnInput"], message }] },
    });
    if (order === undefined || item !== itemId(order)) return refused("Line item does not exist");
    if (typeof quantity !== "number" || typeof note !== "string" || note.length > 255)
      return refused("Return line item is invalid");
    if (quantity < 1 || quantity > returnableIn(order, books))
      return refused("Return line item has an invalid quantity");
    const { returns } = books.state(order);
    returns.push({ id: `gid://shopify/Return/${order.number}${returns.length}`, note, quantity });
    return { returnCreate: { return: returnViews(order, books).at(-1), userErrors: [] } };
  },
};

function returnableIn(order: StandInOrder, books: Books): number {
  const { returns, isShipped } = books.state(order);
  if (!isShipped) return 0;
  return SENT_QUANTITY - returns.reduce((sum, { quantity }) => sum + quantity, 0);
}

function returnable(order: StandInOrder, books: Books): readonly unknown[] {
  const quantity = returnableIn(order, books);
  const fulfillmentLineItem = { id: itemId(order), lineItem: { name: order.item } };
  const nodes = [{ quantity, fulfillmentLineItem }];
  return quantity === 0 ? [] : [{ returnableFulfillmentLineItems: { nodes } }];
}

function returnViews(order: StandInOrder, books: Books): readonly unknown[] {
  return books.state(order).returns.map(({ id, note, quantity }) => ({
    id,
    status: "OPEN",
    order: { id: orderId(order) },
    returnLineItems: { nodes: [{ quantity, returnReasonNote: note }] },
  }));
}

/** As Shopify writes decimals: without zeros at the end, but with one digit after the point. */
function money(minor: number, order: StandInOrder): unknown {
  const short = decimalText(minor, order).replace(/(\.(?:\d*[1-9])?)0+$/, "$1");
  const amount = short.includes(".") ? short.replace(/\.$/, ".0") : `${short}.0`;
  return { presentmentMoney: { amount, currencyCode: order.currency } };
}

/** Each look brings a cancellation that was taken on nearer to its end. */
function goOn(order: StandInOrder, books: Books): void {
  const state = books.state(order);
  const { cancelling } = state;
  if (cancelling === null) return;
  cancelling.looks -= 1;
  if (cancelling.looks <= 1) state.cancelled = cancelling.note;
  if (cancelling.looks > 0) return;
  const left = order.minor - books.refunded(order);
  if (left > 0) book(order, left, cancelling.note, books);
  state.cancelling = null;
}

function orderView(order: StandInOrder, books: Books): unknown {
  goOn(order, books);
  const gone = books.refunded(order);
  const { cancelled, address, returns, isShipped } = books.state(order);
  const sale = { gateway: "shopify_payments", parentTransaction: { id: saleId(order) } };
  const { countryCode, ...shipping } = { ...FIRST_ADDRESS, ...address };
  return {
    id: orderId(order),
    name: `#${order.number}`,
    email: order.email,
    createdAt: "2026-11-02T10:15:00Z",
    updatedAt: `2026-11-02T10:15:0${books.state(order).changes}Z`,
    cancelledAt: cancelled === null ? null : "2026-11-03T08:00:00Z",
    cancellation: cancelled === null ? null : { staffNote: cancelled },
    displayFinancialStatus:
      gone === 0 ? "PAID" : gone === order.minor ? "REFUNDED" : "PARTIALLY_REFUNDED",
    displayFulfillmentStatus: isShipped ? "FULFILLED" : "UNFULFILLED",
    returnStatus: returns.length === 0 ? "NO_RETURN" : "IN_PROGRESS",
    returns: { nodes: returnViews(order, books) },
    shippingAddress: { ...shipping, countryCodeV2: countryCode },
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

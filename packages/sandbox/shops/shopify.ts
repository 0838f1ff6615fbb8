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
  answered,
  type Books,
  decimalText,
  type KeptRefund,
  leftMinor,
  minorOf,
  refundedMinor,
  type Sale,
  type ShopAnswer,
  type ShopCall,
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

const orderId = ({ number }: Sale): string => `gid://shopify/Order/${number}`;
const saleId = ({ number }: Sale): string => `gid://shopify/OrderTransaction/${number}`;
const refundId = ({ number }: KeptRefund): string => `gid://shopify/Refund/${number}`;
const itemId = ({ number }: Sale): string => `gid://shopify/FulfillmentLineItem/${number}`;

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
    return answered({ access_token, scope: "write_orders", expires_in: 86_399 });
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
    const [, change] =
      Object.entries(CHANGES).find(([name]) => new RegExp(`\\b${name}\\b`).test(query)) ?? [];
    if (change === undefined) return answered(mistake("Field doesn't exist on type 'Mutation'"));
    return onlyAsked(query, books, change(variables, books, query));
  },
  busy: answered(mistake("Throttled", "THROTTLED")),
  booked: (refund) => ({
    id: refundId(refund),
    order: orderId(refund.sale),
    amount: decimalText(refund.minor, refund.sale),
  }),
};

function askedIn({ body }: ShopCall): Asked | null {
  return Asked.safeParse(jsonOrNull(body)).data ?? null;
}

function found(query: string, variables: Asked["variables"], books: Books): unknown {
  if (/\bcustomerByIdentifier\b/.test(query)) {
    if (books.hides === "customers") return denied("customerByIdentifier", "read_customers");
    const own = books.sales.filter(({ email }) => email === variables["email"]);
    const orders = { nodes: own.map((one) => orderView(one, books)) };
    return { customerByIdentifier: own.length === 0 ? null : { orders } };
  }
  if (/\borders\(/.test(query)) {
    // A right to write holds that to read, which is not listed beside it.
    const rights = ["write_customers", "write_orders", "write_returns", "read_all_orders"].filter(
      (right) => !right.endsWith(`_${books.hides}`),
    );
    return {
      orders: { nodes: books.sales.map((one) => orderView(one, books)) },
      currentAppInstallation: { accessScopes: rights.map((handle) => ({ handle })) },
    };
  }
  if (books.hides === "returns" && /\breturn(?:s|ableFulfillments)\b/.test(query))
    return denied("returns", "read_returns");
  if (!/^gid:\/\/shopify\/Order\/\d+$/.test(String(variables["id"])))
    return mistake(`Invalid global id '${String(variables["id"])}'`);
  const sale = saleCalled(variables["id"], books);
  return {
    order: sale === undefined ? null : orderView(sale, books),
    returnableFulfillments: { nodes: sale === undefined ? [] : returnable(sale) },
  };
}

function denied(field: string, right: string): unknown {
  const message = `Access denied for ${field} field. Required access: \`${right}\` access scope.`;
  return mistake(message, "ACCESS_DENIED");
}

/** What GraphQL answers where it has carried out nothing. */
function mistake(message: string, code?: string) {
  return { errors: [{ message, ...(code === undefined ? {} : { extensions: { code } }) }] };
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
  if (isMistake(answer)) return answered(answer);
  const isHidden = hides === "email" && words.has("email");
  const hidden = mistake("This app is not approved to use the email field.", "ACCESS_DENIED");
  return answered({ data: kept(answer), ...(isHidden ? hidden : {}) });
}

function isMistake(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "errors" in answer;
}

const CONFLICT = "The idempotency key was used with other parameters";

/** A refund under its idempotency key, without which none is made. */
function refunded(variables: Asked["variables"], books: Books): unknown {
  const { key } = variables;
  if (typeof key !== "string") return mistake("No key");
  const create = (): ShopAnswer => answered(createRefund(variables, books));
  const conflict = answered(refused("refundCreate", "refund", CONFLICT));
  return books.once(key, JSON.stringify(variables), conflict, create).body;
}

function createRefund(variables: Asked["variables"], books: Books): unknown {
  const no = (message: string): unknown => refused("refundCreate", "refund", message);
  const sale = saleCalled(variables["order"], books);
  if (sale === undefined || variables["parent"] !== saleId(sale)) return no("Order does not exist");
  if (variables["currency"] !== sale.currency) return no("Currency is not the order's");
  const minor = minorOf(String(variables["amount"]), sale);
  if (minor === null || minor === 0) return no("Refund amount must be positive");
  if (minor > leftMinor(sale)) return no("Refund amount is more than the amount available");
  const refund = refundView(books.refund(sale, { minor, key: String(variables["note"]) }));
  return { refundCreate: { refund, userErrors: [] } };
}

/** A change that was refused: nothing of what it makes, and why. */
function refused(
  change: string,
  makes: string,
  message: string,
  { field = null, errors = "userErrors" }: { field?: string | null; errors?: string } = {},
): unknown {
  const where = field === null ? null : [field];
  return { [change]: { [makes]: null, [errors]: [{ field: where, message }] } };
}

function saleCalled(id: unknown, { sales }: Books): Sale | undefined {
  return sales.find((one) => orderId(one) === id);
}

/** Only a refund knows an idempotency key: any other is carried out as often as it is asked for. */
const CHANGES: Readonly<
  Record<string, (variables: Asked["variables"], books: Books, query: string) => unknown>
> = {
  refundCreate: refunded,
  orderCancel(variables, books, query) {
    const sale = saleCalled(variables["order"], books);
    const no = (message: string): unknown =>
      refused("orderCancel", "job", message, { field: "orderId", errors: "orderCancelUserErrors" });
    if (!["reason:", "restock:", "refundMethod:"].every((name) => query.includes(name)))
      return mistake("Field 'orderCancel' is missing required arguments");
    if (sale === undefined) return no("Order does not exist");
    if (sale.isShipped) return no("Cannot cancel an order that has outstanding fulfillments");
    if (sale.cancelled !== null) return no("Order has already been canceled");
    sale.cancelling = { note: String(variables["note"]), looks: CANCEL_LOOKS };
    sale.cancels += 1;
    const job = { id: `gid://shopify/Job/${sale.number}-${sale.cancels}`, done: false };
    return { orderCancel: { job, orderCancelUserErrors: [] } };
  },
  orderUpdate(variables, books) {
    const sale = saleCalled(variables["order"], books);
    const address = MailingAddress.safeParse(variables["address"]);
    if (!address.success)
      return mistake("Variable $address of type MailingAddressInput! is invalid");
    if (sale === undefined) return refused("orderUpdate", "order", "No order", { field: "id" });
    const given = new Map(Object.entries(address.data));
    sale.changes += 1;
    // What is left out is gone, and an empty text is kept as nothing.
    sale.address = Object.fromEntries(
      Object.keys(FIRST_ADDRESS).map((name) => [name, given.get(name) || null]),
    );
    return { orderUpdate: { order: orderView(sale, books), userErrors: [] } };
  },
  returnCreate(variables, books) {
    const sale = saleCalled(variables["order"], books);
    const { item, quantity, note } = variables;
    const no = (message: string): unknown =>
      refused("returnCreate", "return", message, { field: "returnInput" });
    if (sale === undefined || item !== itemId(sale)) return no("Line item does not exist");
    if (typeof quantity !== "number" || typeof note !== "string" || note.length > 255)
      return no("Return line item is invalid");
    if (quantity < 1 || quantity > returnableIn(sale))
      return no("Return line item has an invalid quantity");
    const { number, returns } = sale;
    returns.push({ id: `gid://shopify/Return/${number}${returns.length}`, note, quantity });
    return { returnCreate: { return: returnViews(sale).at(-1), userErrors: [] } };
  },
};

function returnableIn({ returns, isShipped }: Sale): number {
  if (!isShipped) return 0;
  return SENT_QUANTITY - returns.reduce((sum, { quantity }) => sum + quantity, 0);
}

function returnable(sale: Sale): readonly unknown[] {
  const quantity = returnableIn(sale);
  const fulfillmentLineItem = { id: itemId(sale), lineItem: { name: sale.item } };
  const nodes = [{ quantity, fulfillmentLineItem }];
  return quantity === 0 ? [] : [{ returnableFulfillmentLineItems: { nodes } }];
}

function returnViews(sale: Sale): readonly unknown[] {
  return sale.returns.map(({ id, note, quantity }) => ({
    id,
    status: "OPEN",
    order: { id: orderId(sale) },
    returnLineItems: { nodes: [{ quantity, returnReasonNote: note }] },
  }));
}

/** As Shopify writes decimals: without zeros at the end, but with one digit after the point. */
function money(minor: number, sale: Sale): unknown {
  const short = decimalText(minor, sale).replace(/(\.(?:\d*[1-9])?)0+$/, "$1");
  const amount = short.includes(".") ? short.replace(/\.$/, ".0") : `${short}.0`;
  return { presentmentMoney: { amount, currencyCode: sale.currency } };
}

/** Each look brings a cancellation that was taken on nearer to its end. */
function goOn(sale: Sale, books: Books): void {
  const { cancelling } = sale;
  if (cancelling === null) return;
  cancelling.looks -= 1;
  if (cancelling.looks <= 1) sale.cancelled = cancelling.note;
  if (cancelling.looks > 0) return;
  const minor = leftMinor(sale);
  if (minor > 0) books.refund(sale, { minor, key: cancelling.note });
  sale.cancelling = null;
}

function orderView(sale: Sale, books: Books): unknown {
  goOn(sale, books);
  const gone = refundedMinor(sale);
  const { cancelled, address, returns, isShipped } = sale;
  const paidBy = { gateway: "shopify_payments", parentTransaction: { id: saleId(sale) } };
  const { countryCode, ...shipping } = { ...FIRST_ADDRESS, ...address };
  return {
    id: orderId(sale),
    name: `#${sale.number}`,
    email: sale.email,
    createdAt: "2026-11-02T10:15:00Z",
    updatedAt: `2026-11-02T10:15:0${sale.changes}Z`,
    cancelledAt: cancelled === null ? null : "2026-11-03T08:00:00Z",
    cancellation: cancelled === null ? null : { staffNote: cancelled },
    displayFinancialStatus:
      gone === 0 ? "PAID" : gone === sale.minor ? "REFUNDED" : "PARTIALLY_REFUNDED",
    displayFulfillmentStatus: isShipped ? "FULFILLED" : "UNFULFILLED",
    returnStatus: returns.length === 0 ? "NO_RETURN" : "IN_PROGRESS",
    returns: { nodes: returnViews(sale) },
    shippingAddress: { ...shipping, countryCodeV2: countryCode },
    totalPriceSet: money(sale.minor, sale),
    totalReceivedSet: money(sale.minor, sale),
    totalRefundedSet: money(gone, sale),
    suggestedRefund: { suggestedTransactions: gone === sale.minor ? [] : [paidBy] },
    refunds: sale.refunds.map(refundView),
  };
}

function refundView(refund: KeptRefund): unknown {
  const { sale, minor, key: note } = refund;
  const order = { id: orderId(sale) };
  return { id: refundId(refund), note, order, totalRefundedSet: money(minor, sale) };
}

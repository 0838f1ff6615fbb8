/** Where a customer's words and the shop's record disagree. */

import type { OrderOnCard } from "#core/values/card-context.ts";
import { deliveryText } from "#core/values/card-text.ts";
import { formatMoney, type Money } from "#core/values/money.ts";
import { orderClaimsIn, type OrderClaim } from "#guard/input/order-claims.ts";
import { foldedWords } from "#text/fold.ts";
import { namesOrder } from "#text/named-orders.ts";
import type { LookedUpOrders } from "./card-orders.ts";

const CONFLICTS_MAX = 5;

/**
 * One sentence for each claim that the record contradicts, such as "says it arrived; shop: not delivered, due 23 Nov".
 * Pure. A claim counts only when it is false for every order it may be about; `since` decides which years are written.
 */
export function conflictsBetween(
  text: string,
  { orders, payments }: LookedUpOrders,
  since: string | null,
): string[] {
  if (orders.length === 0) return [];
  return orderClaimsIn(text)
    .flatMap((claim) => {
      // What does not work may be anything, such as a login: it tells of an order only where the text names that order.
      if (claim.kind === "in_hand" && !orders.some((order) => isNamed(text, order))) return [];
      const records = orders.map((order) => contradiction(claim, order, { payments, since }));
      const [first] = records;
      return first == null || records.includes(null) ? [] : [first];
    })
    .slice(0, CONFLICTS_MAX);
}

/** What the record of this order says against the claim; null when it agrees or does not tell. */
function contradiction(
  claim: OrderClaim,
  order: OrderOnCard,
  { payments, since }: Pick<LookedUpOrders, "payments"> & { readonly since: string | null },
): string | null {
  switch (claim.kind) {
    case "arrived":
    case "in_hand":
    case "not_arrived":
    case "new_address":
      return deliveryAgainst(claim.kind, order, since);
    case "refunded":
    case "not_refunded":
      return refundAgainst(claim.kind, order);
    case "charged":
      return chargeAgainst(claim, order);
    case "charged_twice":
      return payments.get(order.orderId) === 1
        ? `says it was charged twice; shop: one payment, ${formatMoney(order.paid)}`
        : null;
    default:
      throw new Error(`unknown claim ${String(claim satisfies never)}`);
  }
}

function deliveryAgainst(
  kind: "arrived" | "in_hand" | "not_arrived" | "new_address",
  order: OrderOnCard,
  since: string | null,
): string | null {
  const shop = `shop: ${deliveryText(order, since)}`;
  if (kind === "arrived" || kind === "in_hand") {
    if (isDelivered(order) || !isUnderWay(order)) return null;
    return `${kind === "arrived" ? "says it arrived" : "writes as if they had it"}; ${shop}`;
  }
  if (kind === "not_arrived") return isDelivered(order) ? `says it never arrived; ${shop}` : null;
  const hasLeft = isDelivered(order) || order.shippedOn !== null;
  return hasLeft ? `asks for a new address; ${shop}` : null;
}

function refundAgainst(
  kind: "refunded" | "not_refunded",
  { refunded }: OrderOnCard,
): string | null {
  const isBooked = refunded.minor > 0;
  if (kind === "refunded") return isBooked ? null : "says it was refunded; shop: nothing refunded";
  return isBooked ? `says no refund came; shop: ${formatMoney(refunded)} refunded` : null;
}

/** A currency the shop does not know of the order proves nothing: a bank shows its own. */
function chargeAgainst(
  { minor, currency }: Extract<OrderClaim, { kind: "charged" }>,
  { paid }: OrderOnCard,
): string | null {
  const said: Money = { minor, currency: currency ?? paid.currency };
  const isOther = said.currency === paid.currency && said.minor !== paid.minor;
  return isOther ? `says ${formatMoney(said)} was charged; shop: paid ${formatMoney(paid)}` : null;
}

/** True where a text has the order's number or a word of what was bought. */
function isNamed(text: string, { orderId, item }: OrderOnCard): boolean {
  const own = new Set(foldedWords(text));
  const isItem = foldedWords(item).some((word) => word.length >= ITEM_WORD_MIN && own.has(word));
  return isItem || namesOrder(text, orderId);
}

/** Shorter words stand in any text. */
const ITEM_WORD_MIN = 4;

function isDelivered({ deliveredOn, status }: OrderOnCard): boolean {
  return deliveredOn !== null || /^delivered\b/i.test(status);
}

/** False for a state the words of a shop may use for anything, such as "returned" or "cancelled". */
function isUnderWay({ status }: OrderOnCard): boolean {
  return !/^(?:cancell?ed|returned|refunded|lost)\b/i.test(status);
}

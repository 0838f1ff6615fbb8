/** Finds the order a request is about and answers questions about orders and payments. */
import { orderClaimsIn } from "#guard/input/order-claims.ts";
import { quoteFor } from "./pages.ts";
import {
  lookAtOrder,
  lookAtOrders,
  lookAtPages,
  lookAtPayments,
  type SeenOrder,
  type Answer,
  beforehand,
  listed,
  noOrders,
  OFFER_PERSON,
  orderNotFound,
} from "./results.ts";
import type { Transcript } from "./transcript.ts";
import type { RequestPhrase } from "./wishes.ts";
import { literally } from "#core/values/words.ts";

const DESCRIBED_MAX = 4;

/** Which order a request is about: one, several candidates, or an answer that comes first. */
export type Meant =
  | { readonly kind: "one"; readonly order: SeenOrder }
  | { readonly kind: "several"; readonly orders: readonly SeenOrder[] }
  | { readonly kind: "answer"; readonly answer: Answer };

/** Finds the order by its number, else by what was bought, else as the only candidate. */
export function orderMeant(
  wish: RequestPhrase,
  transcript: Transcript,
  isCandidate: (order: SeenOrder) => boolean,
): Meant {
  if (wish.orderId !== null) {
    const seen = lookAtOrder(transcript, wish.orderId);
    if (seen.kind !== "seen") return { kind: "answer", answer: beforehand(seen) };
    return seen.value === null
      ? { kind: "answer", answer: neutral(orderNotFound(wish.orderId, transcript)) }
      : { kind: "one", order: seen.value };
  }
  const list = lookAtOrders(transcript);
  if (list.kind !== "seen") return { kind: "answer", answer: beforehand(list) };
  if (list.value.length === 0) return { kind: "answer", answer: neutral(noOrders(transcript)) };
  const named = list.value.filter((order) => namesItem(wish.text, order.item));
  const [item] = named;
  if (item !== undefined && named.length === 1) return { kind: "one", order: item };
  const candidates = list.value.filter(isCandidate);
  const [only] = candidates;
  return only !== undefined && candidates.length === 1
    ? { kind: "one", order: only }
    : { kind: "several", orders: candidates };
}

function neutral(text: string): Answer {
  return { kind: "missing", text, topic: "order_status" };
}

/** "lamp" matches "desk lamp": an item's last word says what it is. */
function namesItem(text: string, item: string): boolean {
  const words = text.toLowerCase();
  const noun = item.toLowerCase().split(" ").at(-1) ?? "";
  return words.includes(item.toLowerCase()) || new RegExp(`\\b${literally(noun)}s?\\b`).test(words);
}

/** A parcel the carrier counts as delivered, so none of those that are still on their way. */
const SAID_DELIVERED = /\b(?:says?|said|shows?|marked|tracking)\b[^.?!]{0,300}\bdelivered\b/i;

/** Where an order is. Without a number: all that are still on their way. */
export function answerStatus(wish: RequestPhrase, transcript: Transcript): Answer {
  if (wish.orderId === null && SAID_DELIVERED.test(wish.text))
    return { kind: "escalate", reason: "A parcel counts as delivered; which order is not said." };
  const meant = orderMeant(wish, transcript, ({ delivered_on }) => delivered_on === null);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "one" && isMissing(meant.order, wish, transcript))
    return answerMissing(meant.order, transcript);
  const orders = meant.kind === "one" ? [meant.order] : meant.orders.slice(0, DESCRIBED_MAX);
  const text =
    orders.length === 0
      ? "I see no order of yours that is still on its way. If you mean an older one, please send its number."
      : orders.map((order) => statusOf(order, whereabouts(order))).join("\n");
  return { kind: "part", text, topic: "order_status" };
}

/** Shipped, said not to have come, and not expected on a later day. */
function isMissing(
  { shipped_on, due_on, delivered_on }: SeenOrder,
  { text }: RequestPhrase,
  { today }: Transcript,
): boolean {
  const isExpected = due_on !== null && delivered_on === null && due_on >= today;
  return (
    shipped_on !== null &&
    !isExpected &&
    orderClaimsIn(text).some(({ kind }) => kind === "not_arrived")
  );
}

const LOST_PAGE = "missing parcel: a package that is lost and has not arrived";
const DELIVERED_PAGE = "missing parcel: it says delivered but I do not have it, ask neighbours";

/** What the shop knows of a parcel that did not come, what the help pages say is done then, and the offer of a person. */
function answerMissing(order: SeenOrder, transcript: Transcript): Answer {
  const query = order.delivered_on === null ? LOST_PAGE : DELIVERED_PAGE;
  const pages = lookAtPages(transcript, query);
  if (pages.kind === "call") return pages;
  const quote = pages.kind === "seen" ? quoteFor(query, pages.value) : null;
  if (quote === null)
    return { kind: "escalate", reason: "A parcel is missing, and no help page says what is done." };
  const text = `${statusOf(order, lastSeen(order))} ${quote}. ${OFFER_PERSON}`;
  return { kind: "part", text, topic: "order_status" };
}

/** Where a missing parcel is by the shop's records, without the promise that it is on its way. */
function lastSeen({ shipped_on, delivered_on }: SeenOrder): string {
  return delivered_on === null
    ? `was shipped on ${shipped_on}, and no delivery of it has been recorded.`
    : `was delivered on ${delivered_on}, as the carrier has recorded it.`;
}

/** One sentence on an order and where it is, with every fact as the tool returned it. */
function statusOf(order: SeenOrder, where: string): string {
  const name = `Order ${calledBy(order.order_id, [order.item])}`;
  const refunded = /^(?:0(?:\.0+)?\s|\s*$)/.test(order.refunded)
    ? ""
    : ` ${order.refunded} of it has been refunded.`;
  return `${name} ${where}${refunded}`;
}

function whereabouts({ status, shipped_on, due_on, delivered_on }: SeenOrder): string {
  if (status === "delivered")
    return delivered_on === null ? "has been delivered." : `was delivered on ${delivered_on}.`;
  if (status === "shipped") {
    const since = shipped_on === null ? "has been shipped" : `was shipped on ${shipped_on}`;
    return due_on === null
      ? `${since} and is on its way to you.`
      : `${since} and is due on ${due_on}.`;
  }
  if (status === "processing")
    return "is being prepared in our warehouse (processing) and has not been shipped yet.";
  return status.trim() === ""
    ? "is in your account, and its record does not say where it is."
    : `has the status "${status}".`;
}

/** What was paid and what was refunded. */
export function answerPayments(wish: RequestPhrase, transcript: Transcript): Answer {
  const meant = orderMeant(wish, transcript, () => true);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "several")
    return {
      kind: "question",
      text: `Which order is your question about the payment for? I can see ${namesOf(meant.orders)}.`,
      topic: "payments",
    };
  const id = meant.order.order_id;
  const seen = lookAtPayments(transcript, id);
  if (seen.kind !== "seen") return beforehand(seen);
  if (seen.value === null) return neutral(orderNotFound(id, transcript));
  const paid = seen.value.payments.map(
    ({ amount, method, paid_on }) => `Order ${id} was paid by ${method} on ${paid_on}: ${amount}.`,
  );
  const back = seen.value.refunds.map(
    ({ amount, refunded_on }) => `${amount} of it was refunded on ${refunded_on}.`,
  );
  return {
    kind: "part",
    text: paid.length === 0 ? `I see no payment for order ${id}.` : [...paid, ...back].join(" "),
    topic: "payments",
  };
}

/** "order 123 (kettle, 25.00 USD), order 456 (…)", for questions that list the choices. */
export function namesOf(orders: readonly SeenOrder[]): string {
  return listed(
    orders.map(({ order_id, item, amount }) => `order ${calledBy(order_id, [item, amount])}`),
  );
}

/** "123 (kettle, 25.00 USD)", without what the record does not have. */
export function calledBy(orderId: string, facts: readonly string[]): string {
  const known = facts.map((fact) => fact.trim()).filter((fact) => fact !== "");
  return known.length === 0 ? orderId : `${orderId} (${known.join(", ")})`;
}

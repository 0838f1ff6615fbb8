/** The summary of a hand-over: who wants what, what the shop says, and what they were promised. */

import { TOPICS } from "#core/values/vocabulary.ts";
import { quotedExcerpt, orderText } from "#core/values/card-text.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { sealedOrderFacts, type Order } from "#core/contracts/shop.ts";
import { withinMs } from "#core/values/deadline.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import { ordersLookedUp } from "#jobs/approval/card-orders.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { mentionsOrder } from "#text/about-text.ts";

const SUBJECT_MAX = 120;

/** An answer that went out with the hand-over is told in full as far as a note can hold it. */
const TOLD_MAX = 600;

/** What a summary is made from. */
interface SummaryFacts {
  readonly name: string;
  readonly channel: string;
  /** As far as the turn found one; empty otherwise. */
  readonly topic: string;
  readonly subject: string;
  /** How many messages are unanswered. */
  readonly messageCount: number;
  /** The model's own summary, or what happened instead of one; empty when neither is known. */
  readonly words: string;
  /** True when a model wrote the words; then they stand first and replace the composed sentence. */
  readonly isModelsOwn: boolean;
  /** What the shop says, a line an order. */
  readonly orders: readonly string[];
  /** Questions and wishes that nothing has answered. */
  readonly unanswered: readonly string[];
  /** The text the customer gets with the hand-over; empty when they get none. */
  readonly told: string;
}

/** Topics as they stand in a sentence; a topic of the policy or of a tool is written with spaces. */
const TOPIC_WORDS: Readonly<Record<(typeof TOPICS)[number], string>> = {
  order_status: "where an order is",
  refund: "a refund",
  cancellation: "a cancellation",
  return: "a return or an exchange",
  address: "a change of address",
  password: "a password",
  payments: "a payment",
  faq: "a general question",
  greeting: "",
  other: "",
};

/** In reading order, a line each. The customer's own words are no summary: they stand below it. */
export function handOverSummary(facts: SummaryFacts): string {
  const { words, isModelsOwn, orders, unanswered, told } = facts;
  return [
    isModelsOwn && words !== "" ? words : [whoWantsWhat(facts), words].filter(isSaid).join(" "),
    ...orders.map((line) => `The shop says: ${line}`),
    ...unanswered.map((open) => `Not answered: ${open}`),
    told === ""
      ? "Promised to the customer: nothing."
      : `Told the customer: ${quotedExcerpt(told, TOLD_MAX)}`,
  ].join("\n");
}

function whoWantsWhat({ name, channel, topic, subject, messageCount }: SummaryFacts): string {
  const about = topicWords(topic);
  const titled = quotedExcerpt(subject, SUBJECT_MAX);
  const parts = [
    `${name} wrote by ${channel}`,
    about === "" ? "" : ` about ${about}`,
    titled === "" ? "" : `, subject ${titled}`,
    messageCount > 1 ? `, ${messageCount} messages without an answer` : "",
  ];
  return `${parts.join("")}.`;
}

function topicWords(topic: string): string {
  const known = TOPICS.find((one) => one === topic);
  return known === undefined ? topic.replaceAll("_", " ") : TOPIC_WORDS[known];
}

function isSaid(words: string): boolean {
  return words !== "";
}

// What the shop says about the orders of a case, in lines that a person reads.

const ORDERS_MAX = 3;
/** People wait for the hand-over, so a slow shop is done without. */
const LOOKUP_MS = 3_000;
/**
 * The orders that were looked up in this turn, or else the requester's own: those they name first, and at most three.
 * Only of a proven customer. A shop that does not answer soon leaves them out, because the hand-over matters more.
 */
export async function orderLines(
  context: Pick<JobContext, "shop" | "clock">,
  requester: BoundRequester,
  given: { readonly result: TurnResult | null; readonly text: string },
): Promise<readonly string[]> {
  const now = context.clock.now();
  const looked = lookedOrderLines(given.result, now);
  if (looked.length > 0) return looked;
  const { customerId, level } = requester;
  if (customerId === null || level < PROVEN_LEVEL) return [];
  const orders = await ownOrders(context, customerId);
  const named = orders.filter(({ id }) => mentionsOrder(given.text, id));
  const shown = named.length > 0 ? named : orders.slice(-ORDERS_MAX);
  return cardOrderLines(shown.slice(0, ORDERS_MAX).map(onCard), now);
}

/** The orders that were looked up in this turn; none where no tool was asked. */
export function lookedOrderLines(result: TurnResult | null, now: Date): readonly string[] {
  return cardOrderLines(ordersLookedUp(result?.toolResults ?? []).slice(0, ORDERS_MAX), now);
}

/** The same for orders that stand on a card, in the words of the card. */
export function cardOrderLines(orders: readonly OrderOnCard[], now: Date): readonly string[] {
  return orders.map((order) => orderText(order, now.toISOString()));
}

async function ownOrders(
  { shop }: Pick<JobContext, "shop">,
  customerId: string,
): Promise<readonly Order[]> {
  try {
    return await withinMs(LOOKUP_MS, (signal) => shop.orders(customerId, signal));
  } catch {
    return [];
  }
}

function onCard(order: Order): OrderOnCard {
  return {
    orderId: order.id,
    item: order.item,
    status: order.status,
    paid: order.paid,
    paidBy: "",
    refunded: sealedOrderFacts(order).refunded,
    shippedOn: order.shippedOn,
    dueOn: order.dueOn,
    deliveredOn: order.deliveredOn,
    returnSince: order.returning?.since ?? null,
  };
}

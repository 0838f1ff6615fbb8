/**
 * Reads past tickets, from JSON lines or from conversations as their source shows them, and the shop as it was then.
 * What cannot be read is left out with its reason.
 */

import { schemaProblems } from "#core/values/errors.ts";
import { utcDay } from "#core/values/moment.ts";
import { z } from "zod";
import { PROVEN_LEVEL, provenIdentity, unknownIdentity } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { type PastMessage, type PastOutcome, PastTicket } from "#core/values/rehearsal.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { isCancelled, type Order, type Shop } from "#core/contracts/shop.ts";
import { factsStated } from "./judge.ts";

/** Tickets that were read, and for each that was not its place with the reason. */
export interface ReadTickets {
  readonly tickets: readonly PastTicket[];
  readonly leftOut: readonly string[];
}

/** What a line has to say; everything else has a default. docs/evals.md describes the fields. */
const Line = PastTicket.extend({
  link: PastTicket.shape.link.default(""),
  channel: PastTicket.shape.channel.default("email"),
  brand: PastTicket.shape.brand.default(""),
  language: PastTicket.shape.language.default(null),
  subject: PastTicket.shape.subject.default(""),
  customer: PastTicket.shape.customer.default(null),
  identity: PastTicket.shape.identity.optional(),
  identityAssumed: z.boolean().default(true),
  actions: PastTicket.shape.actions.default(null),
  outcome: PastTicket.shape.outcome.default(null),
});

/** The tickets of a file with one JSON object a line; empty lines are nothing. A second ticket with an id is left out. */
export function ticketsInLines(text: string): ReadTickets {
  const tickets = new Map<string, PastTicket>();
  const leftOut: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = ticketIn(line);
    if ("problem" in read) leftOut.push(`line ${index + 1}: ${read.problem}`);
    else if (tickets.has(read.id)) leftOut.push(`line ${index + 1}: a second ticket ${read.id}`);
    else tickets.set(read.id, read);
  }
  return { tickets: [...tickets.values()], leftOut };
}

function ticketIn(line: string): PastTicket | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "is no JSON" };
  }
  const read = Line.safeParse(value);
  if (!read.success) return { problem: schemaProblems(read.error, "the line").join("; ") };
  const { identity, identityAssumed, ...ticket } = read.data;
  if (!ticket.messages.some(({ by }) => by === "customer"))
    return { problem: "messages: the customer wrote none of them" };
  const customer = ticket.customer?.toLowerCase() ?? null;
  return {
    ...ticket,
    customer,
    identity: identity ?? assumedIdentity(customer),
    identityAssumed: identity === undefined || identityAssumed,
  };
}

/**
 * The person who wrote to a helpdesk and was answered there was most likely the customer: it is assumed, and every ticket and
 * the summary say so. Without an address no account can be looked up.
 */
export function assumedIdentity(customer: string | null): PastTicket["identity"] {
  return customer === null
    ? unknownIdentity("the source names no customer")
    : provenIdentity("assumed", `assumed for the rehearsal: ${customer} is the customer`, customer);
}

/**
 * The ticket as if its customer had proved their address by a code, which a rehearsal cannot ask for. It is marked as an
 * assumption. One without any address or with proof of its own stays as it is.
 */
export function asProven(ticket: PastTicket): PastTicket {
  const { identity, customer } = ticket;
  if (identity.level >= PROVEN_LEVEL || customer === null) return ticket;
  return { ...ticket, identity: assumedIdentity(customer), identityAssumed: true };
}

/** A conversation with its messages, oldest first; notes of the team may be among them. */
interface SourceConversation {
  readonly id: string;
  readonly link: string;
  readonly channel: ChannelName;
  readonly brand: string;
  readonly subject: string;
  /** The customer's address; null where the source has none. */
  readonly customer: string | null;
  readonly messages: readonly Pick<
    Message,
    "author" | "visibility" | "text" | "sentAt" | "identity" | "ignore"
  >[];
  /** True where the evidence of the messages is an assumption. */
  readonly identityAssumed: boolean;
}

/** More messages before the first answer are no ticket of a person. */
const MESSAGES_MAX = 500;

/** The tickets of conversations, each up to the first answer of a person; `nameOf` says what one that is left out is called. */
export function ticketsOfConversations(
  conversations: readonly SourceConversation[],
  nameOf: (id: string) => string,
): ReadTickets {
  const tickets: PastTicket[] = [];
  const leftOut: string[] = [];
  for (const conversation of conversations) {
    const ticket = ticketToRehearse(conversation);
    if ("leftOut" in ticket) leftOut.push(`${nameOf(conversation.id)}: ${ticket.leftOut}`);
    else tickets.push(ticket);
  }
  return { tickets, leftOut };
}

/** The ticket, or in words why there is none to rehearse. */
export function ticketToRehearse(
  conversation: SourceConversation,
): PastTicket | { readonly leftOut: string } {
  const { messages, customer, ...known } = conversation;
  const shown = messages.filter(
    ({ visibility, author }) => visibility === "public" && author.kind !== "system",
  );
  const at = shown.findIndex(
    ({ author, text }) => author.kind === "teammate" && text.trim() !== "",
  );
  const answer = shown[at];
  if (answer === undefined) return { leftOut: "no person answered it" };
  const before = shown
    .slice(0, at)
    .filter(({ ignore, text }) => ignore === null && text.trim() !== "");
  const asked = before.findLast(({ author }) => author.kind === "requester");
  if (asked === undefined) return { leftOut: "the team wrote first" };
  const past = before.slice(-MESSAGES_MAX).map(pastMessage);
  return {
    ...known,
    language: null,
    customer: customer?.toLowerCase() ?? null,
    identity: asked.identity,
    messages: past,
    answer: { by: answer.author.name.slice(0, 500), text: answer.text, at: answer.sentAt },
    actions: null,
    outcome: pastOutcome(answer, shown.slice(at + 1)),
  };
}

function pastMessage({
  author,
  text,
  sentAt,
}: SourceConversation["messages"][number]): PastMessage {
  const by = author.kind === "requester" ? "customer" : "team";
  return { by, name: author.name.slice(0, 500), text, at: sentAt };
}

/** A person asked back when they asked, stated nothing, and the customer wrote again; otherwise they answered. */
function pastOutcome(
  { text, sentAt }: Pick<Message, "text" | "sentAt">,
  later: SourceConversation["messages"],
): PastOutcome {
  const asks = text.includes("?") && factsStated(text, new Date(sentAt)).length === 0;
  return asks && later.some(({ author }) => author.kind === "requester") ? "asked" : "answered";
}

/**
 * Shows orders and payments as of `at`: what was ordered, shipped, delivered, refunded or sent back later is not there
 * yet. Days count whole, so what happened on the day of the question is known. An order without the day it was ordered
 * on, and a cancelled one, whose day of cancelling no shop tells, is shown as it is today. So is an order that the customer
 * had `named` before the day it was ordered on, which cannot be right. Names and addresses are always today's.
 */
export function shopAsOf(shop: Shop, at: Date, named: (orderId: string) => boolean) {
  const day = utcDay(at);
  const seen = { earlier: 0, today: 0 };
  const view = (order: Order): Order | null => {
    const known = orderAsOf(order, at);
    const earlier = known === null && named(order.id) ? "unknown" : known;
    seen[earlier === "unknown" ? "today" : "earlier"] += 1;
    return earlier === "unknown" ? order : earlier;
  };
  const then: Shop = {
    customer: (id, signal) => shop.customer(id, signal),
    customerByEmail: (email, signal) => shop.customerByEmail(email, signal),
    async orders(customerId, signal) {
      const orders = await shop.orders(customerId, signal);
      return orders.flatMap((order) => view(order) ?? []);
    },
    async order(orderId, signal) {
      const order = await shop.order(orderId, signal);
      return order === null ? null : view(order);
    },
    async payments(orderId, signal) {
      const payments = await shop.payments(orderId, signal);
      seen.earlier += 1;
      return payments.filter(({ paidOn }) => paidOn <= day);
    },
  };
  return {
    shop: then,
    /** `none` before any order or payment was read; `today` as soon as one of them could only be shown as it is now. */
    answered: (): "then" | "today" | "none" =>
      seen.today > 0 ? "today" : seen.earlier > 0 ? "then" : "none",
  };
}

/** Null for an order that did not exist yet. */
function orderAsOf(order: Order, at: Date): Order | null | "unknown" {
  const day = utcDay(at);
  if (order.orderedOn === null || isCancelled(order)) return "unknown";
  if (order.orderedOn > day) return null;
  const refunds = order.refunds.filter(({ createdAt }) => Date.parse(createdAt) <= at.getTime());
  const isOn = (known: string | null): boolean => known !== null && known <= day;
  const has = { left: isOn(order.shippedOn), arrived: isOn(order.deliveredOn) };
  return {
    ...order,
    refunds,
    status: statusAsOf(order, has),
    shippedOn: has.left ? order.shippedOn : null,
    deliveredOn: has.arrived ? order.deliveredOn : null,
    tracking: has.left || order.shippedOn === null ? order.tracking : null,
    returning: order.returning !== null && order.returning.since <= day ? order.returning : null,
  };
}

/** The shop's own word, unless something that it names happened later. */
function statusAsOf(
  { status, shippedOn, deliveredOn }: Order,
  has: { readonly left: boolean; readonly arrived: boolean },
): string {
  if (deliveredOn !== null && !has.arrived) return has.left ? "shipped" : "processing";
  return shippedOn !== null && !has.left ? "processing" : status;
}

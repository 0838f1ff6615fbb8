/** The actions of a hand-over, its summary, and the operator's own texts to the customer. */

import { inWords } from "#core/values/words.ts";
import { HELPDESK, TOPICS } from "#core/values/vocabulary.ts";
import { type Assignee, type PlannedAction, UNAVAILABLE_PLACE } from "#core/values/action.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import { type HandOver, handOverAction, replyAction } from "#jobs/plan/own-actions.ts";
import type { Policy, TextPlace } from "#core/contracts/policy.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationState } from "#store/conversations/conversations.ts";
import { orderText, quotedExcerpt } from "#core/values/card-text.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { type Order, sealedOrderFacts } from "#core/contracts/shop.ts";
import { withinMs } from "#core/values/deadline.ts";
import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import { ordersLookedUp } from "#jobs/approval/card-orders.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { mentionsOrder } from "#text/about-text.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import { languageOr, maskOr } from "#core/values/thrown.ts";

/** The customer whom the operator's texts go to, and their conversation. */
export interface Addressee {
  readonly conversation: Conversation;
  readonly unread: readonly Message[];
  readonly requester: { readonly name: string; readonly greeted: string | null };
  /** The topic, as far as it decides whether the bot may write at all; empty when unknown. */
  readonly topic: string;
}

/** Everything a hand-over is made from, whether the agent, a rule, a click or a failed effect asked for it. */
interface HandOverRequest
  extends
    Addressee,
    Pick<HandOver, "group" | "reason" | "summary" | "tried" | "identity" | "linked"> {
  readonly turnId: string;
  /** The operator's text to the customer; empty sends none. */
  readonly words: string;
  /** The message to the customer that takes its place because it also answers; null for the text alone. */
  readonly replies: readonly PlannedAction[] | null;
  /** The notice that goes with it while the team is closed. */
  readonly closed: ClosedNotice | null;
  /** True for a hand-over that must not wait in the queue. */
  readonly urgent: boolean;
  /** The teammate who takes it; left out when it is for the group. */
  readonly taker?: Assignee | undefined;
}

const REASON_MAX = 200;

/** Replaces text that could not be masked. */
export const WITHHELD =
  "[These words could not be masked, so they are shown only where they came in.]";

/** First the team, then the text to the customer that depends on it: one message, also while the team is closed. */
export function handOverPlan(
  context: JobContext,
  request: HandOverRequest,
): readonly PlannedAction[] {
  const { unread } = request;
  const team = handOverAction({
    ...request,
    unread: unread.map((message) => maskedMessage(context.guard, message)),
    requester: { name: request.requester.name, email: senderEmail(unread) },
    link: context.cardLink(request.turnId),
    triage: {
      intent: request.topic === "" ? null : request.topic,
      language: languageOr(context.guard, unread),
      priority: request.urgent ? "urgent" : null,
      // A reason may quote the customer, whose text does not belong in a ticket field.
      reason: request.reason.replaceAll(/(?:(?<!\s)\s+)?\(“[^“”]*”\)/g, "").slice(0, REASON_MAX),
    },
    taker: request.taker ?? null,
  });
  const told = request.replies ?? customerReplies(context, request);
  return context.targets.has(HELPDESK) ? [team, ...told] : told;
}

/** A message as it may stand in the ticket that people have. */
export function maskedMessage(guard: JobContext["guard"], message: Message): Message {
  return {
    ...message,
    text: maskOr(guard, message.text, WITHHELD),
    attachments: message.attachments.map((file) => ({
      ...file,
      name: maskOr(guard, file.name, "a file"),
    })),
  };
}

function customerReplies(context: JobContext, request: HandOverRequest): readonly PlannedAction[] {
  const { unread, words, closed } = request;
  return words === "" && closed !== null
    ? closedText(context, request, closed)
    : operatorText(context, request, {
        text: closed === null ? words : `${words} ${closed.text}`,
        place: "handover",
        answers: unread.map((message) => message.key),
        offersPerson: false,
      });
}

/** True when these actions send something to the customer. */
export function tellsCustomer(actions: readonly PlannedAction[]): boolean {
  return actions.some(({ action }) => action.operation === "reply");
}

/** The closed notice. Its key is that of the closed period, so a conversation gets it once. */
export function closedText(
  context: JobContext,
  addressee: Addressee,
  closed: ClosedNotice,
): readonly PlannedAction[] {
  return operatorText(context, addressee, {
    text: closed.text,
    place: `closed:${closed.period.toISOString()}`,
    answers: [],
    offersPerson: false,
  });
}

/** What a customer reads who waits in a window and writes on before anybody has taken the hand-over. */
export function passedOnText(
  context: JobContext,
  conversation: Conversation,
  unread: readonly Message[],
): readonly PlannedAction[] {
  const texts = context.policy.textsIn(languageOr(context.guard, unread), conversation);
  const requester = { name: unread.at(-1)?.author.name ?? "Customer", greeted: null };
  return operatorText(
    context,
    { conversation, unread, requester, topic: "" },
    {
      text: context.guard.delicate(unread) === null ? texts.handover : texts.holding,
      place: "handover",
      answers: unread.map((message) => message.key),
      offersPerson: false,
    },
  );
}

/** The notice that something cannot be looked up right now. It refers to these messages, but they stay open. */
export function unavailableText(
  context: JobContext,
  addressee: Addressee,
): readonly PlannedAction[] {
  return operatorText(context, addressee, {
    text: context.policy.textsIn(
      languageOr(context.guard, addressee.unread),
      addressee.conversation,
    ).unavailable,
    place: UNAVAILABLE_PLACE,
    answers: addressee.unread.map((message) => message.key),
    offersPerson: true,
  });
}

/** A text of the operator's to the customer, where the channel may write at all. */
function operatorText(
  { policy, guard }: JobContext,
  { conversation, unread, requester, topic }: Addressee,
  words: {
    readonly text: string;
    readonly place: string;
    readonly answers: readonly string[];
    /** A text that announces a person need not offer one. The reply is marked as automatic all the same. */
    readonly offersPerson: boolean;
  },
): readonly PlannedAction[] {
  const { channel, brand } = conversation;
  const to = unread.at(-1)?.answerTo ?? null;
  if (to === null || words.text === "" || policy.replyAutonomy(channel, topic) === "shadow")
    return [];
  const text = policy.sign(words.text, {
    channel,
    brand,
    name: requester.greeted,
    automatic: words.offersPerson,
    // Greeting and signature are in the language of what stands between them.
    language: detectedLanguage(words.text) ?? languageOr(guard, unread),
  });
  const { answers, place } = words;
  return [replyAction({ conversation, to, text, answers, automatic: true, place })];
}

function senderEmail(unread: readonly Message[]): string | null {
  const handle = unread.at(-1)?.identity.handle;
  return handle?.kind === "email" ? handle.email : null;
}

// What a customer is told beside a hand-over, and outside opening hours.

/** What a customer is told whose case goes to people. */
export interface CustomerNotice {
  /** The operator's text; empty for none. */
  readonly words: string;
  readonly closed: ClosedNotice | null;
  /** Both as one text. */
  readonly told: string;
}

/**
 * `handover`: the operator's text, with the closed notice. `holding`: the text about what is delicate, which stands
 * alone. `when-closed`: the closed notice, and nothing during opening hours. `nothing`, because a teammate answers at
 * once or a program wrote.
 */
export type ToldWhat = "handover" | "holding" | "when-closed" | "nothing";

/** What this customer is told, in their language. */
export function customerNotice(
  { policy, guard }: JobContext,
  {
    conversation: place,
    closedNoticeUntil,
  }: Pick<ConversationState, "conversation" | "closedNoticeUntil">,
  unread: readonly Message[],
  { what, at }: { readonly what: ToldWhat; readonly at: Date },
): CustomerNotice {
  if (what === "nothing") return { words: "", closed: null, told: "" };
  const language = languageOr(guard, unread);
  const words = what === "when-closed" ? "" : policy.textsIn(language, place)[what];
  const closed =
    what === "holding" ? null : closedNotice(policy, closedNoticeUntil, at, { language, place });
  const told = [words, closed?.text ?? ""].filter((part) => part !== "").join(" ");
  return { words, closed, told };
}

interface ClosedNotice {
  readonly text: string;
  /** The closed period, identified by the moment a card from it expires. */
  readonly period: Date;
}

/**
 * The operator's text for this moment, in the customer's language; null while open, and when the customer was already told in this closed period.
 */
export function closedNotice(
  policy: Policy,
  closedNoticeUntil: Date | null,
  at: Date,
  given: { readonly language: string | null; readonly place: TextPlace },
): ClosedNotice | null {
  const text = policy.closedText(at, given.language, given.place);
  if (text === null) return null;
  // Only opening hours count towards an expiry, so all moments of one closed period share one expiry, and no other has
  // it.
  const period = policy.expiresAt(at);
  return closedNoticeUntil?.getTime() === period.getTime() ? null : { text, period };
}

// The summary of a hand-over: who wants what, what the shop says, and what they were promised.

const SUBJECT_MAX = 120;

/** An answer that went out with the hand-over is told in full as far as a note can hold it. */
const TOLD_MAX = 600;

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
    isModelsOwn && words !== ""
      ? words
      : [whoWantsWhat(facts), words].filter((said) => said !== "").join(" "),
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
  return known === undefined ? inWords(topic) : TOPIC_WORDS[known];
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

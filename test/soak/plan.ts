/** What a run does, decided by its seed before anything starts: the world, the messages, the kills and the faults. */
import { numbersFrom } from "#sandbox/history/numbers.ts";
import type { startSampleShop } from "#sandbox/shop/index.ts";

type ShopWorld = NonNullable<Parameters<typeof startSampleShop>[0]["world"]>;

interface PlannedRefund {
  readonly order: string;
  readonly minor: number;
}

/** One message of a customer. */
export interface PlannedMessage {
  /** The source's own id of it; a delivery with the same one again is the same message. */
  readonly id: string;
  readonly text: string;
  /** A word that only this message contains. The answer repeats the word. */
  readonly word: string;
  /** The order whose money is asked back, all of it or a part; each order is named by one message at most. */
  readonly refunds: PlannedRefund | null;
  /** Sent before the one before it was answered. */
  readonly hurried: boolean;
  readonly duplicate: "none" | "at once" | "later";
}

/** One customer's conversation, with its messages in the order they are written. */
export interface PlannedConversation {
  readonly id: string;
  readonly customerId: string;
  readonly messages: readonly PlannedMessage[];
}

/** Something that happens to the machines once so many messages have been sent. */
export interface PlannedFault {
  readonly afterMessages: number;
  readonly kind: "kill" | "flush" | "restart redis";
  /** Which worker, counted from 0. */
  readonly worker: number;
  /** How long the worker or Redis stays away. */
  readonly awayMs: number;
}

export interface Plan {
  readonly world: ShopWorld;
  readonly conversations: readonly PlannedConversation[];
  readonly faults: readonly PlannedFault[];
}

export interface PlanOptions {
  readonly messages: number;
  readonly kills: number;
  readonly flushes: number;
  readonly seed: number;
  readonly messagesEach: number;
  readonly workers: number;
}

/** A number from 0 to 1 that is always the same for the same words, whenever it is asked for. */
export function chance(seed: number, ...words: readonly (string | number)[]): number {
  let hash = 2_166_136_261 ^ seed;
  for (const character of words.join(" "))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return numbersFrom(hash >>> 0)();
}

/** The same options give the same plan. */
export function planFor(options: PlanOptions): Plan {
  const random = numbersFrom(options.seed);
  const count = Math.ceil(options.messages / options.messagesEach);
  const customers = Array.from({ length: count }, (_, index) => ({
    id: `c${index}`,
    name: `Customer Number${wordOf(index)}`,
    email: `c${index}@customer.test`,
  }));
  const conversations = customers.map((customer, index) => {
    const first = index * options.messagesEach;
    const length = Math.min(options.messagesEach, options.messages - first);
    return conversationOf(customer.id, { first, length, random });
  });
  return {
    world: {
      customers,
      orders: customers.flatMap((customer, index) => ordersOf(customer.id, index)),
    },
    conversations,
    faults: plannedFaults(options, random),
  };
}

const REFUNDABLE_EACH = 3;
const ITEMS = ["kettle", "lamp", "cable", "mug", "clock", "chair", "pan", "scarf"];

function orderId(customerIndex: number, place: number): string {
  return String(100_000 + customerIndex * 10 + place);
}

/** One order under way to ask about, and some that have arrived and can be paid back. */
function ordersOf(customerId: string, index: number): ShopWorld["orders"] {
  const item = (place: number): string => ITEMS[(index + place) % ITEMS.length] ?? "mug";
  return [
    {
      id: orderId(index, 0),
      customerId,
      item: item(0),
      amountMinor: 2_000 + (index % 50) * 100,
      status: "shipped",
      shipped: { daysFromNow: -2 },
      dueInDays: 2,
    },
    ...Array.from({ length: REFUNDABLE_EACH }, (_, place) => ({
      id: orderId(index, place + 1),
      customerId,
      item: item(place + 1),
      amountMinor: priceOf(index, place),
      status: "delivered" as const,
      shipped: { daysFromNow: -9 },
      delivered: { daysFromNow: -6 },
    })),
  ];
}

function priceOf(index: number, place: number): number {
  return 500 + ((index + place) % 40) * 25;
}

const QUESTIONS = [
  "How long does shipping take?",
  "What is your refund policy?",
  "When are you open?",
  "Do you ship abroad?",
];

function conversationOf(
  customerId: string,
  {
    first,
    length,
    random,
  }: { readonly first: number; readonly length: number; readonly random: () => number },
): PlannedConversation {
  const index = Number(customerId.slice(1));
  let refunds = 0;
  const messages = Array.from({ length }, (_, place): PlannedMessage => {
    const word = wordOf(first + place);
    const kind = random();
    const draws = { hurried: random() < 0.3, twice: random() };
    const isLast = place === length - 1;
    // What needs a person comes last: from then on people have the conversation, and nothing is answered by itself.
    const said =
      isLast && kind < 0.25
        ? { text: "I want to talk to a person.", refund: null }
        : sentence(kind, { index, refunds });
    if (said.refund !== null) refunds += 1;
    return {
      id: `m${first + place}`,
      text: `${said.text} (note ${word})`,
      word,
      refunds: said.refund,
      hurried: place > 0 && draws.hurried,
      duplicate: draws.twice < 0.1 ? "at once" : draws.twice < 0.2 ? "later" : "none",
    };
  });
  return { id: `conversation-${index}`, customerId, messages };
}

const PART_MINOR = 200;

function sentence(
  kind: number,
  { index, refunds }: { readonly index: number; readonly refunds: number },
): { readonly text: string; readonly refund: PlannedRefund | null } {
  if (kind < 0.2 && refunds < REFUNDABLE_EACH) {
    const order = orderId(index, refunds + 1);
    // Of a part there is something left to pay back a second time, which nothing but Deskhand would prevent.
    return kind < 0.17
      ? { text: `Please refund order ${order}.`, refund: { order, minor: priceOf(index, refunds) } }
      : {
          text: `Please refund 2.00 USD for order ${order}.`,
          refund: { order, minor: PART_MINOR },
        };
  }
  if (kind < 0.65) return { text: `Where is order ${orderId(index, 0)}?`, refund: null };
  if (kind < 0.75) return { text: "Hello", refund: null };
  return { text: QUESTIONS[Math.floor(kind * 400) % QUESTIONS.length] ?? "", refund: null };
}

/** Kills and faults, spread over the run; every second fault of Redis is a restart beside the flushes asked for. */
function plannedFaults(options: PlanOptions, random: () => number): readonly PlannedFault[] {
  const spread = (count: number, kind: PlannedFault["kind"]): readonly PlannedFault[] =>
    Array.from({ length: count }, (_, index) => ({
      kind,
      afterMessages: Math.floor(((index + 0.1 + 0.8 * random()) / count) * 0.97 * options.messages),
      worker: Math.floor(random() * options.workers),
      awayMs: Math.floor(200 + random() * 2_300),
    }));
  return [
    ...spread(options.kills, "kill"),
    ...spread(options.flushes, "flush"),
    ...spread(Math.ceil(options.flushes / 2), "restart redis"),
  ].toSorted((one, other) => one.afterMessages - other.afterMessages);
}

const SYLLABLES = ["ba", "bo", "da", "do", "fa", "fo", "ka", "ko", "la", "lo"];

/** A word for a number: five syllables for five digits. */
function wordOf(number: number): string {
  return String(number)
    .padStart(5, "0")
    .split("")
    .map((digit) => SYLLABLES[Number(digit)] ?? "")
    .join("");
}

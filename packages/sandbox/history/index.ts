/**
 * Room: a past for the sandbox: solved tickets of the sample shop's customers, with people's answers.
 * In: how many, a seed, and the moment before which they lie.
 * Out: tickets as data, the same for the same seed; written as JSONL by the command.
 * May touch: nothing; the command beside it writes a file.
 */
import { CUSTOMERS, ORDERS, TEAM, type SampleCustomer, type SampleOrder } from "#sandbox/world.ts";
import { ANSWERS, type Answered, type Flaw, TRANSLATED } from "./answers.ts";
import { CLOSINGS, OPENINGS, QUESTIONS, type Language, type Matter } from "./questions.ts";
import type { PastAction, PastTicket } from "#core/values/rehearsal.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The history lies in so many days, as a month of a small shop does. */
const DAYS = 28;

/** Something a teammate did in the shop. Amounts are minor units of USD; null where no money moved. */
interface DoneAction {
  readonly operation: string;
  readonly order: string | null;
  readonly amountMinor: number | null;
}

/** One solved ticket. */
export interface SolvedTicket {
  /** From 1, oldest first. */
  readonly number: number;
  readonly customer: SampleCustomer;
  readonly language: Language;
  readonly matter: Matter;
  readonly subject: string;
  readonly question: string;
  readonly askedAt: Date;
  /** The teammate who answered. */
  readonly teammate: { readonly name: string; readonly email: string };
  readonly answer: string;
  readonly answeredAt: Date;
  readonly actions: readonly DoneAction[];
  /** What is wrong about the answer on purpose; null for a right one. */
  readonly flaw: Flaw | null;
}

/** How often customers write about a matter, and about which orders of the sample shop. */
const MIX: readonly {
  readonly matter: Matter;
  readonly share: number;
  readonly orders: readonly string[];
}[] = [
  { matter: "small_refund", share: 17, orders: ["1002", "1003"] },
  { matter: "usual_refund", share: 9, orders: ["789"] },
  { matter: "partial_refund", share: 5, orders: ["789"] },
  { matter: "late_refund", share: 8, orders: ["790"] },
  { matter: "order_status", share: 22, orders: ["123", "456", "2001"] },
  { matter: "new_address", share: 6, orders: ["456"] },
  { matter: "late_address", share: 3, orders: ["123", "2001"] },
  { matter: "password", share: 6, orders: ["456", "1002", "2001"] },
  { matter: "invoice", share: 4, orders: ["789", "1001"] },
  { matter: "cancel", share: 3, orders: ["456"] },
  { matter: "return", share: 3, orders: ["789"] },
  { matter: "refund_policy", share: 4, orders: ["123", "1002", "2001"] },
  { matter: "shipping_cost", share: 4, orders: ["123", "1002", "2001"] },
  { matter: "warranty", share: 3, orders: ["123", "1002", "2001"] },
  { matter: "opening_hours", share: 2, orders: ["123", "1002"] },
  { matter: "wants_person", share: 2, orders: ["1001", "2001"] },
  { matter: "legal_threat", share: 1, orders: ["1001", "123"] },
];

const STREETS = [
  "4 Mill Road, Eugene, OR 97401",
  "71 Ash Street, Salem, OR 97301",
  "250 River Walk, Corvallis, OR 97330",
  "18 Station Square, Medford, OR 97501",
] as const;

const LANGUAGES: readonly { readonly language: Language; readonly share: number }[] = [
  { language: "en", share: 82 },
  { language: "de", share: 10 },
  { language: "fr", share: 4 },
  { language: "es", share: 4 },
];

/** What order 1002 is mistaken for, and the other way round. */
const MISTAKEN: Readonly<Record<string, string>> = { "1002": "1003", "1003": "1002" };

/** So many solved tickets before `until`, oldest first. The same arguments give the same tickets. */
export function solvedTickets({
  until,
  count = 200,
  seed = 20,
}: {
  readonly until: Date;
  readonly count?: number;
  readonly seed?: number;
}): readonly SolvedTicket[] {
  const draw = drawFrom(seed);
  const step = (DAYS * DAY_MS) / count;
  return Array.from({ length: count }, (_, index) => {
    const age = (count - index) * step - draw.below(step / 2);
    return ticketAt(draw, index + 1, new Date(until.getTime() - age));
  });
}

function ticketAt(draw: Draw, number: number, askedAt: Date): SolvedTicket {
  const { matter, orders } = draw.byShare(MIX);
  const order = orderOf(draw.one(orders));
  const customer = customerOf(order);
  const spoken = LANGUAGES.filter(({ language }) => QUESTIONS[matter][language] !== undefined);
  const { language } = draw.byShare(spoken);
  const [subject, text] = draw.one(QUESTIONS[matter][language] ?? []);
  const { answered, words } = answerOf(draw, matter, language);
  const street = draw.one(STREETS);
  const fill = (template: string): string => filled(template, { order, street, askedAt });
  const from = draw.one([TEAM.sam, TEAM.dana, TEAM.lee]);
  const minutes = 6 + draw.below(30) ** 2;
  const answeredAt = new Date(
    Math.min(askedAt.getTime() + minutes * MINUTE_MS, askedAt.getTime() + DAY_MS),
  );
  return {
    number,
    customer,
    language,
    matter,
    subject: fill(subject),
    question: letter(draw, { language, body: fill(text), name: customer.name }),
    askedAt,
    teammate: { name: from.name, email: from.email },
    answer: fill(words),
    answeredAt,
    actions: actionsOf(answered, order),
    flaw: answered.flaw,
  };
}

/** Other languages have right answers only, so that what is wrong on purpose is wrong in words a reader can check. */
function answerOf(
  draw: Draw,
  matter: Matter,
  language: Language,
): { readonly answered: Answered; readonly words: string } {
  if (language === "en") {
    const answered = draw.byShare(ANSWERS[matter]);
    return { answered, words: draw.one(answered.texts) };
  }
  const [right] = ANSWERS[matter];
  const words = TRANSLATED[matter]?.[language];
  if (right === undefined || words === undefined)
    throw new Error(`${matter} has no answer in ${language}`);
  return { answered: right, words };
}

function actionsOf({ actions, flaw }: Answered, order: SampleOrder): readonly DoneAction[] {
  const meant = flaw === "other_order" ? orderOf(MISTAKEN[order.id] ?? order.id) : order;
  return actions.map(({ operation, amountMinor }) => ({
    operation,
    order: operation === "reset_password" ? null : meant.id,
    amountMinor: amountMinor === undefined ? null : (amountMinor ?? order.amountMinor),
  }));
}

function filled(
  template: string,
  { order, street, askedAt }: { order: SampleOrder; street: string; askedAt: Date },
): string {
  const gaps: Readonly<Record<string, string>> = {
    order: order.id,
    other: MISTAKEN[order.id] ?? order.id,
    item: order.item,
    amount: (order.amountMinor / 100).toFixed(2),
    status: order.status,
    street,
    due: dueWords(order, askedAt),
  };
  const text = template.replaceAll(/\{(\w+)\}/g, (gap, name: string) => gaps[name] ?? gap);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** People look the day up, so that it is right for when they wrote. */
function dueWords({ due }: SampleOrder, askedAt: Date): string {
  if (due === undefined || !("daysFromNow" in due)) return "";
  const day = new Date(askedAt.getTime() + due.daysFromNow * DAY_MS).toISOString().slice(0, 10);
  return ` It should arrive on ${day}.`;
}

function letter(
  draw: Draw,
  { language, body, name }: { language: Language; body: string; name: string },
): string {
  const opening = draw.one(OPENINGS[language]);
  const closing = draw.one(CLOSINGS[language]);
  const signature = closing === "" ? "" : `${closing}\n${name}`;
  return [opening, body, signature].filter((part) => part !== "").join("\n\n");
}

function orderOf(id: string): SampleOrder {
  const found = ORDERS.find((order) => order.id === id);
  if (found === undefined) throw new Error(`the sample shop has no order ${id}`);
  return found;
}

function customerOf({ customerId }: SampleOrder): SampleCustomer {
  const found = CUSTOMERS.find(({ id }) => id === customerId);
  if (found === undefined) throw new Error(`the sample shop has no customer ${customerId}`);
  return found;
}

// Chance that is the same each time: a history made twice from one seed is the same history.

/** Draws from one seed. */
interface Draw {
  /** A number from 0 up to 1, without 1. */
  part(): number;
  /** A whole number from 0 to `most` - 1. */
  below(most: number): number;
  /** One of them, each as likely. Throws for none. */
  one<Item>(items: readonly Item[]): Item;
  /** One of them, by their shares. Throws for none. */
  byShare<Item extends { readonly share: number }>(items: readonly Item[]): Item;
}

/** Mulberry32: thirty-two bits of state are enough for choosing texts, and no secret depends on it. */
function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const part = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most: number): number => Math.floor(part() * most);
  return {
    part,
    below,
    one: (items) => present(items[below(items.length)]),
    byShare: (items) => {
      let left = part() * items.reduce((sum, { share }) => sum + share, 0);
      return present(items.find(({ share }) => (left -= share) < 0) ?? items.at(-1));
    },
  };
}

function present<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("there is nothing to draw from");
  return item;
}

/** A ticket as `deskhand rehearse --file` reads it. */
export function pastTicketOf(solved: SolvedTicket): PastTicket {
  const { number, customer, language, subject, question, askedAt, teammate, answer } = solved;
  return {
    id: `sample-${number}`,
    link: "",
    channel: "email",
    brand: "",
    language,
    subject,
    customer: customer.email,
    identity: {
      level: 2,
      method: "dkim",
      reason: `The sample history has it as a signed mail of ${customer.email}.`,
      handle: { kind: "email", email: customer.email },
    },
    identityAssumed: false,
    messages: [{ by: "customer", name: customer.name, text: question, at: askedAt.toISOString() }],
    answer: { by: teammate.name, text: answer, at: solved.answeredAt.toISOString() },
    actions: solved.actions.map(pastActionOf),
    outcome: solved.matter === "legal_threat" ? "handed_over" : "answered",
  };
}

function pastActionOf({ operation, order, amountMinor }: DoneAction): PastAction {
  return {
    operation,
    orderId: order,
    amount: amountMinor === null ? null : { minor: amountMinor, currency: "USD" },
    knownFrom: "ticket",
  };
}

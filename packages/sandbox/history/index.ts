/**
 * Room: a past for the sandbox: solved tickets of the sample shop's customers, with people's answers.
 * In: how many, a seed, and the moment before which they lie; what is written and answered about which matter: past.yaml.
 * Out: tickets as data, the same for the same seed.
 * May touch: nothing.
 */
import { numbersFrom } from "./numbers.ts";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import {
  CUSTOMERS,
  deliveryDay,
  ORDERS,
  TEAM,
  type SampleCustomer,
  type SampleOrder,
} from "#sandbox/world.ts";
import type { PastAction, PastTicket } from "#core/values/rehearsal.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The history lies in so many days, as a month of a small shop does. */
const DAYS = 28;

const Language = z.enum(["en", "de", "fr", "es"]);
type Language = z.infer<typeof Language>;

const Answered = z.strictObject({
  /** Of a hundred answers about the matter in English, about so many. */
  share: z.number(),
  /** Why it differs from what the shop's rules and pages say; null for a right one. */
  flaw: z
    .enum([
      "other_amount",
      "other_order",
      "declined",
      "out_of_goodwill",
      "wrong_fact",
      "nothing_done",
    ])
    .nullable()
    .default(null),
  /** What the teammate did in the shop. */
  operation: z.string().nullable().default(null),
  amountMinor: z.number().optional(),
  texts: z.array(z.string()),
});
type Answered = z.infer<typeof Answered>;

const Matter = z.strictObject({
  share: z.number(),
  /** The orders of the sample shop that it is written about. */
  orders: z.array(z.string()),
  asked: z.partialRecord(Language, z.record(z.string(), z.string())),
  answered: z.array(Answered),
  translated: z.partialRecord(Language, z.string()).default({}),
});
type Matter = z.infer<typeof Matter>;

const Words = z.record(Language, z.array(z.string()));
/** How customers begin, most of them at once, and how they end before their name; then the matters. */
const PAST = z
  .strictObject({ openings: Words, closings: Words, matters: z.record(z.string(), Matter) })
  .parse(parse(readFileSync(new URL("past.yaml", import.meta.url), "utf8")));

const MATTERS = Object.entries(PAST.matters).map(([name, matter]) => ({ name, ...matter }));

const MOVES_MONEY = new Set(["refund", "cancel_order"]);

/** One solved ticket, as `deskhand rehearse --file` reads it, with what was drawn for it. */
export type SolvedTicket = ReturnType<typeof ticketAt>;

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

function ticketAt(draw: Draw, number: number, askedAt: Date) {
  const matter = draw.byShare(MATTERS);
  const order = orderOf(draw.one(matter.orders));
  const customer = customerOf(order);
  const spoken = LANGUAGES.filter(({ language }) => matter.asked[language] !== undefined);
  const { language } = draw.byShare(spoken);
  const [subject, text] = draw.one(Object.entries(matter.asked[language] ?? {}));
  const { answered, words } = answerOf(draw, matter, language);
  const street = draw.one(STREETS);
  const fill = (template: string): string => filled(template, { order, street, askedAt });
  const from = draw.one([TEAM.sam, TEAM.dana, TEAM.lee]);
  const minutes = 6 + draw.below(30) ** 2;
  const answeredAt = new Date(
    Math.min(askedAt.getTime() + minutes * MINUTE_MS, askedAt.getTime() + DAY_MS),
  );
  const question = letter(draw, { language, body: fill(text), name: customer.name });
  const { name, email } = customer;
  const ticket: PastTicket = {
    id: `sample-${number}`,
    link: "",
    channel: "email",
    brand: "",
    language,
    subject: fill(subject),
    customer: email,
    identity: {
      level: 2,
      method: "dkim",
      reason: `The sample history has it as a signed mail of ${email}.`,
      handle: { kind: "email", email },
    },
    identityAssumed: false,
    messages: [{ by: "customer", name, text: question, at: askedAt.toISOString() }],
    answer: { by: from.name, text: fill(words), at: answeredAt.toISOString() },
    actions: actionsOf(answered, order),
    outcome: matter.name === "legal_threat" ? "handed_over" : "answered",
  };
  /** `flaw` is what is wrong about the answer on purpose; null for a right one. */
  return { ticket, matter: matter.name, flaw: answered.flaw };
}

function answerOf(
  draw: Draw,
  { answered, translated }: Matter,
  language: Language,
): { readonly answered: Answered; readonly words: string } {
  if (language !== "en")
    return { answered: present(answered[0]), words: present(translated[language]) };
  const drawn = draw.byShare(answered);
  return { answered: drawn, words: draw.one(drawn.texts) };
}

/** What the teammate did in the shop: money that moves is what the order cost, unless another amount is named. */
function actionsOf({ operation, amountMinor, flaw }: Answered, order: SampleOrder): PastAction[] {
  if (operation === null) return [];
  const meant = flaw === "other_order" ? orderOf(MISTAKEN[order.id] ?? order.id) : order;
  const minor = amountMinor ?? order.amountMinor;
  return [
    {
      operation,
      orderId: operation === "reset_password" ? null : meant.id,
      amount: MOVES_MONEY.has(operation) ? { minor, currency: "USD" } : null,
      knownFrom: "ticket",
    },
  ];
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
function dueWords({ dueInDays }: SampleOrder, askedAt: Date): string {
  if (dueInDays === undefined) return "";
  return ` It should arrive on ${deliveryDay(askedAt, dueInDays)}.`;
}

function letter(
  draw: Draw,
  { language, body, name }: { language: Language; body: string; name: string },
): string {
  const opening = draw.one(PAST.openings[language]);
  const closing = draw.one(PAST.closings[language]);
  const signature = closing === "" ? "" : `${closing}\n${name}`;
  return [opening, body, signature].filter((part) => part !== "").join("\n\n");
}

function orderOf(id: string): SampleOrder {
  return present(ORDERS.find((order) => order.id === id));
}

function customerOf({ customerId }: SampleOrder): SampleCustomer {
  return present(CUSTOMERS.find(({ id }) => id === customerId));
}

type Draw = ReturnType<typeof drawFrom>;

function drawFrom(seed: number) {
  const part = numbersFrom(seed);
  const below = (most: number): number => Math.floor(part() * most);
  return {
    /** A whole number from 0 to `most` - 1. */
    below,
    /** One of them, each as likely. Throws for none. */
    one: <Item>(items: readonly Item[]): Item => present(items[below(items.length)]),
    /** One of them, by their shares. Throws for none. */
    byShare: <Item extends { readonly share: number }>(items: readonly Item[]): Item => {
      let left = part() * items.reduce((sum, { share }) => sum + share, 0);
      return present(items.find(({ share }) => (left -= share) < 0) ?? items.at(-1));
    },
  };
}

function present<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("the past names something that is not there");
  return item;
}

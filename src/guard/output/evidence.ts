/** Collects the evidence a draft may rely on. */
import { type PlannedAction, RefundArguments } from "#core/values/action.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { addedUp, currencyDigits } from "#core/values/money.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { contactKeysIn, contactsIn, mailKey } from "./contacts.ts";
import { datesIn, epochDay, namesOfDay, nextOfMonth } from "./dates.ts";
import { daysIn, deadlineDays, elapsedKeys } from "./what-follows.ts";
import {
  amountKey,
  amountsIn,
  durationsIn,
  type Fact,
  longerEnd,
  ordersIn,
  referencesIn,
  WITHOUT_CURRENCY,
} from "./facts.ts";
import { linkKey, linksIn } from "./links.ts";
import { READ_MAX, allMatches } from "#text/normalize.ts";
import { spelled } from "#text/spelling.ts";
import {
  createOrderFacts,
  currencyIn,
  isDecimal,
  moneyOrNull,
  type OrderFacts,
  orderIdInRecord,
} from "./order-facts.ts";
import { AMOUNT_FIELD, MINOR_FIELD } from "#text/field-names.ts";

/** Everything a draft may state, by the keys that `facts.ts` and `dates.ts` give to statements. */
export interface Evidence extends OrderFacts {
  readonly keys: ReadonlySet<string>;
  /** How long ago, or how far ahead, the days of the records are: no limit, so not after a "within". */
  readonly elapsed: ReadonlySet<string>;
  /** Days a page's working days from today, such as that of an answer; nothing is delivered by them. */
  readonly answered: ReadonlySet<string>;
  /** The ends of other known lengths of time from today, for what is said to begin today. */
  readonly fromToday: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  /** Keys of the contacts in pages and records: of mail addresses those in pages alone. */
  readonly contacts: ReadonlySet<string>;
  /** Of these and the address on file, those that are the requester's own. */
  readonly ownContacts: ReadonlySet<string>;
}

/** Operations whose arguments are letters, not records: a letter is no evidence for a letter. */
export const LETTERS: readonly string[] = ["reply", "note", "create_ticket", "assign", "post"];
/** Arguments that repeat the customer's text. */
const TOLD = new Set(["reason", "text", "summary", "note", "firstMessage", "subject"]);

/** Every statement in a text: amounts, days, lengths of time, order and other numbers. */
export function factsIn(text: string, today: number): readonly Fact[] {
  const plain = spelled(text);
  const dates = datesIn(text, today, plain);
  const amounts = amountsIn(text, plain);
  // "10.12." is a day, and at the end of a sentence an amount.
  const isBoth = (amount: Fact, { start, end }: Fact): boolean =>
    start === amount.start && end === amount.end + 1;
  const named = [
    ...amounts.filter((amount) => !dates.some((date) => isBoth(amount, date))),
    ...dates.map((date) => ({
      ...date,
      keys: [...date.keys, ...amounts.flatMap((one) => (isBoth(one, date) ? one.keys : []))],
    })),
    ...durationsIn(text, plain).map(({ pointsTo, ...fact }) => ({
      ...fact,
      keys: [...fact.keys, ...pointsTo.map((offset) => `day:${today + offset}`)],
    })),
    ...ordersIn(text, plain),
  ];
  const references = referencesIn(text, plain);
  if (references.length === 0) return named;
  // What was read as an amount or a day is not read again as a plain number.
  const read = covered(text, named);
  const rest = references.filter(({ start, end }) => !read.subarray(start, end).includes(1));
  return [...named, ...rest];
}

/** One flag per position of the text that one of these stretches covers. */
export function covered(
  text: string,
  stretches: readonly { readonly start: number; readonly end: number }[],
): Uint8Array {
  const places = new Uint8Array(text.length);
  for (const { start, end } of stretches) places.fill(1, start, end);
  return places;
}

/** Collects what a draft may state from tool results, passages and the actions that go with it. */
export function evidenceFrom(receipts: Receipts): Evidence {
  const today = epochDay(receipts.today);
  const { customerId, emailOnFile } = receipts.requester;
  const book = createBook(today, [customerId, emailOnFile]);
  for (const { result } of receipts.toolResults) book.take(result, "", null);
  for (const { minor, currency } of book.totals()) book.add(`amount:${minor}:${currency}`);
  const recorded = daysIn(book.known.keys);
  for (const planned of receipts.proposal?.actions ?? []) takeAction(planned, book);
  const acted = daysIn(book.known.keys).filter((day) => !recorded.includes(day));
  for (const { title, text, url } of receipts.passages) book.read(`${title}\n\n${text}\n\n${url}`);
  const { keys } = book.known;
  const deadlines = [
    ...deadlineDays("calendar", [...recorded, ...acted, ...book.running], keys),
    ...deadlineDays("working", [...book.running], keys),
  ];
  for (const day of deadlines) book.add(`day:${day}`);
  for (const { text, at } of (receipts.said ?? []).slice(-SAID_MAX)) book.read(text, epochDay(at));
  for (const key of refundKeys(receipts)) book.add(key);
  const mails = receipts.passages.flatMap(({ text }) =>
    contactsIn(text.slice(0, READ_MAX)).flatMap(({ kind, key }) => (kind === "mail" ? [key] : [])),
  );
  return {
    ...book.known,
    contacts: new Set([...book.known.contacts, ...mails]),
    ownContacts: new Set([...book.known.ownContacts, mailKey(emailOnFile ?? "")]),
    answered: new Set(deadlineDays("working", [today], keys).flatMap(namesOfDay)),
    fromToday: new Set(deadlineDays("calendar", [today], keys).flatMap(namesOfDay)),
    elapsed: new Set(elapsedKeys([...recorded, ...deadlines], today)),
  };
}

function takeAction(
  { action, facts }: PlannedAction,
  { take }: Pick<ReturnType<typeof createBook>, "take">,
): void {
  for (const [name, value] of statedArguments(action)) take(value, name, null);
  if (!LETTERS.includes(action.operation)) for (const fact of facts) take(fact, "", null);
}

/** What an action states by itself: none for a letter, without what repeats the customer, and without what an order cost. */
export function statedArguments({
  operation,
  arguments: given,
}: PlannedAction["action"]): readonly (readonly [name: string, value: unknown])[] {
  const { money } = given;
  const moved = isRecord(money) ? { ...given, money: { amount: money["amount"] } } : given;
  return LETTERS.includes(operation)
    ? []
    : Object.entries(moved).filter(([name]) => !TOLD.has(name));
}

/** Answers further back are no longer repeated. */
const SAID_MAX = 20;

/** What follows from the refunds of the proposal: their sum, and each one's share of the price. */
function refundKeys({ proposal }: Receipts): readonly string[] {
  const refunds = (proposal?.actions ?? []).flatMap(({ action, facts }) => {
    const { success, data } = RefundArguments.safeParse(action.arguments);
    return success ? [{ ...data.amount, paid: facts[0]?.paid.minor ?? 0 }] : [];
  });
  const shares = refunds
    .filter(({ paid }) => paid > 0)
    .map(({ minor, paid }) => `percent:${Math.round((minor * 100) / paid)}`);
  return [
    ...shares,
    ...addedUp(refunds).map(({ minor, currency }) => `amount:${minor}:${currency}`),
  ];
}

/**
 * What the customer's own texts of this conversation state: a reply may use it as theirs. A number that is no day, order
 * or count may be an amount in any currency: "I have 75 on a gift card".
 */
export function keysAsked({ asked, askedBefore = [], today }: Receipts): ReadonlySet<string> {
  const book = createBook(epochDay(today));
  for (const whole of [asked, ...askedBefore]) {
    book.read(whole);
    for (const key of barelyNamed(whole.slice(0, READ_MAX), today)) book.add(key);
  }
  return book.known.keys;
}

/** The days that a text names by their number alone, in this month and the next: "on the 22nd". */
export function daysOfMonth(text: string, today: Date): readonly number[] {
  return allMatches(text.slice(0, READ_MAX), DAY_OF_MONTH).flatMap(({ groups }) =>
    nextOfMonth(Number(groups?.["day"]), today),
  );
}

/** All readings of the days a text names, also by their number alone, and its bare numbers as amounts. */
function barelyNamed(text: string, today: Date): readonly string[] {
  const facts = factsIn(text, epochDay(today));
  const read = covered(text, facts);
  return [
    ...facts.filter(({ kind }) => kind === "date").flatMap(({ keys }) => keys),
    ...daysOfMonth(text, today).map((day) => `day:${day}`),
    ...allMatches(text, BARE_NUMBER)
      .filter(({ 1: next = "", index }) => read[index] !== 1 && !THINGS.test(next))
      .map(([digits]) => amountKey(Number.parseInt(digits, 10), WITHOUT_CURRENCY)),
  ];
}

/** "It should come on the 24th". */
const DAY_OF_MONTH = /\b(?:the|am|den) (?<day>\d{1,2})(?:st|nd|rd|th|\.(?! \p{L}))/giu;
/** "12 lamps" are counted, and "17 Larkspur Lane" is a place. */
const THINGS = /^\p{Lu}|^(?!bucks$).*s$/u;
/** A few of something have its name behind them: "a bookmark for 6, by post". */
const BARE_NUMBER =
  /(?<![\p{L}\p{N}_.,:/#-])(?:\d{2,5}|\d(?! \p{L}{4}))(?![\p{L}\p{N}_:/-]|[.,]\d)(?: (\p{L}+))?/gu;

/** What a source states: "Monday to Friday" names no date, and only a record may leave a currency out. */
function stated({ keys }: Fact): readonly string[] {
  const [first = ""] = keys;
  const readings = first.startsWith("weekday:") ? [first] : keys;
  return readings.filter((key) => !key.endsWith(`:${WITHOUT_CURRENCY}`));
}

/** What a timestamp has behind the minutes, which nobody tells. */
const SECONDS = /(?<=T\d\d:\d\d):\d\d(?:\.\d{1,9})?/g;

function createBook(today: number, requester: readonly unknown[] = []) {
  const keys = new Set<string>();
  const links = new Set<string>();
  const contacts = new Set<string>();
  const ownContacts = new Set<string>();
  const orders = createOrderFacts();
  const seen = new Set<string>();
  const running = new Set<number>();

  function add(key: string): void {
    if (keys.has(key)) return;
    for (const name of [key, ...otherNames(key)]) keys.add(name);
  }

  /** Text beyond the bound is no evidence, so a reply that relies on it waits for a person. */
  function read(whole: string, day = today): void {
    // Records repeat amounts and states, and reading the same text again adds nothing.
    if (seen.has(whole)) return;
    seen.add(whole);
    const text = whole.slice(0, READ_MAX).replaceAll(SECONDS, "");
    for (const fact of factsIn(text, day)) for (const key of stated(fact)) add(key);
    for (const key of contactKeysIn(text)) if (!key.startsWith("mail:")) contacts.add(key);
    // In data and markup a link also ends at a quotation mark.
    const unquoted = text.replaceAll(/["'<>]/g, " ");
    for (const source of unquoted === text ? [text] : [text, unquoted])
      for (const { url } of linksIn(source)) if (url !== null) links.add(linkKey(url));
    if (/^#?[\w-]{1,40}$/.test(text)) keys.add(`id:${text.toLowerCase().replace("#", "")}`);
  }

  /** Walks a record; `orderId` is the order it is about, once one of its fields has said so. */
  function take(value: unknown, name: string, orderId: string | null): void {
    const money = moneyOrNull(value);
    if (money !== null) {
      add(`amount:${money.minor}:${money.currency}`);
      return;
    }
    if (typeof value === "string") {
      read(value);
      if (RUNS_FROM.test(name)) for (const day of namedDays(value, today)) running.add(day);
      orders.noteText(value, name, orderId);
    } else if (typeof value === "number") takeNumber(value, name, null);
    else if (Array.isArray(value)) for (const item of value) take(item, name, orderId);
    else if (value !== null && typeof value === "object") takeRecord(value, name, orderId);
  }

  function takeNumber(value: number, name: string, currency: string | null, isMoney = false) {
    keys.add(`id:${value}`);
    if (isMoney || AMOUNT_FIELD.test(name)) add(recordedAmount(value, name, currency));
    if (/percent/i.test(name)) keys.add(`percent:${value}`);
    const unit = /(day|hour|week|month|minute)s?$/i.exec(name)?.[1];
    if (unit !== undefined) read(`${value} ${unit}s`);
  }

  function takeRecord(value: object, name: string, outer: string | null): void {
    const entries = new Map<string, unknown>(Object.entries(value));
    const orderId = orderIdInRecord(entries) ?? outer;
    if (orderId !== null) orders.noteRecord(entries, name, orderId);
    const own = [...entries.values()].filter((item) => typeof item === "string");
    if (own.some((item) => requester.includes(item)))
      for (const key of own.flatMap(contactKeysIn)) ownContacts.add(key);
    const currency = currencyIn(entries);
    for (const [key, item] of entries) {
      const number = numberIn(item);
      if (number !== null) takeNumber(number, key, currency, isDecimal(item) && currency !== null);
      if (typeof item !== "number") take(item, key, orderId);
    }
  }

  return {
    known: { ...orders.known, keys, links, contacts, ownContacts },
    totals: orders.totals,
    running,
    add,
    read,
    take,
  };
}

/** An amount also matches rounded and without a currency, a range by its longer end, a day under each of its keys. */
function otherNames(key: string): readonly string[] {
  if (key.startsWith("amount:"))
    return [rounded(key), inAnyCurrency(key), inAnyCurrency(rounded(key))];
  if (key.startsWith("duration:")) return [longerEnd(key)];
  return key.startsWith("day:") ? namesOfDay(Number(key.slice(4))) : [];
}

function rounded(key: string): string {
  return key.replace(/(?<!\d)\d{1,15}\.\d+/, (minor) => String(Math.round(Number(minor))));
}

function inAnyCurrency(key: string): string {
  const [, minor, currency = ""] = key.split(":");
  return amountKey(Number(minor) / 10 ** currencyDigits(currency), "?");
}

/** The key of a number in a field such as `total`; `total_cents` counts in minor units. */
function recordedAmount(value: number, name: string, named: string | null): string {
  const currency = named ?? WITHOUT_CURRENCY;
  return MINOR_FIELD.test(name) ? `amount:${value}:${currency}` : amountKey(value, currency);
}

/** A number, also as text with a point, as databases and shops write decimals; null for anything else. */
function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,9}\.\d{1,4}$/.test(value) ? Number(value) : null;
}

/** Fields with a day from which shops count working days: refunded, due, shipped. */
const RUNS_FROM = /refund|due|expect|ship|sent|dispatch/i;

function namedDays(value: string, today: number): readonly number[] {
  return daysIn(new Set(datesIn(value, today).flatMap(({ keys }) => keys)));
}

/** What is worked out when it is first asked for, and kept. */
export function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | null = null;
  return () => (made ??= make());
}

/** States, items, payments and refunds of orders, as records give them. */
import { z } from "zod";
import { addedUp, currencyDigits, Money } from "#core/values/money.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { RECORD_ID } from "#core/contracts/tool.ts";
import { epochDay, namesOfDay } from "./dates.ts";
import { amountsIn, type Fact } from "./facts.ts";
import { isSmallWord } from "#guard/languages/detect.ts";
import { spelled } from "#text/spelling.ts";
import { AMOUNT_FIELD, CURRENCY_FIELD, MINOR_FIELD } from "#text/field-names.ts";

interface PastRefund {
  readonly orderId: string;
  /** Null when the record only says that it happened. */
  readonly minor: number | null;
}

/** What records say about orders. */
export interface OrderFacts {
  readonly pastRefunds: readonly PastRefund[];
  /** States such as `delivered`, with the orders whose record says so; "" where it names no order. */
  readonly states: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whole states in words of their own, such as `paid` or `picked up`. */
  readonly stated: ReadonlySet<string>;
  /** The keys of the day that a field such as `delivered_on` gives, by order and state: "789 delivered". */
  readonly stateDays: ReadonlyMap<string, ReadonlySet<string>>;
  /** What was bought, by each word of its name, with the orders that contain it. */
  readonly items: ReadonlyMap<string, ReadonlySet<string>>;
  /** Numbers of the orders that the records are about. */
  readonly orderIds: ReadonlySet<string>;
  /** Minor units paid, by order. */
  readonly paid: ReadonlyMap<string, number>;
}

const DAY = /^\d{4}-\d{2}-\d{2}/;
const DAY_CHARACTERS = 10;
/** Fields with the day on which an order is to arrive. */
const DUE = /^(?:due|expected|estimated|eta)(?:_|$)/i;
/** A thing and what was done with it, before the end of a field with a day. */
const DEED = /^[a-z]+(?:_[a-z]+)*_[a-z]+ed(?=_(?:on|at|since)$)/;
const STATE =
  /\b(?:processing|shipped|dispatched|delivered|cancelled|canceled|returned|lost|refunded|fulfilled)\b/g;
/** Fields with what became of a thing, and the forms it is told in. */
const STATUS = /stat(?:us|e)$/i;
const DONE = /^(?!un|not )(?:[a-z ]{0,20}ed|paid|sent|[a-z ]{2,20} (?:up|off|out))$/i;
/** Maximum length of a state a shop writes, such as "processing in the warehouse". */
const STATE_CHARACTERS_MAX = 40;
/** Fields that name what was bought. */
const ITEM = /^(?:item|product|title|article|item_name|product_name)s?$/i;

/** Collects what records say about orders while the caller walks through them. */
export function createOrderFacts() {
  const states = new Map<string, Set<string>>();
  const stated = new Set<string>();
  const stateDays = new Map<string, Set<string>>();
  const items = new Map<string, Set<string>>();
  const orderIds = new Set<string>();
  const paid = new Map<string, number>();
  const pastRefunds: PastRefund[] = [];
  const columns: Columns = new Map();
  const known: OrderFacts = { states, stated, stateDays, items, orderIds, paid, pastRefunds };

  /**
   * A state is a field's whole value. The same word in a sentence, such as on a help page, says nothing about an order.
   */
  function noteState(value: string, name: string, orderId: string | null): void {
    if (value.length > STATE_CHARACTERS_MAX || /\b(?:not|never|un\w+)\b|n't/i.test(value)) return;
    // A day in `delivered_on` means the same as the word.
    const told = DAY.test(value) ? name.replaceAll("_", " ") : value;
    for (const word of told.toLowerCase().match(STATE) ?? []) {
      // "Fulfilled" is Shopify's word for sent.
      const state = word.replace("canceled", "cancelled").replace("fulfilled", "shipped");
      append(states, state, orderId ?? "");
      noteDay(value, inReplies(state), orderId);
    }
    if (DUE.test(name)) noteDay(value, "due", orderId);
    // A day in `return_started_on` shows what a tool of these words does.
    const deed = DAY.test(value)
      ? DEED.exec(name.toLowerCase())?.[0].replaceAll("_", " ")
      : undefined;
    if (deed === undefined || orderId === null) return;
    append(states, deed, orderId);
    noteDay(value, deed, orderId);
  }

  function noteDay(value: string, state: string, orderId: string | null): void {
    if (!DAY.test(value)) return;
    for (const key of namesOfDay(epochDay(new Date(value.slice(0, DAY_CHARACTERS)))))
      append(stateDays, `${orderId?.toLowerCase() ?? ""} ${state}`, key);
  }

  function noteRefunds(entries: ReadonlyMap<string, unknown>, name: string, orderId: string): void {
    const told = /refund/i.test(name) ? entries.get("amount") : entries.get("refunded");
    const minor = minorAmount(told, entries);
    if (minor !== null && minor > 0) pastRefunds.push({ orderId, minor });
    if (entries.get("status") === "refunded") pastRefunds.push({ orderId, minor: null });
  }

  return {
    known,
    /** What each field of amounts comes to over all orders: "together they are 57.50 USD". */
    totals: (): readonly Money[] =>
      [...columns.values()].flatMap((column) => addedUp([...column.values()])),
    /** One text of a record; `orderId` is the order the record is about. */
    noteText(value: string, name: string, orderId: string | null): void {
      noteState(value, name, orderId);
      if (STATUS.test(name) && DONE.test(value)) stated.add(value.toLowerCase());
      if (!ITEM.test(name) || orderId === null) return;
      for (const word of spelled(value).match(/[a-zA-Z]{3,}/g) ?? [])
        // "Salt and pepper mill" is not named by "and".
        if (!isSmallWord(word)) append(items, word, orderId);
    },
    /** One record; `name` is the field that contains it. */
    noteRecord(entries: ReadonlyMap<string, unknown>, name: string, orderId: string): void {
      orderIds.add(orderId.toLowerCase());
      noteRefunds(entries, name, orderId);
      if (/refund/i.test(name)) return;
      // A payment within an order is no further order.
      if (orderIdInRecord(entries) !== null) noteAmounts(entries, orderId, columns);
      const minor = minorAmount(entries.get("paid") ?? entries.get("amount"), entries);
      if (minor !== null) paid.set(orderId, Math.max(minor, paid.get(orderId) ?? 0));
    },
  };
}

/** By field, the amounts of each order. */
export type Columns = Map<string, Map<string, Money>>;

/** Notes the amounts of an order's record. */
export function noteAmounts(
  entries: ReadonlyMap<string, unknown>,
  orderId: string,
  columns: Columns,
): void {
  for (const [field, value] of entries) {
    const money = moneyIn(value);
    if (money !== null)
      columns.set(field, (columns.get(field) ?? new Map<string, Money>()).set(orderId, money));
  }
}

/** Replies are read as saying "shipped" for both. */
function inReplies(state: string): string {
  return state === "dispatched" ? "shipped" : state;
}

/** The order a record is about, or the name of any other record of a connected system; null where it has neither. */
export function orderIdInRecord(entries: ReadonlyMap<string, unknown>): string | null {
  const name = entries.get("order_id") ?? entries.get("orderId") ?? entries.get(RECORD_ID);
  return name === undefined ? null : (OrderName.safeParse(name).data ?? null);
}

/** Orders identified by what was bought: "the headphones". Two orders of the same item identify neither. */
export function ordersOfItems(text: string, { items }: OrderFacts): readonly string[] {
  const words = wordsOf(text);
  const ids = [...items].filter(([name]) => words.has(name)).map(([, own]) => own);
  return [...new Set(ids.flatMap((own) => (own.size === 1 ? [...own] : [])))];
}

/** Those of which every word that no other order has is there: "in this case" is no phone case. */
export function ordersOfWholeItems(text: string, known: OrderFacts): readonly string[] {
  const words = wordsOf(text);
  return ordersOfItems(text, known).filter((id) =>
    [...known.items].every(([name, own]) => own.size > 1 || !own.has(id) || words.has(name)),
  );
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(
    text
      .slice(0, 1_000)
      .toLowerCase()
      .match(/\p{L}+/gu),
  );
}

/** "order 789", "record H-1001". */
export function recordTitle(id: string, records: readonly object[]): string {
  return `${records.some((record) => RECORD_ID in record) ? "record" : "order"} ${id}`;
}

/** Results of look-ups are nested a few levels deep. */
const DEPTH_MAX = 6;

/** Every record that has a name, by it: in tool results, and in the facts that actions rely on. */
export function recordsByName({
  toolResults,
  proposal,
}: Pick<Receipts, "toolResults" | "proposal">): ReadonlyMap<string, readonly object[]> {
  const named = new Map<string, object[]>();
  const walk = (value: unknown, depth: number): void => {
    if (value === null || typeof value !== "object" || depth > DEPTH_MAX) return;
    const entries = new Map<string, unknown>(Object.entries(value));
    const name = Array.isArray(value) ? null : orderIdInRecord(entries);
    if (name === null) for (const item of entries.values()) walk(item, depth + 1);
    else if (entries.get("found") !== false) named.set(name, [...(named.get(name) ?? []), value]);
  };
  for (const { result } of toolResults) walk(result, 0);
  for (const fact of (proposal?.actions ?? []).flatMap(({ facts }) => facts)) walk(fact, 0);
  return named;
}

const OrderName = z
  .union([z.string(), z.int()])
  .transform((name) => String(name).replace(/^#/, ""));

function append(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value.toLowerCase()));
}

/** The amount a value is, or null. Nearly no value is one, and a schema takes long to say why not. */
export function moneyOrNull(value: unknown): Money | null {
  if (value === null || typeof value !== "object" || !("minor" in value)) return null;
  return Money.safeParse(value).data ?? null;
}

/** The amount of a field whose name says what it is; of a text the first, as in "22.00 USD on 3 May". */
function minorAmount(value: unknown, entries: ReadonlyMap<string, unknown>): number | null {
  if (typeof value === "number")
    return Math.round(value * 10 ** currencyDigits(currencyIn(entries) ?? ""));
  const money = typeof value === "string" ? moneyOf(amountsIn(value)[0]) : moneyOrNull(value);
  return money?.minor ?? null;
}

/** The currency that a record names. A schema takes long to say why there is none. */
export function currencyIn(entries: ReadonlyMap<string, unknown>): string | null {
  for (const [name, value] of entries)
    if (CURRENCY_FIELD.test(name)) return Currency.safeParse(value).data ?? null;
  return null;
}

const Currency = z
  .string()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/);

/** Money, or a text such as "22.00 USD" alone: a sentence has amounts of anything. */
function moneyIn(value: unknown): Money | null {
  if (typeof value !== "string") return moneyOrNull(value);
  const [fact, ...more] = amountsIn(value);
  const isWhole = more.length === 0 && fact?.end === value.trimEnd().length;
  return isWhole && value.slice(0, fact.start).trim() === "" ? moneyOf(fact) : null;
}

/** The money of an amount in a text; null for a part in a hundred. */
function moneyOf(fact: Fact | undefined): Money | null {
  const { minor, currency } =
    /^amount:(?<minor>\d+):(?<currency>[A-Z]{3}|\?)$/.exec(fact?.keys[0] ?? "")?.groups ?? {};
  return minor === undefined || currency === undefined ? null : { minor: Number(minor), currency };
}

/** The fields of a record, each amount whose currency stands in another field with it behind, as "120.00 USD". */
export function withCurrency(
  record: object,
): readonly (readonly [field: string, value: unknown])[] {
  const entries = Object.entries(record);
  const currency = currencyIn(new Map<string, unknown>(entries));
  if (currency === null) return entries;
  return entries.map(([field, value]: [string, unknown]) =>
    isDecimal(value) ||
    (typeof value === "number" && AMOUNT_FIELD.test(field) && !MINOR_FIELD.test(field))
      ? [field, `${value} ${currency}`]
      : [field, value],
  );
}

/** A decimal as money is written: beside a currency it is that, whatever its field is called. */
export function isDecimal(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,9}\.\d{2}$/.test(value);
}

/** The lines of a record that end with a number, by the word before it: a record may leave out the currency of an amount. */
export function bareNumbers(text: string): Readonly<Record<string, number>> {
  const lines = [
    ...text.matchAll(/(?<!\S)((?:\S+ (?=cents|minor))?\S+) (\d{1,9}(?:\.\d{1,4})?)$/gm),
  ];
  return Object.fromEntries(lines.map(([, name = "", number]) => [name, Number(number)]));
}

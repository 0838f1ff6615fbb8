/** Tells which orders and which amount a clause of a draft is about, and what waits for people. */
import type { Act } from "./acts.ts";
import { ENGLISH } from "./deed-grammar.ts";
import type { Evidence } from "#guard/output/evidence.ts";
import { type Fact, ordersIn } from "#guard/output/facts.ts";
import { ordersOfItems } from "#guard/output/order-facts.ts";
import type { Clause } from "#guard/output/sentences.ts";
import { z } from "zod";
import { ShownMatter, type ToldMatter, toldMatter } from "#core/cases/open-matter.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { allMatches } from "#text/normalize.ts";
import { pattern } from "#text/spelling.ts";

/** The orders a clause names (`own`), and those it means when it names none. */
export interface Orders {
  readonly own: readonly string[];
  readonly meant: readonly string[];
}

/** The orders the clause is about: those it names, else those its sentence names, else the last one named before. */
export function clauseOrders(clause: Clause, orders: readonly Fact[], known: Evidence): Orders {
  const { start, end, plain, sentence } = clause;
  const named = namedOrderIds(within(orders, start, end));
  const own = named.length > 0 ? named : ordersOfItems(plain, known);
  if (own.length > 0) return { own, meant: own };
  const around = within(orders, sentence.start, sentence.end);
  if (around.length > 0) {
    const ids = namedOrderIds(around);
    return { own, meant: ENGLISH.negation.test(sentence.plain) ? foundFirst(ids, known) : ids };
  }
  const items = ordersOfItems(sentence.plain, known);
  if (items.length > 0) return { own, meant: items };
  const before = orders[firstFrom(orders, sentence.start) - 1];
  return { own, meant: before === undefined ? [] : namedOrderIds([before]) };
}

/** "I can't find order 1020, but you have a cable, 1002: it was shipped": "it" is the one that was found. */
function foundFirst(ids: readonly string[], { items, states }: Evidence): readonly string[] {
  const onRecord = [...items.values(), ...states.values()];
  const found = ids.filter((id) => onRecord.some((orders) => orders.has(id)));
  return found.length > 0 ? found : ids;
}

/**
 * The orders a text names, in its order, with bare numbers that a record knows as one: "I've refunded 456 and 789".
 * Amounts and days do not count.
 */
export function namedOrders(text: string, plain: string, { orderIds }: Evidence): readonly Fact[] {
  const named = ordersIn(text, plain);
  const read = new Set(named.map(({ start }) => start));
  const bare = (orderIds.size === 0 ? [] : allMatches(plain, BARE_NUMBER))
    .filter(({ 0: number, index }) => orderIds.has(number) && !read.has(index))
    .map(({ 0: words, index }) => ({
      kind: "order" as const,
      keys: [`id:${words}`],
      words,
      start: index,
      end: index + words.length,
    }));
  return [...named, ...bare].toSorted((one, other) => one.start - other.start);
}

const BARE_NUMBER =
  /(?<![\w.,:/-])(?=[a-z-]*\d)\w[\w-]{2,30}\b(?![.,]\d|[:/-]\S| ?(?:usd|eur|gbp|%|[$€£]|days|dollars|euros?))/g;

function namedOrderIds(orders: readonly Fact[]): readonly string[] {
  return [...new Set(orders.flatMap(({ keys }) => keys.map((key) => key.slice("id:".length))))];
}

/**
 * The amounts the clause says were moved, in its order, else those its sentence names; prices do not count.
 */
export function movedAmounts(
  clause: Clause,
  { elliptic }: Act,
  { amounts, plain }: { readonly amounts: readonly Fact[]; readonly plain: string },
): readonly string[] {
  const { start, end, sentence } = clause;
  const own = within(amounts, start, end);
  const around = elliptic || own.length > 0 ? [] : within(amounts, sentence.start, sentence.end);
  const moved = [...own, ...around].filter((fact) => !isPrice(fact, plain));
  return moved.flatMap(({ keys }) => keys.find((key) => key.startsWith("amount:")) ?? []);
}

/** Whether an amount is told as paid or asked for: "you paid 20.00", "a total of 20.00". */
function isPrice({ start, end }: Pick<Fact, "start" | "end">, plain: string): boolean {
  const { priceBefore, priceAfter } = ENGLISH.details;
  return (
    priceBefore.test(plain.slice(Math.max(0, start - PRICE_CHARACTERS), start)) ||
    priceAfter.test(plain.slice(end, end + PRICE_CHARACTERS))
  );
}

const PRICE_CHARACTERS = 20;

/** An amount without a currency matches any currency. */
export function sameAmount(said: string, done: string): boolean {
  const [, minor, currency = ""] = said.split(":");
  const [, doneMinor, doneCurrency] = done.split(":");
  return minor === doneMinor && ["?", doneCurrency].includes(currency);
}

/** More facts than one sentence ever holds; the rest is skipped, so that long texts stay fast. */
const FACTS_SHOWN_MAX = 40;

/** Facts are in text order, so a binary search finds where a stretch begins. */
export function within(facts: readonly Fact[], start: number, end: number): readonly Fact[] {
  const first = firstFrom(facts, start);
  return facts.slice(first, first + FACTS_SHOWN_MAX).filter((fact) => fact.start < end);
}

function firstFrom(facts: readonly Fact[], start: number): number {
  let low = 0;
  let high = facts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((facts[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

// What a draft may say of changes that wait for people: records of ours tell them beside the order.

/** One open matter, with the order whose look-up told it. */
type OpenRecord = ToldMatter & { readonly orderId: string };

const Shown = z.looseObject({ order_id: z.string(), open_with_us: z.array(z.unknown()) });
const Look = z.union([
  z.looseObject({ order: Shown }).transform(({ order }) => [order]),
  z
    .looseObject({ orders: z.array(z.unknown()) })
    .transform(({ orders }) => orders.flatMap((each) => Shown.safeParse(each).data ?? [])),
]);

/** The open matters that the look-ups of a turn gave. */
export function openRecords(toolResults: Receipts["toolResults"]): readonly OpenRecord[] {
  return toolResults
    .flatMap(({ result }) => Look.safeParse(result).data ?? [])
    .flatMap(({ order_id, open_with_us }) =>
      open_with_us
        // A recording of an older version holds lines, which tell nothing here.
        .flatMap((shown) => ShownMatter.safeParse(shown).data ?? [])
        .map((shown) => ({ ...toldMatter(shown), orderId: order_id.toLowerCase() })),
    );
}

/** Says that something is not decided: it waits, and for people. "Is waiting for you in your account" is not that. */
const WAITS = pattern(
  String.raw`(?:wait(?:s|ing)?|pending|await(?:s|ing)?)\b.{0,30}\b(?:teammate|colleague|team|person|approv\w+|decision|decide[sd]?|review\w*)|with (?:an?|our|one of our) (?:teammate|colleague|team)|(?:approval|decision|review|confirmation) is (?:still )?(?:pending|open|missing)`,
);

/** Whether a clause says no more than that something waits for people. */
export function saysThatItWaits({ plain }: Clause): boolean {
  return WAITS.test(plain);
}

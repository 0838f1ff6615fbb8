/** Finds evidence for claims: an action of the same proposal, or a record. */
import { z } from "zod";
import { RefundArguments } from "#core/values/action.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import type { ClassPatterns } from "#guard/languages/acts/grammar.ts";
import type { ActClass } from "#guard/languages/acts/act-words.ts";
import { grammarsFor } from "#guard/languages/select.ts";
import { ACT_CLASSES } from "#guard/languages/acts/act-classes.ts";
import type { Act } from "./acts.ts";
import { datesIn, dayOf } from "./dates.ts";
import { amountsIn, type Fact, ordersIn } from "./facts.ts";
import { LETTERS, type Evidence } from "./evidence.ts";
import { once } from "./once.ts";
import { type Clause, sentencePieces } from "./sentences.ts";
import { READ_MAX } from "#text/normalize.ts";
import { spelled } from "#guard/languages/spelling.ts";

type PlannedActions = NonNullable<Receipts["proposal"]>["actions"];
type Planned = PlannedActions[number];

/** The evidence a claim may rest on. */
export interface ClaimEvidence {
  readonly known: Evidence;
  /** The actions that change something; letters do not. */
  readonly actions: PlannedActions;
  readonly isHandedOver: boolean;
  /** The orders a clause names (`own`), and those it means when it names none. */
  readonly ordersOf: (clause: Clause) => Orders;
  /** Whether a stretch of the text contains an amount or a day. */
  readonly hasFacts: (stretch: { readonly start: number; readonly end: number }) => boolean;
  /** The amounts of the whole text, in order. */
  readonly amounts: readonly Fact[];
  /** The whole text in the spelling of the patterns. */
  readonly plain: string;
  /** Acts that a help page tells as a rule of the shop, and what it grants everybody. */
  readonly rules: () => ReadonlyMap<"present" | "granted", ReadonlySet<ActClass>>;
  /** All read tool results as text, for word searches. */
  readonly records: () => string;
}

interface Orders {
  readonly own: readonly string[];
  readonly meant: readonly string[];
}

const OrderOfAction = z.looseObject({ orderId: z.string() });
const AddressOfAction = z.looseObject({ address: z.string() });

/** Collects the evidence for the claims of a text; each text is searched for orders and amounts once. */
export function evidenceOfClaims(text: string, receipts: Receipts, known: Evidence): ClaimEvidence {
  const actions = receipts.proposal?.actions ?? [];
  const plain = spelled(text);
  const orders = ordersIn(text, plain);
  const amounts = amountsIn(text, plain);
  const days = datesIn(text, dayOf(receipts.today), plain).toSorted((a, b) => a.start - b.start);
  return {
    known,
    actions: actions.filter(({ action }) => !LETTERS.includes(action.operation)),
    isHandedOver: receipts.escalates || actions.some(handsOver),
    ordersOf: (clause) => ordersOf(clause, orders, known),
    hasFacts: ({ start, end }) =>
      [days, amounts].some((facts) => within(facts, start, end).length > 0),
    amounts,
    plain,
    rules: once(() => rulesIn(receipts.passages)),
    records: () => JSON.stringify(receipts.toolResults.map(({ result }) => result)).toLowerCase(),
  };
}

function handsOver({ action }: Planned): boolean {
  return ["create_ticket", "assign"].includes(action.operation);
}

/** The classes of acts that pages tell, whoever does them and under whatever conditions. */
function rulesIn(
  passages: Receipts["passages"],
): ReadonlyMap<"present" | "granted", ReadonlySet<ActClass>> {
  const told = new Set<ActClass>();
  const granted = new Set<ActClass>();
  for (const { text } of passages)
    for (const { text: sentence, plain } of sentencePieces(text.slice(0, READ_MAX)))
      for (const { classes } of grammarsFor(sentence))
        for (const one of classes) {
          if (!told.has(one.name) && tells(one, plain)) told.add(one.name);
          if (!granted.has(one.name) && one.granted?.test(plain) === true) granted.add(one.name);
        }
  return new Map([
    ["present", told],
    ["granted", granted],
  ]);
}

function tells({ own, shared, nouns, rule }: ClassPatterns, plain: string): boolean {
  if (rule?.test(plain) === true) return true;
  const ways = nouns?.test(plain) === true ? [...own, ...shared] : own;
  return ways.some(({ pattern }) => pattern.test(plain));
}

/** Why an act has no evidence, or null when an action of the proposal, a record or a page supports it. */
export function unbackedAct(clause: Clause, said: Act, backing: ClaimEvidence): string | null {
  const { own, meant } = backing.ordersOf(clause);
  const amount = amountOf(clause, said, backing);
  if (saysNothing(said, own, amount)) return null;
  if (own.length === 0 && amount === null && isRule(clause, said, backing)) return null;
  const { operation } = ACT_CLASSES[said.name];
  const candidates = backing.actions.filter(({ action }) => operation.test(action.operation));
  const named = own.length > 0 ? own.map((order) => [order]) : [meant];
  const sum = own.length === 1 ? null : sumOf(candidates);
  const isBacked = named.every(
    (orders) =>
      candidates.some((planned) => fits(planned, { orders, amount, sum, clause })) ||
      wasDoneBefore(clause, said, { orders, amount }, backing),
  );
  const isEnough = candidates.length > 1 || own.length > 1 || !saysSeveral(clause);
  return isBacked && isEnough && !goesElsewhere(clause, said, backing)
    ? null
    : reasonFor(said, candidates.length > 0);
}

/** "We send you a copy", without order and amount, is a rule of the shop where a page tells one of this class. */
function isRule(
  { plain, sentence }: Clause,
  { name, form }: Act,
  { rules }: ClaimEvidence,
): boolean {
  if (form !== "present" && form !== "granted") return false;
  return !sentence.grammar.details.anew.test(plain) && rules().get(form)?.has(name) === true;
}

/** "Refunded: 0.00 USD", or a part without a verb that adds nothing of its own. */
function saysNothing(said: Act, own: readonly string[], amount: string | null): boolean {
  if (amount === null) return said.elliptic && own.length === 0;
  return amount.startsWith("amount:0:");
}

function saysSeveral({ plain, sentence }: Clause): boolean {
  return sentence.grammar.details.several.test(plain);
}

function reasonFor({ name, form }: Act, isThere: boolean): string {
  const { called } = ACT_CLASSES[name];
  if (isThere)
    return `says something else about ${called} than the action of this reply: use its order and amount`;
  return form === "done" || form === "underway"
    ? `says that there is ${called}, and no action of this reply does it: propose it first or leave it out`
    : `promises ${called}, and no action of this reply does it: propose it first or leave it out`;
}

/** The total of several actions, when all are of one currency. */
function sumOf(candidates: PlannedActions): string | null {
  const amounts = candidates.map(({ action }) => RefundArguments.safeParse(action.arguments));
  const [first] = amounts;
  if (first?.success !== true || amounts.length < 2) return null;
  const { currency } = first.data.amount;
  const isOne = amounts.every(({ data }) => data?.amount.currency === currency);
  const minor = amounts.reduce((total, { data }) => total + (data?.amount.minor ?? 0), 0);
  return isOne ? `amount:${minor}:${currency}` : null;
}

interface Details {
  readonly orders: readonly string[];
  readonly amount: string | null;
  readonly sum: string | null;
  readonly clause: Clause;
}

function fits({ action, facts }: Planned, { orders, amount, sum, clause }: Details): boolean {
  const order = OrderOfAction.safeParse(action.arguments);
  if (order.success && orders.length > 0 && !orders.includes(order.data.orderId.toLowerCase()))
    return false;
  const address = AddressOfAction.safeParse(action.arguments);
  if (address.success && !sameAddress(clause, address.data.address)) return false;
  const refund = RefundArguments.safeParse(action.arguments);
  if (!refund.success) return true;
  const { minor, currency } = refund.data.amount;
  if (amount !== null && !sameAmount(amount, `amount:${minor}:${currency}`))
    if (sum === null || !sameAmount(amount, sum)) return false;
  return sharesFit(clause, minor, facts);
}

/** "In full" and "half" are amounts too. */
function sharesFit({ plain, sentence }: Clause, minor: number, facts: Planned["facts"]): boolean {
  const { inFull, half } = sentence.grammar.details;
  if (half.test(plain)) return facts.every(({ paid }) => Math.abs(minor * 2 - paid.minor) <= 1);
  return (
    !inFull.test(plain) || facts.every(({ paid, refunded }) => minor >= paid.minor - refunded.minor)
  );
}

/** An amount without a currency matches any currency. */
function sameAmount(said: string, done: string): boolean {
  const [, minor, currency = ""] = said.split(":");
  const [, doneMinor, doneCurrency] = done.split(":");
  return minor === doneMinor && ["?", doneCurrency].includes(currency);
}

/** Capitals and digits after "to" have to be part of the address that is set. */
function sameAddress({ sentence, start, text }: Clause, address: string): boolean {
  const { toPlace } = sentence.grammar.details;
  const said = toPlace.exec(text);
  if (said === null) return true;
  const from = start - sentence.start + said.index + said[0].length;
  const place = sentence.text.slice(from, from + 200).replace(/[.!?](?:\s.*)?$/s, "");
  const parts = new Set(partsOf(address));
  return (place.match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((word) => /^[\d\p{Lu}]/u.test(word))
    .every((word) => parts.has(word.toLowerCase()));
}

function partsOf(address: string): readonly string[] {
  return address.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Money goes back where it came from: a record has to name any other place. */
function goesElsewhere(
  { plain, sentence }: Clause,
  { name }: Act,
  { records }: ClaimEvidence,
): boolean {
  const place = sentence.grammar.details.otherPlaces.exec(plain)?.[0];
  return name === "refund" && place !== undefined && !records().includes(place.toLowerCase());
}

function wasDoneBefore(
  clause: Clause,
  { name, form }: Act,
  { orders, amount }: Pick<Details, "orders" | "amount">,
  { known }: ClaimEvidence,
): boolean {
  const { anew, inFull } = clause.sentence.grammar.details;
  if (form !== "done" || anew.test(clause.plain)) return false;
  const { state } = ACT_CLASSES[name];
  const holders = state === undefined ? undefined : known.states.get(state);
  if (holders !== undefined)
    return orders.length === 0 || orders.some((id) => holders.has(id)) || holders.has("");
  if (name !== "refund") return false;
  const past = known.pastRefunds.filter(
    ({ orderId }) => orders.length === 0 || orders.includes(orderId.toLowerCase()),
  );
  if (inFull.test(clause.plain))
    return past.some(
      ({ orderId, minor }) => minor === null || minor >= (known.paid.get(orderId) ?? Infinity),
    );
  const minor = amount?.split(":")[1];
  return past.some(
    (one) => minor === undefined || one.minor === null || String(one.minor) === minor,
  );
}

/** The orders the clause is about: those it names, else those its sentence names, else the last one named before. */
function ordersOf(clause: Clause, orders: readonly Fact[], known: Evidence): Orders {
  const { start, end, plain, sentence } = clause;
  const named = [...new Set([...idsOf(within(orders, start, end)), ...knownIdsIn(plain, known)])];
  const own = named.length > 0 ? named : itemsIn(plain, known);
  if (own.length > 0) return { own, meant: own };
  const around = within(orders, sentence.start, sentence.end);
  if (around.length > 0) return { own, meant: idsOf(around) };
  const items = itemsIn(sentence.plain, known);
  if (items.length > 0) return { own, meant: items };
  const before = orders[firstFrom(orders, sentence.start) - 1];
  return { own, meant: before === undefined ? [] : idsOf([before]) };
}

/** Bare numbers that a record knows as an order: "I've refunded 456 and 789". Amounts and days do not count. */
function knownIdsIn(plain: string, { orderIds }: Evidence): readonly string[] {
  if (orderIds.size === 0) return [];
  const numbers = plain.slice(0, CHARACTERS_MAX).match(BARE_NUMBER) ?? [];
  return numbers.filter((number) => orderIds.has(number));
}

const BARE_NUMBER =
  /(?<![\w.,:/-])\d[\w-]{2,30}\b(?![.,]\d|[:/-]| ?(?:usd|eur|gbp|%|[$€£]|days|dollars|euros?))/g;

function idsOf(orders: readonly Fact[]): readonly string[] {
  return [...new Set(orders.flatMap(({ keys }) => keys.map((key) => key.slice("id:".length))))];
}

/** No more of a clause is searched for what was bought. */
const CHARACTERS_MAX = 1_000;

/** Orders identified by what was bought: "the headphones". Two orders of the same item identify neither. */
function itemsIn(text: string, { items }: Evidence): readonly string[] {
  const words = new Set(
    text
      .slice(0, 1_000)
      .toLowerCase()
      .match(/\p{L}+/gu),
  );
  const ids = [...items].filter(([name]) => words.has(name)).map(([, own]) => own);
  return [...new Set(ids.flatMap((own) => (own.size === 1 ? [...own] : [])))];
}

/** The amount the clause says was moved, else one its sentence names; prices do not count. */
function amountOf(
  clause: Clause,
  { elliptic }: Act,
  { amounts, plain }: ClaimEvidence,
): string | null {
  const { start, end, sentence } = clause;
  const own = within(amounts, start, end);
  const around = elliptic || own.length > 0 ? [] : within(amounts, sentence.start, sentence.end);
  const { priceBefore, priceAfter } = sentence.grammar.details;
  const moved = [...own, ...around].filter(
    (fact) =>
      !priceBefore.test(plain.slice(Math.max(0, fact.start - 20), fact.start)) &&
      !priceAfter.test(plain.slice(fact.end, fact.end + 20)),
  );
  return moved.flatMap(({ keys }) => keys).find((key) => key.startsWith("amount:")) ?? null;
}

/** More facts than one sentence ever holds; the rest is skipped, so that long texts stay fast. */
const FACTS_SHOWN_MAX = 40;

/** Facts are in text order, so a binary search finds where a stretch begins. */
function within(facts: readonly Fact[], start: number, end: number): readonly Fact[] {
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

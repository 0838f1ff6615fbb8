/** Finds evidence for claims: an action of the same proposal, an earlier answer, a record, or a rule of a page. */
import { type ToldAction, toldAction } from "#core/values/action.ts";
import { addedUp, type Money } from "#core/values/money.ts";
import { NO_RECEIPTS, type Receipts } from "#core/contracts/guard.ts";
import { type Act, actsTold, type ToldAct } from "./acts.ts";
import { ACT_CLASSES, type DeedBacking, type DeedClass, ENGLISH } from "./deed-grammar.ts";
import {
  movedAmounts,
  type Orders,
  clauseOrders,
  namedOrders,
  sameAmount,
  saysThatItWaits,
  within,
  openRecords,
} from "./clause-facts.ts";
import { datesIn, epochDay } from "#guard/output/dates.ts";
import { amountsIn, type Fact } from "#guard/output/facts.ts";
import {
  covered,
  LETTERS,
  type Evidence,
  evidenceFrom,
  factsIn,
  once,
} from "#guard/output/evidence.ts";
import { countsIn } from "#text/numbers.ts";
import { pageTeller } from "#guard/output/passage-quotes.ts";
import type { Clause } from "#guard/output/sentences.ts";
import { READ_MAX } from "#text/normalize.ts";
import { spelled } from "#text/spelling.ts";

type PlannedActions = NonNullable<Receipts["proposal"]>["actions"];
type Planned = PlannedActions[number];

/** The evidence a claim may rest on. */
export interface ClaimEvidence {
  readonly known: Evidence;
  /** Counted since 1970-01-01. */
  readonly today: number;
  /** The actions that change something; letters do not. */
  readonly actions: PlannedActions;
  readonly isHandedOver: boolean;
  /** The changes that wait for people, as look-ups told them. */
  readonly waiting: readonly (Deed & { readonly operation: string })[];
  /** The orders a clause names (`own`), and those it means when it names none. */
  readonly ordersOf: (clause: Clause) => Orders;
  /** The keys of the days in a stretch of the text; a time of day is none. */
  readonly daysIn: (stretch: { readonly start: number; readonly end: number }) => readonly string[];
  /** The amounts of the whole text, in order. */
  readonly amounts: readonly Fact[];
  /** The whole text in the spelling of the patterns. */
  readonly plain: string;
  /** Whether a sentence of a page has most of these words. */
  readonly isPages: () => (words: string) => boolean;
  /** What makes an act of this name true. */
  readonly backingOf: (name: string) => DeedBacking;
  /** What earlier answers of this conversation told as done. */
  readonly told: () => readonly ToldAct[];
  /** Whether a page says this, in lower case. "That" and "this" are read as "it". */
  readonly pagesSay: (words: string) => boolean;
  /** All read tool results as text, for word searches. */
  readonly records: () => string;
}

/** Collects the evidence for the claims of a text; each text is searched for orders and amounts once. */
export function evidenceOfClaims(
  text: string,
  receipts: Receipts,
  known: Evidence,
  deeds: readonly DeedClass[],
): ClaimEvidence {
  const actions = receipts.proposal?.actions ?? [];
  const plain = spelled(text);
  const orders = namedOrders(text, plain, known);
  const amounts = amountsIn(text, plain);
  const open = openRecords(receipts.toolResults);
  const days = datesIn(text, epochDay(receipts.today), plain).toSorted((a, b) => a.start - b.start);
  return {
    known,
    today: epochDay(receipts.today),
    actions: actions.filter(({ action }) => !LETTERS.includes(action.operation)),
    isHandedOver:
      receipts.escalates ||
      actions.some(({ action }) => ["create_ticket", "assign"].includes(action.operation)) ||
      open.some(({ isWithPeople }) => isWithPeople),
    waiting: open.flatMap(({ proposed, orderId }) =>
      proposed === null
        ? []
        : [
            {
              operation: proposed.operation,
              orders: [orderId],
              amounts: proposed.amount === null ? [] : [amountKey(proposed.amount)],
            },
          ],
    ),
    ordersOf: (clause) => clauseOrders(clause, orders, known),
    daysIn: ({ start, end }) =>
      within(days, start, end)
        .flatMap(({ keys }) => keys)
        .filter((key) => !key.startsWith("time:")),
    amounts,
    plain,
    told: once(() => actsTold(receipts.said, deeds)),
    isPages: once(() => pageTeller(receipts.passages)),
    backingOf: (name) => deeds.find((one) => one.name === name)?.backing ?? NOTHING_BACKS,
    pagesSay: (words) => {
      const sought = plainlyReferring(words);
      return (
        sought.includes(" ") &&
        receipts.passages.some(({ text: page }) =>
          plainlyReferring(spelled(page.slice(0, READ_MAX))).includes(sought),
        )
      );
    },
    records: () => JSON.stringify(receipts.toolResults.map(({ result }) => result)).toLowerCase(),
  };
}

/** For an act that no class has. */
const NOTHING_BACKS: DeedBacking = { called: "this", operation: /(?!)/ };

function plainlyReferring(plain: string): string {
  return plain.replaceAll(/\b(?:this|that|them)\b/g, "it");
}

function amountKey({ minor, currency }: Money): string {
  return `amount:${minor}:${currency}`;
}

/** What a deed, or a clause about one, is about: none of either means that it does not say. */
interface Deed {
  readonly orders: readonly string[];
  readonly amounts: readonly string[];
}

/** What a clause says of its deed. */
interface Details {
  readonly orders: readonly string[];
  readonly amount: string | null;
}

/** Why an act has no evidence, or null when an action of the proposal, a record or a page supports one reading of it. */
export function unbackedAct(clause: Clause, said: Act, backing: ClaimEvidence): string | null {
  const { own, meant } = backing.ordersOf(clause);
  const amounts = movedAmounts(clause, said, backing);
  const [amount = null] = amounts;
  if (saysNothing(said, own, amount, backing)) return null;
  if (own.length === 0 && amount === null && isRule(clause, said, backing)) return null;
  const named = own.length > 0 ? own.map((order) => [order]) : [meant];
  // "60.00 for order 789 and 25.00 for order 123": each order with its own.
  const isOfEach = own.length > 1 && amounts.length === own.length;
  const readings = said.names.map((name) => {
    const deed = backing.backingOf(name);
    const candidates = backing.actions.filter(
      (planned) =>
        deed.operation.test(planned.action.operation) ||
        (name === "refund" && bringsMoneyBack(planned, amounts, isOfEach)),
    );
    return { name, deed, candidates };
  });
  const isBacked = readings.some(({ name, deed, candidates }) => {
    const sums = own.length === 1 || isOfEach ? [] : refundSums(candidates);
    const isOfAll = named.every((orders, at) => {
      const details = { orders, amount: isOfEach ? (amounts[at] ?? null) : amount };
      return (
        candidates.some((planned) => fits(planned, details, { sums, clause, backing })) ||
        wasDoneBefore(clause, { name, form: said.form }, details, backing) ||
        (said.form === "underway" &&
          saysThatItWaits(clause) &&
          backing.waiting.some((one) => deed.operation.test(one.operation) && agrees(one, details)))
      );
    });
    const isEnough =
      candidates.length > 1 || own.length > 1 || !ENGLISH.details.several.test(clause.plain);
    return isOfAll && isEnough && !(name === "refund" && goesElsewhere(clause, backing));
  });
  const [first] = readings;
  return isBacked || first === undefined
    ? null
    : reasonFor(
        said,
        first.deed,
        readings.some(({ candidates }) => candidates.length > 0),
      );
}

const TRACKING = /\btrack/;
const PASSWORD = /password|log-?in|reset/;

/** "Refunded: 0.00 USD", a part without a verb that has nothing of its own, or a link to follow a parcel. */
function saysNothing(
  { names, elliptic }: Act,
  own: readonly string[],
  amount: string | null,
  { plain }: ClaimEvidence,
): boolean {
  if (names.includes("password") && TRACKING.test(plain) && !PASSWORD.test(plain)) return true;
  return amount === null ? elliptic && own.length === 0 : amount.startsWith("amount:0:");
}

/** What was paid goes back with a cancellation that names it, so a reply may say so with that amount or none. */
function bringsMoneyBack(planned: Planned, amounts: readonly string[], isOfEach: boolean): boolean {
  const back = toldAction(planned).amount;
  if (back === null || !ACT_CLASSES.cancellation.operation.test(planned.action.operation))
    return false;
  return isOfEach || amounts.every((one) => sameAmount(one, amountKey(back)));
}

/** "We will send you a label", without order and amount: what happens as a page tells it to everybody. */
function isRule({ text, plain }: Clause, { form }: Act, { isPages }: ClaimEvidence): boolean {
  return form === "future" && !ENGLISH.details.anew.test(plain) && isPages()(text);
}

/** Names the words that were read, so that nobody has to guess what is meant. */
function reasonFor({ form, words }: Act, { called }: DeedBacking, isThere: boolean): string {
  const told = `“${words.slice(0, WORDS_SHOWN_MAX)}” is read as ${called}`;
  if (isThere) return `${told}, other than the action of this reply: use its order and amount`;
  return form === "done" || form === "underway"
    ? `${told}, and no action of this reply does it: propose it first or leave it out`
    : `${told} that is promised, and no action of this reply does it: propose it first or leave it out`;
}

const WORDS_SHOWN_MAX = 60;

/** What several actions come to, when all are refunds. */
function refundSums(candidates: PlannedActions): readonly string[] {
  const amounts = candidates.flatMap((planned) => toldAction(planned).amount ?? []);
  return amounts.length < candidates.length ? [] : addedUp(amounts).map(amountKey);
}

/** Whether an action is the one that a clause tells: of the same order, address, amount, share or day. */
function fits(
  planned: Planned,
  { orders, amount }: Details,
  { sums, clause, backing }: ToldDeed,
): boolean {
  const { names, amount: moved, facts } = toldAction(planned);
  if (names.length > 0 && orders.length > 0 && !orders.some((order) => names.includes(order)))
    return false;
  if (!fitsInput(planned, clause, backing)) return false;
  if (moved === null) return true;
  const known = [amountKey(moved), ...sums];
  if (amount !== null && !known.some((one) => sameAmount(amount, one))) return false;
  return sharesFit(clause, moved.minor, facts);
}

interface ToldDeed {
  /** What all actions of the deed come to. */
  readonly sums: readonly string[];
  readonly clause: Clause;
  readonly backing: ClaimEvidence;
}

/** "Added 5 seats" beside 3, "moved to the 9th" beside the 8th: of the days and counts told, one has to be given to the action that has any. */
function fitsInput(planned: Planned, clause: Clause, { daysIn, today }: ClaimEvidence): boolean {
  const { input, name, amount } = toldAction(planned);
  const texts = input.filter((value) => typeof value === "string");
  const days = daysIn(clause).filter((key) => /^(?:month-)?day:/.test(key));
  if (days.length > 0 && texts.some((value) => datesIn(value, today).length > 0)) {
    const { keys } = evidenceFrom({
      ...NO_RECEIPTS,
      proposal: { actions: [planned] },
      today: new Date(today * DAY_MS),
    });
    if (!days.some((key) => keys.has(key))) return false;
  }
  // The number of its record and what it moves count nothing.
  const numbers = input.filter(
    (value): value is number =>
      typeof value === "number" &&
      String(value) !== name &&
      (amount === null || ![amount.minor, amount.minor / 100].includes(value)),
  );
  const read = covered(clause.text, factsIn(clause.text, today));
  const counts = countsIn(clause.text).filter(({ start, value }) => value > 1 && read[start] !== 1);
  return (
    counts.length === 0 ||
    numbers.length === 0 ||
    counts.some(({ value }) => numbers.includes(value))
  );
}

const DAY_MS = 86_400_000;

/** "In full" and "half" are amounts too. */
function sharesFit({ plain }: Clause, minor: number, facts: ToldAction["facts"]): boolean {
  const { inFull, half } = ENGLISH.details;
  if (half.test(plain)) return facts.every(({ paid }) => Math.abs(minor * 2 - paid.minor) <= 1);
  return (
    !inFull.test(plain) || facts.every(({ paid, refunded }) => minor >= paid.minor - refunded.minor)
  );
}

/** Money goes back where it came from: a record has to name any other place. */
function goesElsewhere({ plain }: Clause, { records }: ClaimEvidence): boolean {
  const place = ENGLISH.details.otherPlaces.exec(plain)?.[0];
  return place !== undefined && !records().includes(place.toLowerCase());
}

function wasDoneBefore(
  clause: Clause,
  { name, form }: Pick<Act, "form"> & { readonly name: string },
  details: Details,
  { known, told, backingOf, today }: ClaimEvidence,
): boolean {
  const { anew } = ENGLISH.details;
  const { orders } = details;
  const isOfToday = TODAY.test(clause.plain);
  const isAnew = anew.test(clause.plain.replace(TODAY, " "));
  if (!["done", "underway"].includes(form) || isAnew) return false;
  const { state, isField = false } = backingOf(name);
  if (isOfToday)
    return orders.some((id) => known.stateDays.get(`${id} ${state}`)?.has(`day:${today}`));
  if (told().some((act) => act.names.includes(name) && agrees(act, details))) return true;
  const holders = state === undefined ? undefined : known.states.get(state);
  if (isField) return form === "done" && isOfHolders(orders, holders, known);
  return holders === undefined
    ? name === "refund" && wasRefunded(clause, details, known)
    : isOfAny(orders, holders);
}

function isOfAny(orders: readonly string[], holders: ReadonlySet<string>): boolean {
  return orders.length === 0 || orders.some((id) => holders.has(id)) || holders.has("");
}

/** Whether records tell of a refund of these orders, of this amount where one is told, or of all that was paid. */
function wasRefunded(
  { plain }: Clause,
  { orders, amount }: Details,
  { pastRefunds, paid }: Evidence,
): boolean {
  const past = pastRefunds.filter(
    ({ orderId }) => orders.length === 0 || orders.includes(orderId.toLowerCase()),
  );
  if (ENGLISH.details.inFull.test(plain))
    return past.some(
      ({ orderId, minor }) => minor === null || minor >= (paid.get(orderId) ?? Infinity),
    );
  const minor = amount?.split(":")[1];
  return past.some(
    (one) => minor === undefined || one.minor === null || String(one.minor) === minor,
  );
}

/** The orders that are named, or else each there is, have it on their record. */
function isOfHolders(
  orders: readonly string[],
  holders: ReadonlySet<string> | undefined,
  { orderIds }: Evidence,
): boolean {
  const meant = orders.length > 0 ? orders : [...orderIds];
  return holders !== undefined && meant.every((id) => holders.has(id));
}

/** What was done today only a record shows that has its day. */
const TODAY = /\btoday\b/;

/** Whether a clause says no more than this deed: what it leaves out does not matter, what it adds does. */
function agrees(deed: Deed, { orders, amount }: Details): boolean {
  const isOrder =
    orders.length === 0 ||
    deed.orders.length === 0 ||
    orders.some((id) => deed.orders.includes(id));
  return isOrder && (amount === null || deed.amounts.some((one) => sameAmount(amount, one)));
}

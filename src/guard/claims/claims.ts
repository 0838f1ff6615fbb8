/**
 * Room: reads what a draft says was done or will be done, and asks for the action, record or page behind it.
 * In: the draft, the turn's receipts and the evidence collected from them.
 * Out: findings, each with the clause and what would mend it.
 * May touch: nothing; it is pure and linear in the texts.
 * Start here, then acts.ts and claim-evidence.ts. This file: finds claims that no action or record supports.
 */

import type { Finding, Receipts } from "#core/contracts/guard.ts";
import type { Evidence } from "#guard/output/evidence.ts";
import { numberValue } from "#guard/output/numbers.ts";
import { quotedFrom } from "#guard/output/passage-quotes.ts";
import type { Clause } from "#guard/output/sentences.ts";
import { type Act, clausesIn, ownWords } from "./acts.ts";
import { type ClaimEvidence, evidenceOfClaims, unbackedAct } from "./claim-evidence.ts";
import { type DeedClass, ENGLISH, isDenied } from "./deed-grammar.ts";

/**
 * What a reply says was done, is being done or will be done with money, an order or an account must be true: each such
 * act needs its action in the same proposal, with the same order, amount and currency, or a record that shows it. A
 * promise that people will deal with it needs a hand-over. English sentences are judged clause by clause: "I could not
 * find a fault, and I have refunded 120.00" contains a claim next to its denial. Sentences of other languages are not read.
 */
export function claimsIn(
  text: string,
  receipts: Receipts,
  known: Evidence,
  deeds: readonly DeedClass[],
): readonly Finding[] {
  const backing = evidenceOfClaims(text, receipts, known, deeds);
  // Texts the team writes itself are replies to one customer: they say what was done for that one.
  const isQuoted = quotedFrom(receipts.passages.filter(({ url }) => url !== ""));
  const findings = new Map<string, Finding>();
  for (const { clause, acts } of clausesIn(text, deeds)) {
    const reason = objectionTo(clause, acts, backing);
    if (reason === null || isQuoted(clause.sentence)) continue;
    const words = clause.text.trim();
    findings.set(`${clause.start} ${reason}`, { kind: "claim", words, reason });
  }
  return [...findings.values()];
}

function objectionTo(clause: Clause, acts: readonly Act[], backing: ClaimEvidence): string | null {
  if (clause.sentence.isQuestion || isReported(clause)) return null;
  const isDone = acts.some(({ name }) =>
    backing.actions.some(({ action }) => action.operation === name),
  );
  if (!isDone && !backing.isHandedOver && saysPeopleHaveIt(clause, backing))
    return "says that people see to it, but no action tells them: hand it over or leave it out";
  for (const act of acts) {
    const reason = unbackedAct(clause, act, backing);
    if (reason !== null) return reason;
  }
  if (acts.length > 0) return null;
  if (isUnshownState(clause, backing)) return UNSHOWN_STATE;
  return isUnshownDeed(clause, backing) ? UNSHOWN_DEED : null;
}

const UNSHOWN_STATE = "no record says so: say what the record says, or leave it out";
const UNSHOWN_DEED =
  "says that we did something, and no action of this reply does it: propose it first or leave it out";

/**
 * "I have put one aside", "It has been sorted": where nothing is done with the reply, nothing was done before and no
 * person has it, we did nothing but look. Whatever the verb is, since no list has them all.
 */
function isUnshownDeed(clause: Clause, backing: ClaimEvidence): boolean {
  const { sentence } = clause;
  const plain = ownWords(clause);
  if (backing.actions.length > 0 || backing.isHandedOver || backing.told().length > 0) return false;
  if (sentence.isConditional) return false;
  const isOfOrder = backing.ordersOf(clause).own.length > 0;
  // What stands beside a day or an amount is checked by it, unless we did it or it is about an order.
  if (!isOfOrder && !OURS.test(plain) && backing.hasFacts(clause)) return false;
  const deed = toldDeed(clause, isOfOrder);
  return (
    deed !== null &&
    !ENGLISH.general.test(plain) &&
    ENGLISH.states.every((one) => !one.pattern.test(plain)) &&
    !isShown(plain, [...backing.known.states.keys()]) &&
    !isOnPage(plain.slice(deed.lastIndexOf(" ") + 1), backing)
  );
}

const OURS = /\b(?:i|we)\b/;

/** What a clause says up to the verb of a deed of ours, unless it denies it or calls it possible; null without one. */
function toldDeed(clause: Clause, isOfOrder: boolean): string | null {
  const { did, didToOrder, weDid, negation, possible } = ENGLISH;
  const plain = ownWords(clause);
  const found =
    (isOfOrder ? didToOrder : did).exec(plain) ?? (isForThem(clause) ? weDid.exec(plain) : null);
  if (found === null || negation.test(plain)) return null;
  // "I've swapped the cable you needed": a wish behind the deed does not make it one.
  if (possible.test(plain.slice(0, found.index))) return null;
  return plain.slice(0, found.index + found[0].length).trimEnd();
}

/** Whether a page has the verb with the words after it: "stopped making it". */
function isOnPage(fromVerb: string, { pagesSay }: ClaimEvidence): boolean {
  const words = fromVerb.match(/[\w'-]+/g)?.slice(0, WORDS_OF_A_DEED) ?? [];
  return words.length === WORDS_OF_A_DEED && pagesSay(words.join(" "));
}

/** Whether a clause, or what stands right before and after it, speaks of this customer. */
function isForThem({ plain, start, sentence }: Clause): boolean {
  const from = start - sentence.start;
  const to = from + plain.length + FOR_THEM_CHARACTERS;
  return FOR_THEM.test(sentence.plain.slice(Math.max(0, from - FOR_THEM_CHARACTERS), to));
}

const FOR_THEM_CHARACTERS = 100;

/** "We designed it for outdoor use" is the shop's history, "we mailed it to you" a deed for this customer. */
const FOR_THEM = /\b(?:(?:for|to|with) you|your)\b/;

const ON_ITS_WAY = /\bon (?:its|their|the) way\b/;

/** "It was cancelled", "it's on its way": as a record has it. */
function isShown(plain: string, states: readonly string[]): boolean {
  return states.some(
    (state) => plain.includes(state) || (state === "shipped" && ON_ITS_WAY.test(plain)),
  );
}

/** "You wrote that it was cancelled" is not a claim of ours. */
function isReported({ plain, start, sentence }: Clause): boolean {
  const upTo = start - sentence.start + plain.length;
  return ENGLISH.reported.test(
    sentence.plain.slice(Math.max(0, upTo - REPORT_CHARACTERS_MAX), upTo),
  );
}

const REPORT_CHARACTERS_MAX = 200;

/** A promise that people deal with it, or a report that they have it; not one that a page makes in the same words. */
function saysPeopleHaveIt(
  { plain, sentence }: Clause,
  { pagesSay, isPages }: ClaimEvidence,
): boolean {
  const { idioms, hypothetical, general, people, deals, handed } = ENGLISH;
  const words = plain.replace(idioms, " ");
  if (hypothetical.test(words) || isDenied(words)) return false;
  if (handed.test(words)) return true;
  if (sentence.isConditional || general.test(words) || !people.test(words)) return false;
  const [dealt = ""] = deals.exec(words) ?? [];
  const told = dealt.split(" ").slice(-WORDS_OF_A_DEED).join(" ");
  return dealt !== "" && !pagesSay(told) && !isPages()(plain);
}

/** "Pass it on": with fewer words it could be anything. */
const WORDS_OF_A_DEED = 3;

/** What was delivered or is on its way was shipped; "dispatched" is another word for it. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  shipped: ["shipped", "dispatched", "delivered", "returned"],
};

/**
 * "Has been shipped" and the like need a record that says so, of the orders that the clause means, and on the day it
 * gives.
 */
function isUnshownState(clause: Clause, backing: ClaimEvidence): boolean {
  const { plain, sentence } = clause;
  const { idioms, hypothetical, general } = ENGLISH;
  const words = plain.replace(idioms, " ");
  if (sentence.isConditional || hypothetical.test(words) || general.test(words)) return false;
  const named = backing.ordersOf(clause).meant;
  const isNo = isDenied(words);
  return ENGLISH.states.some(({ pattern, state }) => {
    const match = pattern.exec(plain);
    const thing = match?.groups?.["item"];
    if (match === null || (thing !== undefined && !backing.known.items.has(thing))) return false;
    // "Is still being packed", "has not been shipped yet".
    if (state === "processing") return isPast(named, backing);
    // "You can cancel it at any time before it's shipped."
    if (isNo || BEFORE_IT.test(plain.slice(0, match.index))) return false;
    const isOther = isOtherDay(named, state, backing.daysIn(clause), backing);
    return isOther || (state !== "due" && !isHeld(clause, state, backing));
  });
}

const BEFORE_IT = /\bbefore (?:it|they)\b/;

/** Whether records show that an order, or each there is, is no longer being packed: shops have many words for "not sent". */
function isPast(named: readonly string[], { known }: ClaimEvidence): boolean {
  const over = PAST_PACKING.flatMap((state) => [...(known.states.get(state) ?? [])]);
  const orders = named.length > 0 ? named : [...known.orderIds];
  return orders.length > 0 && orders.every((id) => over.includes(id));
}

const PAST_PACKING = ["shipped", "dispatched", "delivered", "returned", "cancelled"];

/** Whether another day is told than the record of the orders gives this state. */
function isOtherDay(
  orders: readonly string[],
  state: string,
  told: readonly string[],
  { known }: ClaimEvidence,
): boolean {
  const meant = orders.length === 0 && known.orderIds.size === 1 ? known.orderIds : orders;
  const recorded = [...meant].flatMap((id) => [...(known.stateDays.get(`${id} ${state}`) ?? [])]);
  return told.length > 0 && recorded.length > 0 && !told.some((key) => recorded.includes(key));
}

/** "Two of the three have been delivered" is true of some orders, "the rest" of all but those named before. */
function isHeldByPart(
  part: Readonly<Record<string, string>>,
  holders: ReadonlySet<string>,
  {
    named,
    orderIds,
  }: { readonly named: readonly string[]; readonly orderIds: ReadonlySet<string> },
): boolean {
  if (part["most"] !== undefined) return holders.size * 2 > orderIds.size;
  if (part["rest"] === undefined) return holders.size >= (numberValue(part["count"] ?? "1") ?? 1);
  const others = [...orderIds].filter((id) => !named.includes(id));
  const lacking = others.filter((id) => !holders.has(id)).length;
  return lacking <= (named.length === 0 ? 1 : 0) && lacking < others.length;
}

/** Whether records give the orders that the clause means this state, or one that shows it. */
function isHeld(
  clause: Clause,
  state: string,
  { known, ordersOf, hasFacts }: ClaimEvidence,
): boolean {
  const shown = SHOWN_BY[state] ?? [state];
  const holders = new Set(shown.flatMap((word) => [...(known.states.get(word) ?? [])]));
  const named = ordersOf(clause).meant;
  const part = ENGLISH.some.exec(clause.plain)?.groups;
  if (part?.["rest"] !== undefined || (part !== undefined && named.length === 0))
    return isHeldByPart(part, holders, { named, orderIds: known.orderIds });
  // Where no order is named, the state must hold for all of them, or the sentence must give a day or an amount, which
  // are checked separately.
  const orders = named.length > 0 || hasFacts(clause.sentence) ? named : [...known.orderIds];
  const fits = orders.length === 0 ? holders.size > 0 : orders.every((id) => holders.has(id));
  // A record without an order number applies to the only order it can be about.
  return fits || holders.has("");
}

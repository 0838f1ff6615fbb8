/**
 * Room: reads what a draft says was done or will be done, and asks for the action, record or page behind it.
 * In: the draft, the turn's receipts and the evidence collected from them.
 * Out: findings, each with the clause and what would mend it.
 * May touch: nothing; it is pure and linear in the texts.
 * Start here, then acts.ts and claim-evidence.ts. This file: finds claims that no action or record supports.
 */

import { toldAction } from "#core/values/action.ts";
import { type Finding, type Receipts, unsure } from "#core/contracts/guard.ts";
import type { Evidence } from "#guard/output/evidence.ts";
import { numberValue } from "#text/numbers.ts";
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
  for (const { clause, act } of clausesIn(text, deeds)) {
    const reason = objectionTo(clause, act, backing);
    if (reason === null || isQuoted(clause.sentence)) continue;
    const words = clause.text.trim();
    const isGuess = act !== null && isPromise(act) && reason !== WITH_NOBODY;
    const found = isGuess ? unsure(words, reason) : { kind: "claim", words, reason };
    findings.set(`${clause.start} ${reason}`, found);
  }
  return [...findings.values()];
}

function objectionTo(clause: Clause, act: Act | null, backing: ClaimEvidence): string | null {
  if (clause.sentence.isQuestion || isReported(clause)) return null;
  const isDone = backing.actions.some(({ action }) => act?.names.includes(action.operation));
  if (!isDone && !backing.isHandedOver && saysPeopleHaveIt(clause, backing)) return WITH_NOBODY;
  if (act !== null) return unbackedAct(clause, act, backing);
  if (isUnshownState(clause, backing)) return UNSHOWN_STATE;
  return isUnshownDeed(clause, backing) ? UNSHOWN_DEED : null;
}

/** What is promised, unlike what was done, a page or a procedure may tell as well, in words of its own. */
function isPromise({ form, words }: Act): boolean {
  return form === "future" || GETS.test(words);
}

const GETS = /^you(?:'ll| will| should)? /i;

const WITH_NOBODY =
  "says that people see to it, but no action tells them: hand it over or leave it out";
const UNSHOWN_STATE = "no record says so: say what the record says, or leave it out";
const UNSHOWN_DEED =
  "says that we did something, and no action of this reply does it: propose it first or leave it out";

/**
 * "I have put one aside", "It has been sorted": where nothing is done with the reply, nothing was done before and no
 * person has it, we did nothing but look. Whatever the verb is, since no list has them all. A deed that is told of
 * another order than the reply's actions is none of them.
 */
function isUnshownDeed(clause: Clause, backing: ClaimEvidence): boolean {
  const { own } = backing.ordersOf(clause);
  const plain = ownWords(clause);
  return (
    !clause.sentence.isConditional &&
    !backing.isHandedOver &&
    backing.told().length === 0 &&
    isOfNoAction(plain, own, backing) &&
    tellsDeed(plain, own.length > 0) &&
    !ENGLISH.general.test(plain) &&
    !isShown(plain, [
      ...backing.known.states.keys(),
      ...(OF_OURS.test(plain) ? [] : backing.known.stated),
    ]) &&
    !backing.isPages()(plain)
  );
}

/**
 * Whether no action of the reply is about the orders a deed is told of, or, where it names none, whether there is no
 * action, or none about what "I have also" done.
 */
function isOfNoAction(
  plain: string,
  orders: readonly string[],
  { actions }: ClaimEvidence,
): boolean {
  if (orders.length > 0)
    return actions.every((planned) => {
      const { names } = toldAction(planned);
      return names.length > 0 && !names.some((name) => orders.includes(name));
    });
  const isNamed = ENGLISH.classes.some(
    ({ nouns, backing }) =>
      nouns?.test(plain) === true &&
      actions.some(({ action }) => backing.operation.test(action.operation)),
  );
  return actions.length === 0 || (ALSO.test(plain) && !isNamed);
}

const ALSO = /\b(?:i|we)(?:'ve| have)? also\b/;

/** Whether a clause tells a deed of ours, and neither denies it nor calls it possible. */
function tellsDeed(plain: string, isOfOrder: boolean): boolean {
  const { did, didToOrder, negation, possible } = ENGLISH;
  const found = (isOfOrder ? didToOrder : did).exec(plain);
  // "I've swapped the cable you needed": a wish behind the deed does not make it one.
  return found !== null && !negation.test(plain) && !possible.test(plain.slice(0, found.index));
}

const ON_ITS_WAY = /\bon (?:its|their|the) way\b/;

/** What a record says became of a thing says not that it was us. */
const OF_OURS = /\b(?:i|we)(?:'ve)?\b/;

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
  // "Pass it on": with fewer words it could be anything.
  const told = dealt.split(" ").slice(-3).join(" ");
  return dealt !== "" && !pagesSay(told) && !isPages()(plain);
}

/** What was delivered or is on its way was shipped; "dispatched" is another word for it. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  shipped: ["shipped", "dispatched", "delivered", "returned"],
  travelling: ["shipped", "dispatched"],
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
  if (REGRETS.test(plain)) return false;
  const named = backing.ordersOf(clause).meant;
  const isNo = isDenied(words);
  return ENGLISH.states.some(({ pattern, state }) => {
    const match = pattern.exec(plain);
    const thing = match?.groups?.["item"];
    if (match === null || (thing !== undefined && !backing.known.items.has(thing))) return false;
    // "Is still being packed", "has not been shipped yet", "is on its way".
    if (isOver(state, named, backing)) return true;
    if (state === "processing") return false;
    // "You can cancel it at any time before it's shipped."
    if (isNo || BEFORE_IT.test(plain.slice(0, match.index))) return false;
    const isOther = isOtherDay(named, state, backing.daysIn(clause), backing);
    return isOther || (state !== "due" && !isHeld(clause, state, backing));
  });
}

/** "I'm sorry your laptop arrived like that": regrets what they told. */
const REGRETS = /^\W*(?:(?:i|we)(?:'m|'re| am| are) )?(?:(?:so|very|really|truly) )?sorry\b/;

const BEFORE_IT = /\bbefore (?:it|they)\b/;

/** Whether records show that an order, or each there is, has left this state: shops have many words for "not sent". */
function isOver(state: string, named: readonly string[], { known }: ClaimEvidence): boolean {
  const over = (OVER_BY[state] ?? []).flatMap((later) => [...(known.states.get(later) ?? [])]);
  const orders = named.length > 0 ? named : [...known.orderIds];
  return orders.length > 0 && orders.every((id) => over.includes(id));
}

const ARRIVED = ["delivered", "returned", "cancelled"];
/** The states in which an order is no longer being packed, or no longer comes. */
const OVER_BY: Readonly<Record<string, readonly string[]>> = {
  processing: ["shipped", "dispatched", ...ARRIVED],
  travelling: ARRIVED,
};

/** Whether another day is told than the record of the orders gives this state. */
function isOtherDay(
  orders: readonly string[],
  state: string,
  told: readonly string[],
  { known }: ClaimEvidence,
): boolean {
  const meant = orders.length === 0 && known.orderIds.size === 1 ? known.orderIds : orders;
  const days = state === "travelling" ? ["shipped", "due"] : [state];
  const recorded = [...meant].flatMap((id) =>
    days.flatMap((day) => [...(known.stateDays.get(`${id} ${day}`) ?? [])]),
  );
  return told.length > 0 && recorded.length > 0 && !told.some((key) => recorded.includes(key));
}

/** Whether records give the orders that the clause means this state, or one that shows it. */
function isHeld(clause: Clause, state: string, { known, ordersOf }: ClaimEvidence): boolean {
  const shown = SHOWN_BY[state] ?? [state];
  const holders = new Set(shown.flatMap((word) => [...(known.states.get(word) ?? [])]));
  const { own, meant } = ordersOf(clause);
  // "Two are delivered" is told of orders that it does not name, "it has been delivered" of the one before.
  const [count = "one"] = COUNT.exec(clause.plain) ?? [];
  const others = EACH.test(clause.plain) ? [...known.orderIds] : [];
  const orders = own.length > 0 || OF_BEFORE.test(clause.plain) ? meant : others;
  const fits =
    orders.length === 0
      ? holders.size >= (numberValue(count) ?? 1)
      : orders.every((id) => holders.has(id));
  // A record without a name applies to the only one it can be about.
  return fits || (holders.has("") && known.orderIds.size === 0);
}

const COUNT =
  /\b(?:two|three|four|five)(?= (?:are|have|were|orders|parcels|of (?:them|your orders|the (?:two|three|four|five)))\b)/;
const EACH = /^\W*(?:both|all|your orders)\b/;
const OF_BEFORE =
  /^\W*(?:(?:also|now|already) )?(?:it|they|this|that|which|has|have|is|are|was|were)\b/;

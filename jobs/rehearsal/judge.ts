/**
 * Room: rehearsals: past tickets played through the turn of this installation, and judged beside what people did.
 * In: past tickets, the turn's parts, the answers of the past.
 * Out: rehearsed tickets, comparisons, figures with their intervals.
 * May touch: the tables of rehearsals; no channel, no target, no conversation.
 * This file: a draft beside a person's answer, by code alone.
 */
import {
  amountMoved,
  BUILT_IN_OPERATIONS,
  plainId,
  type PlannedAction,
  toldAction,
} from "#core/values/action.ts";
import type { Money } from "#core/values/money.ts";
import type {
  Comparison,
  ComparedFact,
  PastAction,
  PastOutcome,
  RehearsedAction,
  WrongAction,
} from "#core/values/rehearsal.ts";
import { epochDay, namesOfDay } from "#guard/output/dates.ts";
import { factsIn, LETTERS } from "#guard/output/evidence.ts";
import { type Fact, longerEnd, ordersIn, WITHOUT_CURRENCY } from "#guard/output/facts.ts";
import { linkKey, linksIn } from "#guard/output/links.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { stancesIn } from "#guard/claims/acts.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";

/** One side of a comparison: what a person wrote and did. */
export interface PersonsSide {
  readonly text: string;
  readonly at: Date;
  /** What the customer had written: a fact that only repeats it is none that a draft lacks. */
  readonly asked: string;
  /** Null where it is not known what they did. */
  readonly actions: readonly PastAction[] | null;
  readonly outcome: PastOutcome | null;
}

/** What a comparison reads of an action: its order, where it names one, and the money it moves. */
export function aboutAction(planned: PlannedAction): Omit<ProposedAction, "verdict"> {
  const { action } = planned;
  const { operation } = action;
  return { operation, orderId: toldAction(planned).name, amount: amountMoved(action) };
}

type ProposedAction = Pick<RehearsedAction, "operation" | "orderId" | "amount" | "verdict">;

/** The other side: what the draft says and proposes. */
export interface DraftsSide {
  /** Empty where no text was written: then no facts are compared. */
  readonly text: string;
  /** From when the draft counts "tomorrow". */
  readonly at: Date;
  /** What the policy denied, and what only writes to people, is not compared. */
  readonly actions: readonly ProposedAction[];
  readonly outcome: PastOutcome;
}

/**
 * Compares a draft with what a person did: actions with their amounts and orders, how it ended, and the facts of the
 * person's answer. Pure: the same two sides compare the same at any time. Facts are read in every language the guard
 * reads; wording is never compared.
 */
export function judge(draft: DraftsSide, person: PersonsSide): Comparison {
  const proposed = draft.actions.filter(
    ({ operation, verdict }) => verdict !== "deny" && !WITHOUT_EFFECT.has(operation),
  );
  return {
    ...actionsCompared(proposed, person.actions),
    sameOutcome: person.outcome === null ? null : person.outcome === draft.outcome,
    // People who got the conversation write the answer: nothing can be missing in a draft that was not made.
    ...(draft.text === "" ? { lacks: [], contradicts: [] } : factsCompared(draft, person)),
  };
}

/** Letters, and codes that only ask a customer to prove who they are. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([...LETTERS, "send_code"]);

interface Pair {
  readonly ours: ProposedAction;
  readonly theirs: PastAction;
}

type ActionsCompared = Pick<
  Comparison,
  "sameAction" | "sameAmount" | "sameOrder" | "wrongActions" | "missedActions"
>;

function actionsCompared(
  proposed: readonly ProposedAction[],
  taken: readonly PastAction[] | null,
): ActionsCompared {
  if (taken === null)
    return {
      sameAction: null,
      sameAmount: null,
      sameOrder: null,
      wrongActions: [],
      missedActions: [],
    };
  const { pairs, alone, missed } = paired(proposed, taken);
  const wrong = [...alone.map(notTaken), ...pairs.flatMap(wrongInPair)];
  return {
    sameAction: alone.length === 0 && missed.length === 0,
    sameAmount: isSameInAllPairs(pairs, ({ ours, theirs }) =>
      isSameAmount(ours.amount, theirs.amount),
    ),
    sameOrder: isSameInAllPairs(pairs, ({ ours, theirs }) =>
      isSameOrder(ours.orderId, theirs.orderId),
    ),
    wrongActions: wrong,
    missedActions: missed,
  };
}

/** Each proposed action with the one of the same operation that fits best: by order first, then by amount. */
function paired(proposed: readonly ProposedAction[], taken: readonly PastAction[]) {
  const left = [...taken];
  const pairs: Pair[] = [];
  const alone: ProposedAction[] = [];
  for (const ours of proposed) {
    const [best] = left
      .filter(({ operation }) => isSameDeed(ours.operation, operation))
      .toSorted((a, b) => actionFit(ours, b) - actionFit(ours, a));
    if (best === undefined) alone.push(ours);
    else {
      pairs.push({ ours, theirs: best });
      left.splice(left.indexOf(best), 1);
    }
  }
  return { pairs, alone, missed: left };
}

/** The same operation, or one in a system of your own that does what people do by this one. */
function isSameDeed(ours: string, theirs: string): boolean {
  return (
    ours === theirs ||
    (!BUILT_IN_OPERATIONS.includes(ours) &&
      ENGLISH.classes.some(
        ({ name, backing }) => OPERATION_OF.get(name) === theirs && backing.operation.test(ours),
      ))
  );
}

function isSameOrder(ours: string | null, theirs: string | null): boolean | null {
  return ours === null || theirs === null ? null : plainId(ours) === plainId(theirs);
}

function actionFit(ours: ProposedAction, theirs: PastAction): number {
  const order = [false, null, true].indexOf(isSameOrder(ours.orderId, theirs.orderId));
  return order * 2 + (isSameAmount(ours.amount, theirs.amount) === true ? 1 : 0);
}

/** Null where no pair tells; false as soon as one of them differs. */
function isSameInAllPairs(
  pairs: readonly Pair[],
  same: (pair: Pair) => boolean | null,
): boolean | null {
  const told = pairs.map(same).filter((one) => one !== null);
  return told.length === 0 ? null : told.every(Boolean);
}

function isSameAmount(ours: Money | null, theirs: Money | null): boolean | null {
  if (ours === null || theirs === null) return null;
  return ours.minor === theirs.minor && ours.currency === theirs.currency;
}

function notTaken({ operation, orderId, amount }: ProposedAction): WrongAction {
  return { operation, orderId, amount, why: "not_taken", risk: amount };
}

/** The same for another order risks all of it, more money for the right one what is beyond. */
function wrongInPair({ ours, theirs }: Pair): readonly WrongAction[] {
  const { operation, orderId, amount } = ours;
  if (isSameOrder(orderId, theirs.orderId) === false)
    return [{ operation, orderId, amount, why: "other_order", risk: amount }];
  if (isSameAmount(amount, theirs.amount) !== false) return [];
  return [{ operation, orderId, amount, why: "other_amount", risk: beyond(amount, theirs.amount) }];
}

function beyond(ours: Money | null, theirs: Money | null): Money | null {
  if (ours === null || theirs === null || ours.currency !== theirs.currency) return ours;
  return ours.minor > theirs.minor
    ? { minor: ours.minor - theirs.minor, currency: ours.currency }
    : null;
}

function factsCompared(
  draft: DraftsSide,
  person: PersonsSide,
): Pick<Comparison, "lacks" | "contradicts"> {
  const ours = factsStated(draft.text, draft.at);
  const theirs = factsStated(person.text, person.at);
  const asked = factsStated(person.asked, person.at);
  const lacks: ComparedFact[] = [];
  const contradicts: Comparison["contradicts"] = [];
  for (const fact of unique(theirs)) {
    if (ours.some((one) => isSameFact(one, fact)) || isProposed(fact, draft.actions)) continue;
    const against = contradictingFact(fact, ours, theirs);
    if (against !== null) contradicts.push({ person: shown(fact), draft: shown(against) });
    else if (!asked.some((one) => isSameFact(one, fact))) lacks.push(shown(fact));
  }
  return { lacks: lacks.slice(0, FACTS_MAX), contradicts: contradicts.slice(0, FACTS_MAX) };
}

/** Longer lists are not read by people. */
const FACTS_MAX = 100;

function shown({ kind, words }: StatedFact): ComparedFact {
  return { kind, words: words.slice(0, 2_000) };
}

/** A fact that is stated twice counts once. */
function unique(facts: readonly StatedFact[]): readonly StatedFact[] {
  return facts.filter(
    (fact, at) => facts.findIndex((one) => one.kind === fact.kind && isSameFact(one, fact)) === at,
  );
}

/** A draft that proposes the action says with it that it is done. */
function isProposed(fact: StatedFact, actions: readonly ProposedAction[]): boolean {
  const [, name, says] = (fact.keys[0] ?? "").split(":");
  if (fact.kind !== "claim" || says !== "yes") return false;
  const told = OPERATION_OF.get(name ?? "");
  return actions.some(
    ({ operation, verdict }) =>
      verdict !== "deny" && told !== undefined && isSameDeed(operation, told),
  );
}

/** The operations behind what an answer says was done; a kind of act without one of ours has no entry. */
export const OPERATION_OF: ReadonlyMap<string, string> = new Map([
  ["refund", "refund"],
  ["cancellation", "cancel_order"],
  ["replacement", "exchange_item"],
  ["address", "change_address"],
  ["password", "reset_password"],
  ["document", "resend_invoice"],
]);

/** Kinds of which a sentence about the same thing states one, so that another one contradicts it. */
const EXCLUSIVE: ReadonlySet<ComparedFact["kind"]> = new Set(["amount", "date", "period"]);

/**
 * What the draft says instead: the opposite of a claim, or another amount, day or period in a sentence about the same
 * that the person's answer does not state as well. Null where the draft says nothing to it.
 */
function contradictingFact(
  fact: StatedFact,
  ours: readonly StatedFact[],
  theirs: readonly StatedFact[],
): StatedFact | null {
  const opposite = oppositeClaim(fact);
  if (opposite !== null) {
    // An answer may say yes to one thing and no to another of the same kind.
    if (theirs.some(({ keys }) => keys.includes(opposite))) return null;
    return ours.find(({ keys }) => keys.includes(opposite)) ?? null;
  }
  if (!EXCLUSIVE.has(fact.kind)) return null;
  return (
    ours.find(
      (one) =>
        one.kind === fact.kind &&
        isAboutSame(one, fact) &&
        !theirs.some((known) => isSameFact(known, one)),
    ) ?? null
  );
}

// The facts an answer states: amounts, numbers, days, periods, orders, links, and what it says was done or refused.

/** One fact with its readings, by which the same fact is found in another text, and the sentence it stands in. */
interface StatedFact extends ComparedFact {
  readonly keys: readonly string[];
  /** The sentence as readers see it, without sign and case. */
  readonly sentence: string;
}

/** Longer texts are no answers of a person. */
const CHARACTERS_MAX = 20_000;

/** Every fact of a text in its order; "tomorrow" is counted from `at`. */
export function factsStated(text: string, at: Date): readonly StatedFact[] {
  const whole = text.slice(0, CHARACTERS_MAX);
  const pieces = sentencePieces(whole);
  const links = linksIn(whole);
  const around = (start: number): string =>
    pieces.find((piece) => piece.start <= start && start < piece.end)?.plain ?? "";
  // Blanked instead of cut out, so that the digits of an address are no numbers and positions stay the same.
  const unlinked = links.reduce(
    (left, { words, start }) =>
      left.slice(0, start) + " ".repeat(words.length) + left.slice(start + words.length),
    whole,
  );
  const orders = new Set(ordersIn(unlinked).map(({ start }) => start));
  return [
    ...withoutParts(factsIn(unlinked, epochDay(at))).map((fact) => ({
      kind: comparedKind(fact, orders.has(fact.start)),
      words: fact.words.trim(),
      keys: factReadings(fact),
      sentence: around(fact.start),
    })),
    ...links.flatMap(({ words, start, url }) =>
      url === null
        ? []
        : [
            {
              kind: "link" as const,
              words,
              keys: [`link:${linkKey(url)}`],
              sentence: around(start),
            },
          ],
    ),
    ...claimsStated(whole),
  ];
}

/** "October 2026" within "8 October 2026" states nothing of its own. */
function withoutParts(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(
    ({ start, end }) =>
      !facts.some(
        (other) =>
          other.start <= start && end <= other.end && other.end - other.start > end - start,
      ),
  );
}

/** What was done or refused, once for each kind of act and side. */
function claimsStated(text: string): readonly StatedFact[] {
  const claims = new Map<string, StatedFact>();
  for (const { name, says, sentence } of stancesIn(text)) {
    const key = `claim:${name}:${says}`;
    const words = sentence.text.trim();
    if (!claims.has(key))
      claims.set(key, { kind: "claim", words, keys: [key], sentence: sentence.plain });
  }
  return [...claims.values()];
}

/** The other side of a claim: "no" for a "yes"; null for every other fact. */
function oppositeClaim({ keys: [key = ""] }: StatedFact): string | null {
  const [what, name, says] = key.split(":");
  return what === "claim" ? `claim:${name}:${says === "yes" ? "no" : "yes"}` : null;
}

function comparedKind({ kind, keys: [key = ""] }: Fact, isOrder: boolean): ComparedFact["kind"] {
  if (kind === "amount") return key.startsWith("percent:") ? "number" : "amount";
  if (kind === "date") return key.startsWith("duration:") ? "period" : "date";
  return isOrder ? "order" : "number";
}

/** A day also has its name without a year, a range also its longer end, an amount also a form that names no currency. */
function factReadings({ keys }: Fact): readonly string[] {
  return keys
    .filter((key) => !key.endsWith(`:${WITHOUT_CURRENCY}`))
    .flatMap((key) => {
      if (key.startsWith("day:"))
        return namesOfDay(Number(key.slice("day:".length))).filter((name) => IS_DAY.test(name));
      return key.startsWith("duration:") ? [key, longerEnd(key)] : [key];
    });
}

/** Two days of one month are two facts. */
const IS_DAY = /^(?:day|month-day):/;

/** Whether two facts state the same, in one of their readings. An amount without a currency is one in any. */
function isSameFact(one: StatedFact, other: StatedFact): boolean {
  return one.keys.some((key) => other.keys.some((known) => isSameKey(key, known)));
}

function isSameKey(one: string, other: string): boolean {
  if (one === other) return true;
  const [what, minor, currency] = one.split(":");
  if (what !== "amount") return false;
  const [known, same, in_] = other.split(":");
  return known === "amount" && same === minor && (currency === "?" || in_ === "?");
}

/** Few and short words say nothing about what a sentence is about. */
const WORD = /\p{L}{4,}/gu;
const STEM_CHARACTERS = 5;
const SHARED_MIN = 2;
const SHARE_MIN = 1 / 3;

/**
 * Whether two sentences are about the same: they share a third of their longer words, and two at least. So a period for
 * sending back and one for a refund are two facts, and not one that differs.
 */
function isAboutSame(one: StatedFact, other: StatedFact): boolean {
  const [mine, theirs] = [sentenceStems(one.sentence), sentenceStems(other.sentence)];
  const shared = [...mine].filter((stem) => theirs.has(stem)).length;
  return shared >= SHARED_MIN && shared >= Math.min(mine.size, theirs.size) * SHARE_MIN;
}

function sentenceStems(sentence: string): Set<string> {
  return new Set([...sentence.matchAll(WORD)].map(([word]) => word.slice(0, STEM_CHARACTERS)));
}

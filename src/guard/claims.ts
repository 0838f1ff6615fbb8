import { z } from "zod";
import { RefundArguments } from "#core/action.ts";
import type { Finding, Receipts } from "#core/guard.ts";
import {
  CLAIM_TOPICS,
  type ClaimTopic,
  HAND_OVER_DONE,
  HAND_OVER_PROMISED,
  UNNAMED,
} from "./claim-words.ts";
import { amountsIn, type Fact, ordersIn } from "./facts.ts";
import type { Known } from "./receipts.ts";
import { type Clause, clausesOf, type Sentence } from "./sentences.ts";

type PlannedActions = NonNullable<Receipts["proposal"]>["actions"];

/** Shorter sentences are quoted by chance: "We will refund you". */
const QUOTED_LETTERS_MIN = 20;

const OrderOfAction = z.looseObject({ orderId: z.string() });

/**
 * Said and done. Whoever reads that something was done, is being done or will be done must find it done: each such
 * claim needs its action in the same bundle, with the same order, amount and currency. A refund that a record shows as
 * made may be told in the past tense. A promise that people will see to it needs that they are told.
 *
 * Sentences are English, and judged clause by clause: "I could not find a fault, and I have refunded 120.00" holds a
 * claim beside its denial. What cannot happen, what is asked and what depends on an "if" claims nothing.
 */
export function claimsIn(text: string, receipts: Receipts, known: Known): readonly Finding[] {
  const context: Context = {
    receipts,
    known,
    actions: receipts.proposal?.actions ?? [],
    orders: ordersIn(text),
    amounts: amountsIn(text),
  };
  const isQuoted = quotedFrom(receipts.passages);
  const findings: Finding[] = [];
  let spoken: ClaimTopic | null = null;
  for (const clause of clausesOf(text)) {
    const topic = topicOf(clause, spoken);
    if (topic?.aside?.test(clause.text) !== true) spoken = topic ?? spoken;
    const reason = objectionTo(clause, topic, context);
    if (reason !== null && !isQuoted(clause.sentence))
      findings.push({ kind: "claim", words: clause.text.trim(), reason });
  }
  return findings;
}

interface Context {
  readonly receipts: Receipts;
  readonly known: Known;
  readonly actions: PlannedActions;
  /** Of the whole text, in their order. */
  readonly orders: readonly Fact[];
  readonly amounts: readonly Fact[];
}

function objectionTo(clause: Clause, topic: ClaimTopic | null, context: Context): string | null {
  const { receipts, actions } = context;
  if (clause.sentence.isQuestion) return null;
  if (saysPeopleHaveIt(clause))
    return receipts.escalates || actions.some(handsOver)
      ? null
      : "says that people see to it, and nobody is told";
  const form = topic === null ? null : formOf(clause, topic);
  if (topic !== null && form !== null) return unbacked(clause, topic, form, context);
  const changed = actions.some(({ action }) => action.operation !== "reply");
  return UNNAMED.test(clause.text) && !isHypothetical(clause) && !changed
    ? "says that something was done, and nothing is"
    : null;
}

function saysPeopleHaveIt(clause: Clause): boolean {
  return HAND_OVER_PROMISED.test(clause.text)
    ? !clause.sentence.isConditional
    : HAND_OVER_DONE.test(clause.text) && !isHypothetical(clause) && !DENIAL.test(clause.text);
}

/** A sentence of a help page, word for word, says how things usually go. Each sentence is compared once. */
export function quotedFrom(passages: Receipts["passages"]): (sentence: Sentence) => boolean {
  const pages = passages.map(({ text }) => lettersOf(text));
  const seen = new Map<Sentence, boolean>();
  return (sentence) => {
    const known = seen.get(sentence);
    if (known !== undefined) return known;
    const words = lettersOf(sentence.text);
    const quoted = words.length > QUOTED_LETTERS_MIN && pages.some((page) => page.includes(words));
    seen.set(sentence, quoted);
    return quoted;
  };
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function handsOver({ action }: PlannedActions[number]): boolean {
  return ["create_ticket", "assign"].includes(action.operation);
}

/** A clause is about what it names; "it" is about what was named before. */
function topicOf({ text }: Clause, spoken: ClaimTopic | null): ClaimTopic | null {
  const named = CLAIM_TOPICS.find(
    ({ subject, itself }) => subject.test(text) || itself?.test(text),
  );
  if (named !== undefined) return named;
  // "Your refund: completed." A word or two go on with what was said before.
  if (text.trim().split(/\s+/).length <= 2) return spoken;
  return /\b(?:it|this|that|everything|the money|the amount)\b/i.test(text) ? spoken : null;
}

type Form = "done" | "underway" | "future";

function formOf(clause: Clause, topic: ClaimTopic): Form | null {
  const { text, sentence } = clause;
  if (topic.generally?.test(text) === true) return null;
  const done = topic.forms.done.exec(text);
  if (done !== null)
    return isHypothetical(clause) || isUndone(text.slice(0, done.index)) ? null : "done";
  if (DENIAL.test(text)) return null;
  if (topic.forms.underway.test(text)) return isHypothetical(clause) ? null : "underway";
  if (LOOKS_UP.test(text)) return null;
  return topic.forms.future.test(text) && !sentence.isConditional ? "future" : null;
}

/**
 * Whether the words before "has been refunded" take it back: "no refund", "not yet", "I can't see that it". A "not"
 * further off belongs to something else, as in "I can't wait to tell you: I have refunded it".
 */
function isUndone(before: string): boolean {
  return (
    /^\W*(?:no (?!problem|worr|doubt)|none|nothing|neither|never|nobody)/i.test(before) ||
    /(?:\bnot|n't|\bnever|\bno longer)(?: \w+){0,2} ?$/i.test(before) ||
    /(?:\bnot|n't|\bcannot)\b(?! wait| help| be happier).{0,40}\b(?:that|whether|if|find|see)\b/i.test(
      before,
    )
  );
}

const DENIAL =
  /^\W*(?:no|none|nothing|neither|never|nobody)\b|\b(?:cannot|not|no longer|unable to|never)\b|n't\b/i;

/** Offers to look something up, which changes nothing. */
const LOOKS_UP =
  /\b(?:i|we)(?:'ll| will)(?: \w+){0,4} (?:look (?:it|them|that|this) up|look up|look for|find out)\b/i;

/** The clause itself stands under an "if": "once your refund has been approved". */
function isHypothetical({ text }: Clause): boolean {
  return /^\W*(?:(?:and|or|but|only|even) )?(?:if|once|when|whenever|unless|until|before|after|whether|as soon as (?!possible)|in case)\b/i.test(
    text,
  );
}

/** Why nothing backs this claim, or null when an action of the bundle or a record does. */
function unbacked(clause: Clause, topic: ClaimTopic, form: Form, context: Context): string | null {
  const orders = ordersOf(clause, context.orders);
  const amount = amountOf(clause, context.amounts);
  const candidates = context.actions.filter(({ action }) => topic.operation.test(action.operation));
  if (candidates.some((planned) => fits(planned, { orders, amount, clause }))) return null;
  if (topic.name === "refund" && form === "done" && wasRefunded(context.known, orders, amount))
    return null;
  if (topic.state !== undefined && form === "done" && context.known.states.has(topic.state))
    return null;
  return candidates.length === 0
    ? `says that there is a ${topic.name}, and no such action goes with this reply`
    : `says something else about the ${topic.name} than the action that goes with this reply`;
}

function fits(
  { action, facts }: PlannedActions[number],
  said: {
    readonly orders: readonly string[];
    readonly amount: string | null;
    readonly clause: Clause;
  },
): boolean {
  const order = OrderOfAction.safeParse(action.arguments);
  if (
    order.success &&
    said.orders.length > 0 &&
    !said.orders.includes(order.data.orderId.toLowerCase())
  )
    return false;
  const refund = RefundArguments.safeParse(action.arguments);
  if (!refund.success) return true;
  const { minor, currency } = refund.data.amount;
  const [, saidMinor, saidCurrency] = said.amount?.split(":") ?? [];
  if (
    said.amount !== null &&
    (saidMinor !== String(minor) || ![currency, "?"].includes(saidCurrency ?? ""))
  )
    return false;
  const left = facts.map(({ paid, refunded }) => paid.minor - refunded.minor);
  return !saysInFull(said.clause.text) || left.every((rest) => minor >= rest);
}

function saysInFull(text: string): boolean {
  return /\b(?:full(?:y)?|whole|entire|complete(?:ly)?|everything|in full)\b/i.test(text);
}

function wasRefunded(known: Known, orders: readonly string[], amount: string | null): boolean {
  const minor = amount?.split(":")[1];
  return known.pastRefunds.some(
    (past) =>
      (orders.length === 0 || orders.includes(past.orderId.toLowerCase())) &&
      (minor === undefined || past.minor === null || String(past.minor) === minor),
  );
}

/** The orders the clause is about: those it names, else those its sentence names, else the last one named before. */
function ordersOf({ start, end, sentence }: Clause, orders: readonly Fact[]): readonly string[] {
  const own = within(orders, start, end);
  const around = own.length > 0 ? own : within(orders, sentence.start, sentence.end);
  const before = orders[firstFrom(orders, sentence.start) - 1];
  const meant = around.length > 0 || before === undefined ? around : [before];
  return meant.flatMap(({ keys }) => keys.map((key) => key.slice("id:".length)));
}

/** The amount the clause says was moved, or the first its sentence names. */
function amountOf({ start, end, sentence }: Clause, amounts: readonly Fact[]): string | null {
  const candidates = [
    ...within(amounts, start, end),
    ...within(amounts, sentence.start, sentence.end),
  ];
  return candidates.flatMap(({ keys }) => keys).find((key) => key.startsWith("amount:")) ?? null;
}

/** More facts than anybody writes into one sentence; the rest is not looked at, so that long texts stay quick. */
const FACTS_SHOWN_MAX = 40;

/** Facts come in their order, so where a stretch begins among them is found by halving. */
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

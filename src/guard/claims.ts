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
import { amountsIn, ordersIn } from "./facts.ts";
import type { Known } from "./receipts.ts";
import { type Clause, clausesOf } from "./sentences.ts";

type PlannedActions = NonNullable<Receipts["proposal"]>["actions"];

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
  const actions = receipts.proposal?.actions ?? [];
  const clauses = clausesOf(text);
  const findings: Finding[] = [];
  let spoken: ClaimTopic | null = null;
  for (const clause of clauses) {
    const topic = topicOf(clause, spoken);
    spoken = topic ?? spoken;
    const reason = objectionTo(clause, { topic, text, receipts, known, actions });
    if (reason !== null) findings.push({ kind: "claim", words: clause.text.trim(), reason });
  }
  return findings;
}

interface Context {
  readonly topic: ClaimTopic | null;
  readonly text: string;
  readonly receipts: Receipts;
  readonly known: Known;
  readonly actions: PlannedActions;
}

function objectionTo(clause: Clause, context: Context): string | null {
  const { topic, receipts, actions } = context;
  if (isQuestion(clause.sentence) || isQuoted(clause.sentence, receipts)) return null;
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
    ? !isConditional(clause)
    : HAND_OVER_DONE.test(clause.text) && !isHypothetical(clause) && !isDenied(clause.text);
}

/** A sentence of a help page, word for word, says how things usually go. */
function isQuoted(sentence: string, { passages }: Receipts): boolean {
  const words = lettersOf(sentence);
  return words.length > 20 && passages.some(({ text }) => lettersOf(text).includes(words));
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
  return /\b(?:it|this|that|everything|the money|the amount)\b/i.test(text) ? spoken : null;
}

type Form = "done" | "underway" | "future";

function formOf(clause: Clause, topic: ClaimTopic): Form | null {
  const { text } = clause;
  if (topic.generally?.test(text) === true) return null;
  if (isDenied(text)) return null;
  if (topic.forms.done.test(text)) return isHypothetical(clause) ? null : "done";
  if (topic.forms.underway.test(text)) return isHypothetical(clause) ? null : "underway";
  if (!topic.forms.future.test(text)) return null;
  return isConditional(clause) ? null : "future";
}

/** "No refund has been made", "nothing was changed". A "not" beside the verb never gets here: it parts verb and help. */
function isDenied(text: string): boolean {
  return /^\W*(?:no|none|nothing|neither|never|nobody)\b|\b(?:cannot|can't|can not|could not|couldn't|will not|won't|unable to|not (?:able|possible|allowed)|do not|don't|did not|didn't|does not|doesn't|has not|hasn't|have not|haven't|was not|wasn't|were not|is not|isn't|are not|aren't|has no|is no|no longer)\b(?![^.]{0,40}\b(?:tell|wait|believe|problem|worry)\b)/i.test(
    text,
  );
}

/** The clause itself stands under an "if": "once your refund has been approved". */
function isHypothetical({ text }: Clause): boolean {
  return /^\W*(?:(?:and|or|but|only|even) )?(?:if|once|when|whenever|unless|until|before|after|whether|as soon as (?!possible)|in case)\b/i.test(
    text,
  );
}

/** The sentence has a condition somewhere, so what "will" happen depends on it. */
function isConditional({ sentence }: Clause): boolean {
  return /\b(?:if|once|unless|until|whether|in case|as soon as (?!possible)|when(?:ever)? (?:you|it|the|we)|after (?:you|it|we|approval|a (?:teammate|person)))\b/i.test(
    sentence,
  );
}

function isQuestion(sentence: string): boolean {
  return (
    /\?["')\]]?\s*$/.test(sentence) &&
    /^\W*(?:has|have|had|was|were|is|are|did|does|do|would|could|can|shall|should|will|may|which|what|when|who|how|where|whether|why)\b/i.test(
      sentence,
    )
  );
}

/** Why nothing backs this claim, or null when an action of the bundle or a record does. */
function unbacked(clause: Clause, topic: ClaimTopic, form: Form, context: Context): string | null {
  const orders = ordersOf(clause, context.text);
  const amount = amountOf(clause);
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
function ordersOf(clause: Clause, text: string): readonly string[] {
  const own = idsIn(clause.text);
  if (own.length > 0) return own;
  const around = idsIn(clause.sentence);
  if (around.length > 0) return around;
  return idsIn(text.slice(0, clause.sentenceStart)).slice(-1);
}

function idsIn(text: string): readonly string[] {
  return ordersIn(text).flatMap(({ keys }) => keys.map((key) => key.slice("id:".length)));
}

/** The amount the clause says was moved, or the first its sentence names. */
function amountOf({ text, sentence }: Clause): string | null {
  return firstAmount(text) ?? firstAmount(sentence) ?? null;
}

function firstAmount(text: string): string | undefined {
  return amountsIn(text)
    .flatMap(({ keys }) => keys)
    .find((key) => key.startsWith("amount:"));
}

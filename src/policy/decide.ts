/** Makes decisions: built-in rules first, then the rules of the file, then people; and how freely replies go out. */
import { formatMoney, leftIn, type Money } from "#core/values/money.ts";
import type { OrderFacts, Origin } from "#core/values/action.ts";
import {
  decisionGround,
  usedUpText,
  type Decision,
  type PolicyQuestion,
  type Autonomy,
} from "#core/contracts/policy.ts";
import { type Calendar, dayNumber } from "./calendar.ts";
import { type Limits, limitsOver, reservationsFor } from "./limits.ts";
import {
  approversBeyond,
  type Case,
  type OperationRules,
  ONE_PERSON,
  type Outcome,
  ruleOutcome,
} from "./rules.ts";
import type { PolicyDocument } from "./schema.ts";

/** Everything a decision depends on; there is no other input, so the same question always gets the same answer. */
export interface Terms {
  readonly currency: string;
  readonly unshippedStatuses: ReadonlySet<string>;
  readonly operations: ReadonlyMap<string, OperationRules>;
  readonly limits: Limits;
  readonly calendar: Calendar;
}

/** Operations that came after the first policy files: people decide on them where a file has no rule for them. */
export const ASKED_WITHOUT_RULE: readonly string[] = [
  "cancel_order",
  "start_return",
  "exchange_item",
  "resend_invoice",
];

/** Names of the built-in rules, which hold whatever the file says; a rule of the file may not use them. */
export const BUILT_IN_RULES: readonly string[] = [
  "unlisted",
  "otherwise",
  "level",
  "order",
  "paid",
  "currency",
  "origin",
  "witnesses",
  "unfindable",
  "autonomy",
];

/** Whether a decision rests on what the file says: on a rule or a level there, or on how freely replies go out. */
export function restsOnFile(decision: Pick<Decision, "rule">): boolean {
  const { operation, name } = decisionGround(decision);
  if (operation === "reply") return name === "autonomy";
  return name === "level" || !BUILT_IN_RULES.includes(name);
}

/** Decides one question. Built-in rules come first, then the rules of the file in order, then people. */
export function decideBy(terms: Terms, question: PolicyQuestion): Decision {
  const rules = rulesFor(terms, question);
  const outcome = outcomeBy(terms, question);
  const isConsidered = outcome.by !== "level" && rules !== undefined;
  return (
    (isConsidered ? builtInRefusal(rules, question) : null) ?? inWords(terms, outcome, question)
  );
}

/** The outcome from which the decision's text is made, for explanations. */
export function outcomeBy(terms: Terms, question: PolicyQuestion): Outcome {
  const rules = rulesFor(terms, question);
  const asked = questionCase(terms, question);
  const outcomeAt = (level: Case["level"]): Outcome =>
    ruleOutcome(
      rules,
      { ...asked, level },
      {
        isOver: (rule, minor) => {
          const isOther = !asked.amountComparable && minor !== null;
          const amount = isOther ? { minor, currency: terms.currency } : question.amount;
          return limitsOver(terms.limits, rule, { ...question, amount }).length > 0;
        },
        proven: doubtsAbout(question.origin).length === 0,
      },
    );
  const outcome = outcomeAt(question.level);
  if (rules === undefined || outcome.verdict !== "allow") return outcome;
  if (question.unfindable === true)
    return { ...outcome, by: "unfindable", verdict: "ask", approvers: rules.strictest };
  // A proof for reading and answering allows nothing that its acting level does not allow by itself.
  const { actingLevel = question.level } = question;
  return rules.twoWitnesses || outcomeAt(actingLevel).verdict === "allow"
    ? outcome
    : { ...outcome, by: "witnesses", verdict: "ask", approvers: approversBeyond(rules, asked) };
}

/** The rules of the operation. A connected operation moves money when it comes with an amount. */
function rulesFor(
  { operations }: Terms,
  { operation, amount }: PolicyQuestion,
): OperationRules | undefined {
  const rules = operations.get(operation);
  return rules === undefined || rules.movesMoney || amount === null
    ? rules
    : { ...rules, movesMoney: true };
}

function inWords(terms: Terms, outcome: Outcome, question: PolicyQuestion): Decision {
  const { by, rule, verdict, approvers, passedOver, possible } = outcome;
  // An amount in another currency is part of no sum.
  const counting = by === "currency" ? { ...question, amount: null } : question;
  // The limits for which the rule that would have decided it did not.
  const over = passedOver === null ? [] : limitsOver(terms.limits, passedOver, counting);
  const notes = [
    ...over.map(overText),
    ...doubtsPassed(terms, outcome, question),
    ...notesOnSum(question),
  ];
  // What a rule would have allowed, were it not for its origin or proof, counts by it once a person approves it.
  const counted = possible ?? (rule === null ? [] : [rule]);
  const reservations = reservationsFor(terms.limits, counted, counting, terms.calendar);
  if (by !== "rule") {
    const decided = { verdict, rule: `${question.operation}.${by}`, approvers, reservations };
    const reason = SENTENCES[by](question);
    if (by !== "otherwise" && by !== "currency") return { ...decided, reason };
    return { ...decided, reason: withNotes(reason, notes), ...usedUpIn(over) };
  }
  if (rule === null) throw new Error("a rule decides, and there is none");
  return {
    verdict,
    rule: rule.id,
    reason: verdict === "allow" ? rule.reason : withNotes(rule.reason, notes),
    approvers,
    reservations,
    ...usedUpIn(over),
  };
}

/** Why a built-in rule decided. */
const SENTENCES: Readonly<
  Record<Exclude<Outcome["by"], "rule">, (question: PolicyQuestion) => string>
> = {
  unlisted: ({ operation }) => `The policy has no rule for ${operation}, so a person decides.`,
  level: () => "We first have to make sure who is asking.",
  currency: ({ amount }) =>
    `The policy has no amounts in ${amount?.currency ?? "this currency"}, so people decide.`,
  origin: ({ origin }) => doubtsAbout(origin).join(" "),
  witnesses: () =>
    "What proves the sender of this mail is enough to answer it, but not for this, so a person decides.",
  unfindable: () => "Nothing could tell afterwards whether it happened, so a person decides.",
  otherwise: () => "No rule of the policy fits this case, so people decide.",
};

function overText(limit: ReturnType<typeof limitsOver>[number]): string {
  if (limit.isCounted) return `${usedUpText(limit)}.`;
  return `The limit ${limit.name} (${limit.words}) counts by customer, and none is known.`;
}

function usedUpIn(over: ReturnType<typeof limitsOver>): Pick<Decision, "usedUp"> {
  const usedUp = over.flatMap(({ isCounted, name, words }) => (isCounted ? [{ name, words }] : []));
  return usedUp.length === 0 ? {} : { usedUp };
}

/** Why that rule would not have decided it either. */
function doubtsPassed(
  { operations }: Terms,
  { passedOver }: Outcome,
  { operation, origin }: PolicyQuestion,
): readonly string[] {
  const isOwn = passedOver?.verdict === "allow" && operations.get(operation)?.ownWords === true;
  return isOwn ? doubtsAbout(origin) : [];
}

/** A tier may be reached only with what was refunded before, and then its sentence alone would surprise. */
function notesOnSum(question: PolicyQuestion): readonly string[] {
  const [{ amount, order }, sum] = [question, amountInAll(question)];
  if (amount === null || order === null || sum === null || sum.minor === amount.minor) return [];
  return [
    `With the ${formatMoney(order.refunded)} refunded before, it is ${formatMoney(sum)} of this order.`,
  ];
}

/**
 * What no rule of the file can permit: another customer's order, money without a known order, a refund above the amount
 * paid.
 */
function builtInRefusal(rules: OperationRules, question: PolicyQuestion): Decision | null {
  const { operation, customerId, order, amount } = question;
  if (order !== null && order.customerId !== customerId)
    return deny(`${operation}.order`, "There is no such order for this customer.");
  if (!rules.movesMoney) return null;
  if (order === null || amount === null)
    return deny(`${operation}.order`, "It has to be clear which order and which amount is meant.");
  return overpaid(operation, amount, order);
}

function overpaid(operation: string, amount: Money, order: OrderFacts): Decision | null {
  const left = leftIn(order);
  // Two currencies cannot be compared, so people who can look at the payment decide on such an order.
  if (left === null || amount.currency !== order.paid.currency)
    return deny(
      `${operation}.paid`,
      `Order ${order.orderId} was paid in ${order.paid.currency} and can only be refunded in it.`,
    );
  if (amount.minor <= left.minor) return null;
  return deny(
    `${operation}.paid`,
    left.minor === 0
      ? `Everything that was paid for order ${order.orderId} has been refunded already.`
      : `At most ${formatMoney(left)} of order ${order.orderId} can still be refunded.`,
  );
}

/**
 * What tiers are compared with: the amount and all that went back on this order before, so that an amount cut into
 * slices asks as many people as the whole. In an order of two currencies nothing can be added; `overpaid` refuses it.
 */
function amountInAll({ amount, order }: PolicyQuestion): Money | null {
  if (amount === null || order === null || order.refunded.currency !== amount.currency)
    return amount;
  return { ...amount, minor: amount.minor + order.refunded.minor };
}

function questionCase(terms: Terms, question: PolicyQuestion): Case {
  const { amount, order, level, at } = question;
  return {
    amountMinor: amountInAll(question)?.minor ?? null,
    amountComparable: amount === null || amount.currency === terms.currency,
    order:
      order === null
        ? null
        : {
            daysSinceDelivery:
              order.deliveredOn === null
                ? null
                : terms.calendar.dayOf(at) - dayNumber(order.deliveredOn),
            beforeShipping: terms.unshippedStatuses.has(order.status),
          },
    level,
  };
}

/** Why a person has to check the origin; empty when the customer asked for it and every value is on record. */
function doubtsAbout(origin: PolicyQuestion["origin"]): readonly string[] {
  if (origin === null) return [];
  const given = origin.unproven.filter(({ words }) => words !== "");
  return [
    ...(origin.asked ? [] : [`${unaskedText(origin)}, so a person decides.`]),
    ...aboutValues(given, ["stands in no record", "stand in no record"]),
    // A value without words of the customer's may well stand in a record: the model chose which.
    ...aboutValues(
      origin.unproven.filter(
        ({ argument, words }) => words === "" && !given.some((one) => one.argument === argument),
      ),
      ["was not named by the customer", "were not named by the customer"],
    ),
  ];
}

/** Why a person decides about what was not plainly asked for. */
export function unaskedText({ unread }: Pick<Origin, "unread">): string {
  return unread === true
    ? "The customer's words could not be read a second time"
    : "This was not asked for in a sentence of the customer's own";
}

type Unproven = NonNullable<PolicyQuestion["origin"]>["unproven"];

function aboutValues(
  values: Unproven,
  [one, many]: readonly [one: string, many: string],
): readonly string[] {
  const names = [...new Set(values.map(({ argument }) => argument.replaceAll("_", " ")))];
  if (names.length === 0) return [];
  return [
    `The ${names.join(" and the ")} ${names.length === 1 ? one : many}, so a person decides.`,
  ];
}

function withNotes(reason: string, notes: readonly string[]): string {
  return [reason, ...notes].join(" ");
}

function deny(rule: string, reason: string): Decision {
  return { verdict: "deny", rule, reason, approvers: { count: 0, leads: 0 }, reservations: [] };
}

/** How freely replies go out on a channel: a topic's own setting where it has one, else the channel's. */
export function topicAutonomy(
  { topics, default: otherwise }: PolicyDocument["autonomy"]["email"],
  topic: string,
): Autonomy {
  return Object.hasOwn(topics, topic) ? (topics[topic] ?? otherwise) : otherwise;
}

/**
 * A reply has no amount tiers: the channel's autonomy decides whether it is sent, needs approval, or stays internal.
 */
export function replyBy(
  document: Pick<PolicyDocument, "autonomy">,
  { channel, topic }: Pick<PolicyQuestion, "channel" | "topic">,
): Decision {
  const autonomy = topicAutonomy(document.autonomy[channel], topic);
  const base = { rule: "reply.autonomy", reservations: [] };
  switch (autonomy) {
    case "auto":
      return {
        ...base,
        verdict: "allow",
        reason: `Replies on ${channel} go out when the output check passes.`,
        approvers: { count: 0, leads: 0 },
      };
    case "draft":
      return {
        ...base,
        verdict: "ask",
        reason: `Replies on ${channel} are read by a person first.`,
        approvers: ONE_PERSON,
      };
    case "shadow":
      return {
        ...base,
        verdict: "deny",
        reason: `On ${channel} drafts are only shown to the team; nothing is sent.`,
        approvers: { count: 0, leads: 0 },
      };
  }
}

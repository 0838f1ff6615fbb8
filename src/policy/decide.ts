import { formatMoney, type Money } from "#core/money.ts";
import type { OrderFacts } from "#core/action.ts";
import type { Decision, PolicyQuestion } from "#core/policy.ts";
import { type Calendar, dayNumber } from "./calendar.ts";
import { type Limits, limitsOver, reservationsFor } from "./limits.ts";
import { type Case, matches, ONE_PERSON, type OperationRules, type Rule } from "./rules.ts";

/** Everything a decision is made from; nothing else is looked at, so the same question always gets the same answer. */
export interface Terms {
  readonly currency: string;
  readonly unshippedStatuses: ReadonlySet<string>;
  readonly operations: ReadonlyMap<string, OperationRules>;
  readonly limits: Limits;
  readonly calendar: Calendar;
}

/** Rule names that stand for what holds whatever the file says; a rule of the file may not use them. */
export const BUILT_IN_RULES: readonly string[] = [
  "unlisted",
  "otherwise",
  "level",
  "order",
  "paid",
  "currency",
  "autonomy",
];

/** Answers one question. What always holds comes first, then the rules of the file in their order, then people. */
export function decideBy(terms: Terms, question: PolicyQuestion): Decision {
  const { operation } = question;
  const operationRules = terms.operations.get(operation);
  if (operationRules === undefined)
    return ask(
      `${operation}.unlisted`,
      `The policy has no rule for ${operation}, so a person decides.`,
    );
  const refusal = refusalOf(operationRules, question);
  if (refusal !== null) return refusal;
  const asked = caseOf(terms, question);
  return asked.amountComparable
    ? firstMatch(terms, operationRules, asked, question)
    : otherCurrency(operationRules, asked, question);
}

/** What no rule of the file can permit: too little identity, a stranger's order, more money back than was paid. */
function refusalOf(rules: OperationRules, question: PolicyQuestion): Decision | null {
  const { operation, level, customerId, order, amount } = question;
  if (level < rules.level)
    return deny(`${operation}.level`, "We first have to make sure who is asking.");
  if (order !== null && order.customerId !== customerId)
    return deny(`${operation}.order`, "There is no such order for this customer.");
  if (!rules.movesMoney) return null;
  if (order === null || amount === null)
    return deny(`${operation}.order`, "It has to be clear which order and which amount is meant.");
  return overpaid(operation, amount, order);
}

function overpaid(operation: string, amount: Money, order: OrderFacts): Decision | null {
  const left = { ...order.paid, minor: Math.max(0, order.paid.minor - order.refunded.minor) };
  // Two currencies cannot be compared, so such an order is settled by people who can look at the payment.
  if (order.refunded.currency !== order.paid.currency || amount.currency !== order.paid.currency)
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

function caseOf(terms: Terms, { amount, order, level, at }: PolicyQuestion): Case {
  return {
    amountMinor: amount?.minor ?? null,
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

/**
 * The rules in their order. A limit that is used up turns the whole request over to people: rules that allow are then
 * passed over, so that asking for more can never be the way around a limit.
 */
function firstMatch(
  terms: Terms,
  { rules, strictest, movesMoney }: OperationRules,
  asked: Case,
  question: PolicyQuestion,
): Decision {
  const overruns: string[] = [];
  for (const rule of rules) {
    if (!matches(rule, asked, movesMoney)) continue;
    if (rule.verdict !== "allow") return settled(rule, overruns);
    if (overruns.length > 0) continue;
    overruns.push(...limitsOver(terms.limits, rule, question));
    if (overruns.length > 0) continue;
    return {
      ...settled(rule, []),
      reservations: reservationsFor(terms.limits, rule, question, terms.calendar),
    };
  }
  return {
    ...ask(
      `${question.operation}.otherwise`,
      withOverruns("No rule of the policy fits this case, so people decide.", overruns),
    ),
    approvers: strictest,
  };
}

function settled(rule: Rule, overruns: readonly string[]): Decision {
  return {
    verdict: rule.verdict,
    rule: rule.id,
    reason: rule.verdict === "ask" ? withOverruns(rule.reason, overruns) : rule.reason,
    approvers: rule.approvers,
    reservations: [],
  };
}

/** Amounts in another currency fit no tier, so only a refusal that does not depend on the amount is taken from the file. */
function otherCurrency(
  { rules, strictest, movesMoney }: OperationRules,
  asked: Case,
  { operation, amount }: PolicyQuestion,
): Decision {
  const denial = rules.find(
    (rule) =>
      rule.verdict === "deny" &&
      (rule.afterDays !== null || rule.delivered !== null) &&
      matches(rule, asked, movesMoney),
  );
  if (denial !== undefined) return settled(denial, []);
  return {
    ...ask(
      `${operation}.currency`,
      `The policy has no amounts in ${amount?.currency ?? "this currency"}, so people decide.`,
    ),
    approvers: strictest,
  };
}

function withOverruns(reason: string, overruns: readonly string[]): string {
  return [reason, ...overruns].join(" ");
}

function ask(rule: string, reason: string): Decision {
  return { verdict: "ask", rule, reason, approvers: ONE_PERSON, reservations: [] };
}

function deny(rule: string, reason: string): Decision {
  return { verdict: "deny", rule, reason, approvers: { count: 0, leads: 0 }, reservations: [] };
}

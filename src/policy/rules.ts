/** Prepares the rules of an operation and matches them against a case. */
import type { IdentityLevel } from "#core/values/identity.ts";
import { fromDecimal, MONEY_OPERATIONS } from "#core/values/money.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import type { OperationEntry, PolicyDocument, RuleEntry } from "./schema.ts";

/** What a rule asks of a case; the comparison of policies knows these and takes any other one for a relaxation. */
export const CONDITIONS = [
  "up_to",
  "above",
  "within_days",
  "after_days",
  "delivered",
  "before_shipping",
  "level",
] as const satisfies readonly (keyof RuleEntry)[];

/** One rule with its amounts in minor units of the policy's currency. */
export interface Rule {
  readonly id: string;
  readonly verdict: "allow" | "ask" | "deny";
  readonly upToMinor: number | null;
  readonly aboveMinor: number | null;
  readonly withinDays: number | null;
  readonly afterDays: number | null;
  readonly delivered: boolean | null;
  readonly beforeShipping: boolean;
  readonly level: IdentityLevel;
  readonly approvers: Approvers;
  readonly limits: readonly string[];
  readonly reason: string;
}

export interface OperationRules {
  readonly level: IdentityLevel;
  readonly movesMoney: boolean;
  /** Whether a rule may allow only what the customer asked for in their own words. */
  readonly ownWords: boolean;
  readonly rules: readonly Rule[];
  /** For a case without a matching rule: as many people as the strictest rule of this operation requires. */
  readonly strictest: Approvers;
}

/** The input of the rules in one plain shape, so that the load-time check can enumerate every case. */
export interface Case {
  readonly amountMinor: number | null;
  /** False when the amount is in a currency the rules do not cover: no rule about amounts then matches. */
  readonly amountComparable: boolean;
  readonly order: {
    /** Null while not delivered. */
    readonly daysSinceDelivery: number | null;
    readonly beforeShipping: boolean;
  } | null;
  readonly level: IdentityLevel;
}

export const ONE_PERSON: Approvers = { count: 1, leads: 0 };
/** Includes `fourEyes` only where the rule requires it. */
export function requiredApprovers({ approvers }: Pick<RuleEntry, "approvers">): Approvers {
  if (approvers === undefined) return ONE_PERSON;
  const { count, leads, four_eyes: fourEyes } = approvers;
  return { count, leads, ...(fourEyes === true ? { fourEyes } : {}) };
}

/** As many as the strictest of these requires, never fewer than `least`. */
export function mostCareful(asked: readonly Approvers[], least: number): Approvers {
  return {
    count: Math.max(least, ...asked.map(({ count }) => count)),
    leads: Math.max(0, ...asked.map(({ leads }) => leads)),
    ...(asked.some(({ fourEyes }) => fourEyes === true) ? { fourEyes: true } : {}),
  };
}

const NO_APPROVERS: Approvers = { count: 0, leads: 0 };

/** Prepares the rules of one operation. Throws for an amount the currency cannot hold. */
export function preparedRules(
  operation: string,
  entry: OperationEntry,
  { currency }: Pick<PolicyDocument, "currency">,
): OperationRules {
  const rules = entry.rules.map((rule) => preparedRule(operation, rule, currency));
  return {
    level: entry.level,
    movesMoney: MONEY_OPERATIONS.includes(operation),
    ownWords: entry.own_words === "required",
    rules,
    strictest: mostCareful(
      rules.map(({ approvers }) => approvers),
      1,
    ),
  };
}

function preparedRule(operation: string, rule: RuleEntry, currency: string): Rule {
  const minor = (amount: number | undefined): number | null =>
    amount === undefined ? null : fromDecimal(amount, currency).minor;
  return {
    id: `${operation}.${rule.name}`,
    verdict: rule.verdict,
    upToMinor: minor(rule.up_to),
    aboveMinor: minor(rule.above),
    withinDays: rule.within_days ?? null,
    afterDays: rule.after_days ?? null,
    delivered: rule.delivered ?? null,
    beforeShipping: rule.before_shipping ?? false,
    level: rule.level ?? 0,
    approvers: rule.verdict === "ask" ? requiredApprovers(rule) : NO_APPROVERS,
    limits: rule.limits ?? [],
    reason: rule.reason,
  };
}

/**
 * True when every condition of the rule holds. Policy never allows money for an order that has not arrived, whatever
 * the rule says, because it is not known yet whether it will arrive, and never money without a most.
 */
export function matches(rule: Rule, asked: Case, movesMoney: boolean): boolean {
  const early = asked.order?.daysSinceDelivery === null;
  if (rule.verdict === "allow" && movesMoney && (early || rule.upToMinor === null)) return false;
  return asked.level >= rule.level && amountFits(rule, asked) && orderFits(rule, asked.order);
}

function amountFits({ upToMinor, aboveMinor }: Rule, asked: Case): boolean {
  if (upToMinor === null && aboveMinor === null) return true;
  if (asked.amountMinor === null || !asked.amountComparable) return false;
  return (
    asked.amountMinor <= (upToMinor ?? Number.MAX_SAFE_INTEGER) &&
    asked.amountMinor > (aboveMinor ?? -1)
  );
}

function orderFits(rule: Rule, order: Case["order"]): boolean {
  if (!asksAboutOrder(rule)) return true;
  if (order === null || (rule.beforeShipping && !order.beforeShipping)) return false;
  const days = order.daysSinceDelivery;
  if (rule.delivered !== null && rule.delivered !== (days !== null)) return false;
  // An order on its way counts as inside every window.
  return days === null
    ? rule.afterDays === null
    : days <= (rule.withinDays ?? days) && days > (rule.afterDays ?? days - 1);
}

function asksAboutOrder({ withinDays, afterDays, delivered, beforeShipping }: Rule): boolean {
  return withinDays !== null || afterDays !== null || delivered !== null || beforeShipping;
}

/** Prepares the rules of an operation, finds the one that decides a case, and compares verdicts by how lax they are. */
import type { IdentityLevel } from "#core/values/identity.ts";
import { fromDecimal, MONEY_OPERATIONS } from "#core/values/money.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import type { OperationEntry, PolicyDocument, RuleEntry } from "./schema.ts";

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
  /** Whether a proof that is enough to read and answer is enough for this as well. */
  readonly twoWitnesses: boolean;
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
    twoWitnesses: entry.two_witnesses === "enough",
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
function matches(rule: Rule, asked: Case, movesMoney: boolean): boolean {
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

/** Inputs outside the case itself: how much of the limits is used, and where the request comes from. */
export interface World {
  /** True when a limit of this rule leaves no room for the case; in another currency, were it of so much. */
  isOver(rule: Rule, minor: number | null): boolean;
  /** False when the customer did not ask for it in their own words, or one of its values is in no record. */
  readonly proven: boolean;
}

/**
 * The result of a case. `rule`: the rule decides. `origin`: the rule would have allowed it, were it proven. `witnesses`:
 * were its writer proven by more. `unfindable`: could its outcome be found out. The others have no rule: identity level too low, a currency without amounts, no match, an unknown operation.
 */
export interface Outcome {
  readonly by:
    | "rule"
    | "origin"
    | "witnesses"
    | "unfindable"
    | "level"
    | "currency"
    | "otherwise"
    | "unlisted";
  readonly rule: Rule | null;
  readonly verdict: Rule["verdict"];
  readonly approvers: Approvers;
  /** The rule that would have decided it if its limits had left room. */
  readonly passedOver: Rule | null;
  /** In another currency, every rule that decides some amount: it counts by the limits of each. */
  readonly possible?: readonly Rule[];
}

const NO_RULE = { rule: null, passedOver: null } as const;

/** The verdicts, the mildest first. */
const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/** The only evaluation of the rules: decisions use it, and so do comparisons of policy files. */
export function ruleOutcome(
  operation: OperationRules | undefined,
  asked: Case,
  world: World,
): Outcome {
  if (operation === undefined)
    return { ...NO_RULE, by: "unlisted", verdict: "ask", approvers: ONE_PERSON };
  if (asked.level < operation.level)
    return { ...NO_RULE, by: "level", verdict: "deny", approvers: { count: 0, leads: 0 } };
  return asked.amountComparable
    ? firstMatch(operation, asked, world)
    : otherCurrency(operation, asked, world);
}

/**
 * The rules in order. A used-up limit sends the whole request to people, and one on what people approve to a lead: rules
 * that allow are then skipped, so that asking for more can never be the way around a limit. A request the customer did not make in their own words, or with
 * values from no record, is never allowed either.
 */
function firstMatch(operation: OperationRules, asked: Case, world: World): Outcome {
  let passedOver: Rule | null = null;
  for (const rule of operation.rules) {
    if (!matches(rule, asked, operation.movesMoney)) continue;
    if (rule.verdict === "deny") return { ...settled(rule), passedOver };
    if (rule.verdict === "allow" && passedOver !== null) continue;
    if (world.isOver(rule, asked.amountMinor))
      passedOver = isStricterPast(rule, passedOver) ? rule : passedOver;
    else if (rule.verdict === "ask") return beyond(passedOver, settled(rule));
    else if (operation.ownWords && !world.proven)
      return {
        ...settled(rule),
        by: "origin",
        verdict: "ask",
        approvers: approversBeyond(operation, asked),
      };
    else return settled(rule);
  }
  return beyond(passedOver, {
    by: "otherwise",
    rule: null,
    verdict: "ask",
    approvers: operation.strictest,
    passedOver,
  });
}

/** Of the rules whose limits are used up, one that asks counts before one that allows. */
function isStricterPast(rule: Rule, before: Rule | null): boolean {
  return before === null || (before.verdict === "allow" && rule.verdict === "ask");
}

/** Where a limit on what people approve is used up, it takes the people of that rule at least, and a lead among them. */
function beyond(passedOver: Rule | null, outcome: Outcome): Outcome {
  if (passedOver?.verdict !== "ask") return { ...outcome, passedOver };
  const lead = { count: 1, leads: 1 };
  const approvers = mostCareful([outcome.approvers, passedOver.approvers, lead], 1);
  return { ...outcome, approvers, passedOver };
}

/** The approvers for a case that a rule would have allowed, were it not for its origin or the proof of its writer. */
export function approversBeyond({ rules, movesMoney }: OperationRules, asked: Case): Approvers {
  const next = rules.find((rule) => rule.verdict === "ask" && matches(rule, asked, movesMoney));
  return next?.approvers ?? ONE_PERSON;
}

/**
 * An amount in another currency may be any amount: what the rules refuse at each one is refused, and so is what they
 * refuse for the order's age. Else people decide, as many as the strictest rule requires at any amount.
 */
function otherCurrency(operation: OperationRules, asked: Case, world: World): Outcome {
  const { rules, strictest, movesMoney } = operation;
  const amounts = [...edgeAmounts(rules), Number.MAX_SAFE_INTEGER].filter((minor) => minor > 0);
  const outcomes = amounts.map((amountMinor) =>
    firstMatch(operation, { ...asked, amountMinor, amountComparable: true }, world),
  );
  const isRefused = outcomes.every(({ verdict }) => verdict === "deny");
  const isPast = (rule: Rule): boolean =>
    rule.verdict === "deny" &&
    (rule.afterDays !== null || rule.delivered !== null) &&
    matches(rule, asked, movesMoney);
  const denial = isRefused ? outcomes[0]?.rule : rules.find(isPast);
  if (denial) return settled(denial);
  return {
    by: "currency",
    rule: null,
    verdict: "ask",
    approvers: mostCareful([strictest, ...outcomes.map(({ approvers }) => approvers)], 1),
    passedOver: outcomes.flatMap(({ passedOver }) => passedOver ?? [])[0] ?? null,
    possible: outcomes.flatMap(({ rule }) => rule ?? []),
  };
}

/** The amounts at which a condition of these rules can change its result, smallest first. */
export function edgeAmounts(rules: readonly Rule[]): readonly number[] {
  const edges = rules.flatMap(({ upToMinor, aboveMinor }) => [upToMinor ?? 0, aboveMinor ?? 0]);
  return [...new Set(edges.flatMap((edge) => [edge, edge + 1]))].toSorted((a, b) => a - b);
}

function settled(rule: Rule): Outcome {
  return {
    by: "rule",
    rule,
    verdict: rule.verdict,
    approvers: rule.approvers,
    passedOver: null,
  };
}

/**
 * True when the first is more lenient than the second: a softer verdict, fewer people or leads, or no four-eyes rule.
 */
export function isLaxer(
  first: Pick<Outcome, "verdict" | "approvers">,
  second: Pick<Outcome, "verdict" | "approvers">,
): boolean {
  if (first.verdict !== second.verdict)
    return STRICTNESS[first.verdict] < STRICTNESS[second.verdict];
  const [asks, asked] = [first.approvers, second.approvers];
  const fewer = asks.count < asked.count || asks.leads < asked.leads;
  return fewer || (asked.fourEyes === true && asks.fourEyes !== true);
}

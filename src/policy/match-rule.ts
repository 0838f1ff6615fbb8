/** Finds the rule that decides a case, and compares verdicts by how lax they are. */
import type { Approvers } from "#core/contracts/policy.ts";
import {
  type Case,
  matches,
  mostCareful,
  ONE_PERSON,
  type OperationRules,
  type Rule,
} from "./rules.ts";

/** Inputs outside the case itself: how much of the limits is used, and where the request comes from. */
export interface World {
  /** True when a limit of this rule leaves no room for the case. */
  isOver(rule: Rule): boolean;
  /** False when the customer did not ask for it in their own words, or one of its values is in no record. */
  readonly proven: boolean;
}

/**
 * The result of a case. `rule`: the rule decides. `origin`: the rule would have allowed it, were it proven. `unfindable`:
 * the rule would have allowed it, could its outcome be found out. The others have no rule: identity level too low, a currency without amounts, no match, an unknown operation.
 */
export interface Outcome {
  readonly by: "rule" | "origin" | "unfindable" | "level" | "currency" | "otherwise" | "unlisted";
  readonly rule: Rule | null;
  readonly verdict: Rule["verdict"];
  readonly approvers: Approvers;
  /** The rule that would have decided it if its limits had left room. */
  readonly passedOver: Rule | null;
}

const NO_RULE = { rule: null, passedOver: null } as const;
/** The verdicts, the mildest first. */
export const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

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
    : otherCurrency(operation, asked);
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
    if (world.isOver(rule)) passedOver = isStricterPast(rule, passedOver) ? rule : passedOver;
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

/** The approvers for a case that a rule would have allowed, were it not for its origin. */
function approversBeyond({ rules, movesMoney }: OperationRules, asked: Case): Approvers {
  const next = rules.find((rule) => rule.verdict === "ask" && matches(rule, asked, movesMoney));
  return next?.approvers ?? ONE_PERSON;
}

/**
 * Amounts in another currency match no tier, so only a refusal that does not depend on the amount is taken from the
 * file.
 */
function otherCurrency({ rules, strictest, movesMoney }: OperationRules, asked: Case): Outcome {
  const denial = rules.find(
    (rule) =>
      rule.verdict === "deny" &&
      (rule.afterDays !== null || rule.delivered !== null) &&
      matches(rule, asked, movesMoney),
  );
  return denial === undefined
    ? { ...NO_RULE, by: "currency", verdict: "ask", approvers: strictest }
    : settled(denial);
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

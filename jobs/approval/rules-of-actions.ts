/** Matches the decisions on a card with its actions. */

import type { PlannedAction, Proposal } from "#core/values/action.ts";
import { groundOf, type Decision } from "#core/contracts/policy.ts";

/** An action that is not a reply, with its decision. */
export interface DecidedPlan {
  readonly planned: PlannedAction;
  readonly rule: Decision;
}

/** What a card would do, with the decision on each action. */
export interface ActionRules {
  /** In the order in which they happen. */
  readonly actions: readonly DecidedPlan[];
  /** The decision on the replies, which share one. */
  readonly reply: Decision;
}

/**
 * Finds the decision for each action. A row keeps them in two lists: one decision per action that is not a reply, in
 * order, then the one on the reply. Each decision names its operation, so a list that is too short, too long or out of
 * order is noticed, as is a duplicate action. Null in all these cases: the policy's decision is then unknown and
 * nothing may happen.
 */
export function rulesOfActions(proposal: Proposal, rules: readonly Decision[]): ActionRules | null {
  const keys = new Set(proposal.actions.map(({ key }) => key));
  if (keys.size !== proposal.actions.length) return null;
  const planned = proposal.actions.filter(({ action }) => action.operation !== "reply");
  const reply = rules.at(-1);
  if (reply === undefined || rules.length !== planned.length + 1) return null;
  const actions: DecidedPlan[] = [];
  for (const [index, one] of planned.entries()) {
    const rule = rules[index];
    if (rule === undefined || !isAbout(rule, one.action.operation)) return null;
    actions.push({ planned: one, rule });
  }
  return isAbout(reply, "reply") ? { actions, reply } : null;
}

/** The decisions in the order in which a row keeps them. */
export function rulesIn({ actions, reply }: ActionRules): readonly Decision[] {
  return [...actions.map(({ rule }) => rule), reply];
}

/** The reason shown when the decisions do not match the actions. */
export const UNFITTING = "its rules are not about what it would do";

function isAbout(decision: Decision, operation: string): boolean {
  return groundOf(decision).operation === operation;
}

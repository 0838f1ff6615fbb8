import type { PlannedAction, Proposal } from "#core/values/action.ts";
import type { Decision } from "#core/contracts/policy.ts";

/** An action that is no reply, with the decision on it. */
export interface DecidedPlan {
  readonly planned: PlannedAction;
  readonly rule: Decision;
}

/** What a card would do, with the decision on each part of it. */
export interface ActionRules {
  /** In the order in which they happen. */
  readonly actions: readonly DecidedPlan[];
  /** The decision on the replies, which share one. */
  readonly reply: Decision;
}

/**
 * Reads which decision belongs to which action. A row keeps them in two lists: one decision for each action that is no
 * reply, in their order, and the one on the reply behind them. A decision names its operation, so a list that is too
 * short, too long or in another order is noticed; so is an action that stands there twice. Null for all of these: nobody
 * then knows what the policy says about it, and it must not happen.
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

/** What is said of a card whose decisions are not about what it would do. */
export const UNFITTING = "its rules are not about what it would do";

function isAbout({ rule }: Decision, operation: string): boolean {
  return rule.startsWith(`${operation}.`);
}

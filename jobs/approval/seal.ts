/** The seal of what people approve, the decisions under it, and the check before an effect begins. */

import { z } from "zod";
import { PlannedAction, type Proposal } from "#core/values/action.ts";
import { Decision, decisionGround, type Approvers } from "#core/contracts/policy.ts";
import { comparedSeal, proposalSeal, type SealBreak } from "#gate/kernel/seal.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { mostCareful } from "#policy/rules.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { votersFor } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";

/**
 * How many approvers a bundle needs: as many as its strictest rule. Always computed from the rules, which the seal
 * covers, never read from a separate column. `least` is 1 as soon as a person is asked at all.
 */
export function bundleApprovers(rules: readonly Decision[], least: 0 | 1): Approvers {
  return mostCareful(
    rules.map(({ approvers }) => approvers),
    least,
  );
}

/**
 * Seals exactly what the row holds: a database replaces some characters, and the seal is compared with the row on each
 * click. A card without a proposal (a blocked message) is sealed for its revision alone.
 */
export function sealFor(
  proposal: Proposal | null,
  revision: string,
  rules: readonly Decision[],
): string {
  return proposalSeal({
    actions: StoredActions.parse(JSON.parse(storableJson(proposal?.actions ?? []))),
    revision,
    rules: SealedDecisions.parse(JSON.parse(storableJson(rules))),
  });
}

/** What the seal covers of a decision, which is what every version of one has. */
const SealedDecision = z.object(Decision.omit({ usedUp: true }).shape);
const SealedDecisions = z.array(SealedDecision);

/** Actions as read back from their row; a blocked message has none. */
const StoredActions = z.array(PlannedAction);

/** An action that is not a reply, with its decision. */
export interface DecidedPlan {
  readonly planned: PlannedAction;
  readonly rule: Decision;
}

/**
 * Finds the decision for each action, in the order in which they happen, and the one that the replies share. A row keeps them in two lists: one decision per action that is not a reply, in
 * order, then the one on the reply. Each decision names its operation, so a list that is too short, too long or out of
 * order is noticed, as is a duplicate action. Null in all these cases: the policy's decision is then unknown and
 * nothing may happen.
 */
export function rulesOfActions(proposal: Proposal, rules: readonly Decision[]) {
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

function isAbout(decision: Decision, operation: string): boolean {
  return decisionGround(decision).operation === operation;
}

/** In what a card is not what is about to happen. */
export type CardBreak = SealBreak | { readonly what: "absent" | "unfitting" | "too_few" };

/**
 * Compares the approval with what is about to happen: the seal computed again, the effect with its approved action, the
 * decisions with their actions, and the votes with the audit, which records the seal of each. Null when it may happen.
 * Called in the transaction that begins the effect.
 */
export async function sealBreak(
  transaction: Transaction,
  effect: Pick<
    Effect,
    "approvedBy" | "approvalId" | "revision" | "position" | "key" | "action" | "facts"
  >,
): Promise<CardBreak | null> {
  if (!isSealed(effect)) return null;
  const approval =
    effect.approvalId === null ? null : await loadApproval(transaction, effect.approvalId);
  if (approval === null || approval.proposal === null) return { what: "absent" };
  const { proposal, revision, rules, state, seal } = approval;
  const now = sealFor(proposal, revision, rules);
  const stored = { state, seal, now, revision, actions: proposal.actions };
  const broken = comparedSeal(stored, effect);
  if (broken !== null) return broken;
  if (rulesOfActions(proposal, rules) === null) return { what: "unfitting" };
  const { id, version } = approval;
  const voters = await votersFor(transaction, { approval: id, version, seal });
  return voters >= bundleApprovers(rules, 1).count ? null : { what: "too_few" };
}

/** A teammate's answer elsewhere is relayed without a card of its own. */
function isSealed({ approvedBy, approvalId }: Pick<Effect, "approvedBy" | "approvalId">): boolean {
  return approvedBy === "person" || (approvedBy === "teammate" && approvalId !== null);
}

/** Checks before an effect begins that it is what people approved. */

import { canonical } from "#core/values/canonical-json.ts";
import type { Approvers, Decision } from "#core/contracts/policy.ts";
import { mostCareful } from "#policy/rules.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { votersFor } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { rulesOfActions, UNFITTING } from "./rules-of-actions.ts";
import { sealFor } from "./save-card.ts";

/**
 * How many approvers a bundle needs: as many as its strictest rule. Always computed from the rules, which the seal
 * covers, never read from a separate column. `least` is 1 as soon as a person is asked at all.
 */
export function needsOf(rules: readonly Decision[], least: 0 | 1): Approvers {
  return mostCareful(
    rules.map(({ approvers }) => approvers),
    least,
  );
}

/**
 * Compares the approval with what is about to happen: the seal computed again, the effect with its approved action, the
 * decisions with their actions, and the votes with the audit, which records the seal of each. Returns why it may not
 * happen, or null. Called in the transaction that begins the effect.
 */
export async function brokenSealReason(
  transaction: Transaction,
  effect: Pick<
    Effect,
    "approvedBy" | "approvalId" | "revision" | "position" | "key" | "action" | "facts"
  >,
): Promise<string | null> {
  if (effect.approvedBy !== "person") return null;
  const approval =
    effect.approvalId === null ? null : await loadApproval(transaction, effect.approvalId);
  if (approval === null || approval.proposal === null) return "no approval stands behind it";
  if (approval.state !== "approved") return `its approval is ${approval.state}`;
  const seal = sealFor(approval.proposal, approval.revision, approval.rules);
  if (seal !== approval.seal || effect.revision !== approval.revision)
    return "what was approved was changed";
  const planned = approval.proposal.actions[effect.position];
  if (planned === undefined || canonical(partsOf(planned)) !== canonical(partsOf(effect)))
    return "it is not what was approved";
  if (rulesOfActions(approval.proposal, approval.rules) === null) return UNFITTING;
  const { id, version } = approval;
  const voters = await votersFor(transaction, { approval: id, version, seal });
  return voters >= needsOf(approval.rules, 1).count ? null : "not enough people approved this";
}

function partsOf({ key, action, facts }: Pick<Effect, "key" | "action" | "facts">) {
  return { key, action, facts };
}

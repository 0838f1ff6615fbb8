/** Whether enough different people really said yes to exactly what is about to happen. */
import { sealAfresh } from "./cards-hold.ts";
import { RefundArguments } from "#core/values/action.ts";
import { canonical } from "#core/values/canonical-json.ts";
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { isLax } from "#test/simulation/approvals/policies.ts";
import { policiesSoFar } from "./by-policy.ts";
import type { Watch } from "./watch.ts";

/** A button that a teammate pressed on a card in one of its versions. */
export interface Attempt {
  readonly human: string;
  readonly role: Role | null;
  readonly decided: DeskDecision;
}

/** The amount from which the sandbox's policy wants two people. */
const TWO_PEOPLE_ABOVE = 20_000;

export async function votesBehind(
  transaction: Transaction,
  watch: Watch,
  effect: Effect,
): Promise<readonly string[]> {
  const approval =
    effect.approvalId === null ? null : await loadApproval(transaction, effect.approvalId);
  if (approval === null) return ["no card stands behind it"];
  const wasLax = (await policiesSoFar(transaction)).some((policy) => isLax(policy));
  return [...sealProblems(approval, effect), ...peopleProblems(watch, approval, effect, wasLax)];
}

/** The seal, computed afresh, still says what was decided, and what happens is what it says. */
function sealProblems(approval: Approval, effect: Effect): readonly string[] {
  const problems: string[] = [];
  const { proposal, seal } = approval;
  if (approval.state !== "approved") problems.push(`its card is ${approval.state}`);
  if (sealAfresh(approval) !== seal) problems.push("the seal does not fit the card");
  const planned = proposal?.actions.find(({ key }) => key === effect.key);
  if (
    planned === undefined ||
    canonical([planned.action, planned.facts]) !== canonical([effect.action, effect.facts])
  )
    problems.push("it is not what stands on the card");
  return problems;
}

/** Only presses of this version count: an edit or an undo makes a new one, for which no teammate has said yes yet. */
function peopleProblems(
  watch: Watch,
  approval: Approval,
  effect: Effect,
  wasLax: boolean,
): readonly string[] {
  const yes = watch.attempts.filter(
    ({ decided, role }) =>
      role !== null &&
      decided.button === "approve" &&
      decided.approvalId === approval.id &&
      decided.version === approval.version,
  );
  const humans = new Map(yes.map(({ human, role }) => [human, role]));
  const leads = [...humans.values()].filter((role) => role === "lead").length;
  const needs = needsOf(approval, effect, wasLax);
  if (humans.size >= needs.count && leads >= needs.leads) return [];
  return [
    `${[...humans.keys()].join(" and ") || "no teammate"} said yes, and ${needs.count} people are needed, ${needs.leads} of them leads`,
  ];
}

/** What the card asked for, and for large refunds at least what the policy file says in plain numbers. */
function needsOf(
  approval: Approval,
  effect: Effect,
  wasLax: boolean,
): { readonly count: number; readonly leads: number } {
  const { count, leads } = approval.needs;
  const refund = RefundArguments.safeParse(effect.action.arguments);
  const isLarge = refund.success && refund.data.amount.minor > TWO_PEOPLE_ABOVE && !wasLax;
  return isLarge ? { count: Math.max(count, 2), leads: Math.max(leads, 1) } : { count, leads };
}

import { type Proposal, RefundArguments } from "#core/values/action.ts";
import type { ApprovalVote } from "#core/values/approval.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { formatMoney, isBeyond, type Money } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { Approvers, Policy } from "#core/contracts/policy.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

/** The groups in which voters are now, by voter: what their earlier votes are worth hangs on these. */
export type GroupsNow = ReadonlyMap<string, readonly string[]>;

/**
 * Looks up again whoever voted with a role that only a group of the desk gives them: they may have left it since. Null
 * when that cannot be found out, and then nothing may be decided on their vote. Everybody else is read in the policy.
 */
export async function groupsNow(
  { desk, policy }: Pick<JobContext, "desk" | "policy">,
  votes: readonly ApprovalVote[],
): Promise<GroupsNow | null> {
  const now = new Map<string, readonly string[]>();
  for (const { voter, deskId, groups = [] } of votes) {
    const isNamed = policy.roleOf({ id: deskId ?? voter, email: voter }) !== null;
    if (isNamed || groups.length === 0) continue;
    try {
      const signal = AbortSignal.timeout(LIMITS.lookupMs);
      now.set(voter, await desk.groupsOf(deskId ?? voter, signal));
    } catch (error) {
      if (!(error instanceof DeskhandError)) throw error;
      return null;
    }
  }
  return now;
}

/** Told when somebody's standing cannot be found out, so that nothing is decided on it. */
export const VOTERS_UNCHECKED =
  "Deskhand could not check whether those who approved before still may. Nothing was changed; try again.";

/** The vote with what it needs to be judged again later: the voter's other name and their groups. */
export function addVote(
  votes: readonly ApprovalVote[],
  voter: string,
  { id, groups = [] }: Pick<DeskTeammate, "id" | "groups">,
): ApprovalVote[] {
  return votes.map((vote) =>
    vote.voter === voter
      ? { ...vote, deskId: id, ...(groups.length === 0 ? {} : { groups: [...groups] }) }
      : vote,
  );
}

/** Why somebody with this role may not approve so much, in words for them; null when they may. */
export function exceededApproverLimit(
  policy: Pick<Policy, "approvalLimit">,
  role: Role,
  proposal: Proposal | null,
): string | null {
  for (const { operation, amount } of moneyIn(proposal)) {
    const limit = policy.approvalLimit(role, operation);
    if (limit === null || !isBeyond(amount, limit)) continue;
    return `Your role may approve a ${operation} of up to ${formatMoney(limit)}, and this one is of ${formatMoney(amount)}. ${role === "lead" ? "Nothing was changed." : "A lead has to approve it."}`;
  }
  return null;
}

/** Of several refunds on one card the sum counts, so that no limit is kept by cutting an amount in pieces. */
function moneyIn(
  proposal: Proposal | null,
): readonly { readonly operation: string; readonly amount: Money }[] {
  const sums = new Map<string, number>();
  for (const { action } of proposal?.actions ?? []) {
    if (action.operation !== "refund") continue;
    const { amount } = RefundArguments.parse(action.arguments);
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.minor);
  }
  return [...sums].map(([currency, minor]) => ({
    operation: "refund",
    amount: { minor, currency },
  }));
}

/** Who has to be there for it: leads alone where support may not approve so much. */
export function needsWithinLimits(
  policy: Pick<Policy, "approvalLimit">,
  needs: Approvers,
  proposal: Proposal | null,
): Approvers {
  return exceededApproverLimit(policy, "support", proposal) === null
    ? needs
    : { ...needs, leads: needs.count };
}

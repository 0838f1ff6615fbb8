/** What an approver's role and groups allow: amounts per role, and groups looked up again. */

import { amountMoved, orderOf, type Proposal } from "#core/values/action.ts";
import type { ApprovalVote } from "#core/values/approval.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { formatMoney, isBeyond, type Money } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { Approvers, Policy } from "#core/contracts/policy.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";

/** The current groups of voters, by voter: they decide what earlier votes are worth. */
export type GroupsNow = ReadonlyMap<string, readonly string[]>;

/**
 * Looks up again each voter whose role comes only from a group of the desk: they may have left it since. Null when the
 * lookup fails, and then nothing may be decided on their vote. All other roles are in the policy.
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

/** The answer when a voter's groups cannot be looked up, so nothing is decided on their vote. */
export const VOTERS_UNCHECKED =
  "Deskhand could not check whether those who approved before still may. Nothing was changed; try again.";

/** Adds to the vote what is needed to judge it again later: the voter's id on the desk and their groups. */
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

/** Why this role may not approve the amount, as text for the teammate; null when it may. */
export function exceededApproverLimit(
  policy: Pick<Policy, "approvalLimit">,
  role: Role,
  proposal: Proposal | null,
): string | null {
  for (const { operation, amount, isSum } of moneyIn(proposal)) {
    const limit = policy.approvalLimit(role, operation);
    if (limit === null || !isBeyond(amount, limit)) continue;
    const size = isSum
      ? `comes to ${formatMoney(amount)} with what went back on the order before`
      : `is of ${formatMoney(amount)}`;
    return `Your role may approve a ${operation.replaceAll("_", " ")} of up to ${formatMoney(limit)}, and this one ${size}. ${role === "lead" ? "Nothing was changed." : "A lead has to approve it."}`;
  }
  return null;
}

/**
 * The sum of several refunds on one card counts, with what went back on their orders before, so that splitting an amount
 * does not evade a limit.
 */
function moneyIn(proposal: Proposal | null): readonly {
  readonly operation: string;
  readonly amount: Money;
  /** True when part of it went back before. */
  readonly isSum: boolean;
}[] {
  const sums = new Map<string, { readonly minor: number; readonly isSum: boolean }>();
  const orders = new Set<string>();
  for (const planned of proposal?.actions ?? []) {
    const { action } = planned;
    const amount = amountMoved(action);
    if (amount === null) continue;
    const kind = `${action.operation} ${amount.currency}`;
    const order = orderOf(planned);
    const isCounted = order === null || orders.has(`${kind} ${order.orderId}`);
    const before =
      isCounted || order.refunded.currency !== amount.currency ? 0 : order.refunded.minor;
    if (order !== null) orders.add(`${kind} ${order.orderId}`);
    const sum = sums.get(kind) ?? { minor: 0, isSum: false };
    sums.set(kind, {
      minor: sum.minor + amount.minor + before,
      isSum: sum.isSum || before > 0,
    });
  }
  return [...sums].map(([kind, { minor, isSum }]) => {
    const [operation = "", currency = ""] = kind.split(" ");
    return { operation, amount: { minor, currency }, isSum };
  });
}

/** Which approvers it needs: leads only, where the amount is more than support may approve. */
export function needsWithinLimits(
  policy: Pick<Policy, "approvalLimit">,
  needs: Approvers,
  proposal: Proposal | null,
): Approvers {
  return exceededApproverLimit(policy, "support", proposal) === null
    ? needs
    : { ...needs, leads: needs.count };
}

/** Voters and votes: who clicked, which votes count, and the answers to a click. */

import { setTimeout as delay } from "node:timers/promises";
import type { Proposal } from "#core/values/action.ts";
import type { ApprovalStanding, ApprovalVote } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision, DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { rememberedAnswer } from "#store/approvals/click-answers.ts";
import type { Transaction } from "#store/db/database.ts";
import { exceededApproverLimit, type GroupsNow } from "./approver-limits.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { needsOf } from "./seal.ts";

/**
 * The teammate who clicked, with their current role in the policy; a null role decides nothing. One person is one voter
 * on every desk, however a desk spells the address.
 */
export function voterOf(context: Pick<JobContext, "policy">, teammate: DeskTeammate) {
  return {
    voter: addressOf(teammate) ?? teammate.id,
    name: teammate.name,
    role: teammate.eligible ? context.policy.roleOf(teammate) : null,
  };
}

/** Their address in one spelling; null where the desk does not tell it. */
export function addressOf({ email }: Pick<DeskTeammate, "email">): string | null {
  return email?.trim().toLowerCase() ?? null;
}

/** Nothing was changed, and why. */
export function refusedAnswer(message: string): DeskAnswer {
  return { accepted: false, message, fieldErrors: {} };
}

/** The click was recorded. An empty message means that the card itself shows it. */
export function acceptedAnswer(message: string): DeskAnswer {
  return { accepted: true, message, fieldErrors: {} };
}

/** The state a click is applied to, with the votes that count under the current roles. */
export function approvalStandingOf(
  context: Pick<JobContext, "policy">,
  approval: Approval,
  groups: GroupsNow = new Map(),
): ApprovalStanding {
  const { proposal } = approval;
  return {
    version: approval.version,
    state: approval.state,
    // Computed, because the seal covers the rules and not the column.
    needs: needsOf(approval.rules, 1),
    // A decided card keeps the names it was decided with.
    votes: [
      ...(approval.state === "pending"
        ? votesInForce(context, approval.votes, { groups, proposal })
        : approval.votes),
    ],
    expiresAt: approval.expiresAt.toISOString(),
  };
}

/**
 * The votes that still count. A voter who lost their role, or may no longer approve this amount, does not count; one
 * who gained a role counts with the role at their click. Groups are the current ones where they were looked up, else
 * those of the click.
 */
export function votesInForce(
  { policy }: Pick<JobContext, "policy">,
  votes: readonly ApprovalVote[],
  { groups, proposal }: { readonly groups?: GroupsNow; readonly proposal: Proposal | null },
): readonly ApprovalVote[] {
  return votes.flatMap((vote) => {
    const { voter, deskId = voter } = vote;
    const held = policy.roleOf({
      id: deskId,
      email: voter,
      groups: groups?.get(voter) ?? vote.groups,
    });
    if (held === null) return [];
    const role = held === "support" ? held : vote.role;
    return exceededApproverLimit(policy, role, proposal) === null ? [{ ...vote, role }] : [];
  });
}

/** True when these votes are enough. */
export function isComplete(votes: readonly ApprovalVote[], needs: Approvers): boolean {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return votes.length >= needs.count && leads >= needs.leads;
}

/**
 * Why the voter may be the same person as an earlier one; null when they are certainly two people. A member without an
 * address on this desk may have voted elsewhere under an address.
 */
export function maybeSamePerson(votes: readonly ApprovalVote[], voter: string): string | null {
  const unclear = votes.find((vote) => isAddress(vote.voter) !== isAddress(voter));
  return unclear === undefined
    ? null
    : `It cannot be told whether you and ${unclear.name} are two people, because one of you votes without an e-mail address. Use the same desk, or show the address in your profile.`;
}

function isAddress(voter: string): boolean {
  return voter.includes("@");
}

/** What the audit keeps of a click: who (as a pseudonym), on what, for which seal. */
export async function voteEntry(
  context: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  approval: Approval,
  voter: string,
  button: DeskDecision["button"],
) {
  return {
    kind: "vote",
    data: {
      approval: approval.id,
      version: approval.version,
      seal: approval.seal,
      button,
      voter: await context.pseudonym(transaction, voter),
    },
  };
}

/** The results of a click that was delivered twice at the same moment: the second delivery finds it done. */
const DONE_ALREADY: ReadonlySet<string> = new Set(["decided", "twice"]);

/** Says why a click changes nothing, and records the attempt. */
export async function refuseClick(
  context: Pick<JobContext, "store" | "clock" | "policy" | "pseudonym">,
  decision: Pick<DeskDecision, "approvalId" | "version" | "teammate"> & {
    /** Left out where there is no decision, such as when a form is opened. */
    readonly decisionId?: string;
  },
  result: { readonly code: string; readonly message: string },
): Promise<DeskAnswer> {
  const { voter } = voterOf(context, decision.teammate);
  const { decisionId, approvalId: about } = decision;
  if (decisionId !== undefined && DONE_ALREADY.has(result.code)) {
    const same = await answerGivenBefore(context, { approvalId: about, decisionId }, voter);
    if (same !== null) return same;
  }
  await context.store.run(async (transaction) => {
    const user = await context.pseudonym(transaction, voter);
    const { approvalId, version } = decision;
    await appendAudit(
      transaction,
      { kind: "refused", data: { approval: approvalId, version, why: result.code, user } },
      context.clock.now(),
    );
  });
  return refusedAnswer(result.message);
}

/** How often and at what interval to look for the other delivery's answer; the interval is in milliseconds. */
const LOOKS = { count: 10, everyMs: 50 } as const;

/**
 * The answer to the same click when another process received it at the same moment; null when there is none. The faster
 * process stores its answer right after the decision, so this waits a moment, and only when the voter is among those
 * who decided: any other voter's click is a different one.
 */
async function answerGivenBefore(
  context: Pick<JobContext, "store">,
  { approvalId, decisionId }: Pick<DeskDecision, "approvalId" | "decisionId">,
  voter: string,
): Promise<DeskAnswer | null> {
  const approval = await context.store.run((transaction) => loadApproval(transaction, approvalId));
  if (approval?.votes.some((vote) => vote.voter === voter) !== true) return null;
  for (let looks = 0; looks < LOOKS.count; looks += 1) {
    const answer = await context.store.run((transaction) =>
      rememberedAnswer(transaction, decisionId),
    );
    if (answer !== null) return answer;
    await delay(LOOKS.everyMs);
  }
  return null;
}

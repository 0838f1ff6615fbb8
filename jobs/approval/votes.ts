import type { Proposal } from "#core/values/action.ts";
import type { ApprovalStanding, ApprovalVote } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision, DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { exceededApproverLimit, type GroupsNow } from "./approver-limits.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { answerGivenBefore } from "./repeated-click.ts";
import { needsOf } from "./seal.ts";

/**
 * Who clicked, as the policy knows them now; null decides nothing. One human is one voter on every desk, however a desk
 * spells the address.
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
export function refused(message: string): DeskAnswer {
  return { accepted: false, message, fieldErrors: {} };
}

/** It was recorded. An empty message says that the card itself shows it. */
export function accepted(message: string): DeskAnswer {
  return { accepted: true, message, fieldErrors: {} };
}

/** The standing a click is applied to, with the votes that count under the roles in force at this moment. */
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
    // A card that is decided keeps the names it was decided with.
    votes: [
      ...(approval.state === "pending"
        ? votesInForce(context, approval.votes, { groups, proposal })
        : approval.votes),
    ],
    expiresAt: approval.expiresAt.toISOString(),
  };
}

/**
 * The votes that still count. Whoever lost their role since does not, nor whoever may not approve so much any more;
 * whoever gained a role counts as what they were when they clicked. Groups are those of now where they were looked up,
 * else those of the click.
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

/** True when these votes are all that is needed. */
export function isComplete(votes: readonly ApprovalVote[], needs: Approvers): boolean {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return votes.length >= needs.count && leads >= needs.leads;
}

/**
 * Why a vote cannot be told from one that is there already, or null when they are two people for sure. A desk that does
 * not tell an address leaves it open whether its member is the one who voted by address elsewhere.
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

/** What the very same click comes to when it was delivered twice at one moment: the second one finds it done. */
const DONE_ALREADY: ReadonlySet<string> = new Set(["decided", "twice"]);

/** Tells why a click changes nothing, and writes down that it was tried. */
export async function refuseClick(
  context: Pick<JobContext, "store" | "clock" | "policy" | "pseudonym">,
  decision: Pick<DeskDecision, "approvalId" | "version" | "teammate"> & {
    /** Left out by what is no decision, such as a look at a form. */
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
  return refused(result.message);
}

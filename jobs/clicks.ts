import type { ApprovalStanding, ApprovalVote } from "#core/approval.ts";
import type { DeskAnswer, DeskDecision, DeskTeammate } from "#core/desk.ts";
import type { Approvers } from "#core/policy.ts";
import { appendAudit } from "#store/audit.ts";
import type { Approval } from "#store/approvals.ts";
import type { Transaction } from "#store/driver.ts";
import type { Parts } from "./parts.ts";
import { needsOf } from "./sealed.ts";

/**
 * Who clicked, as the policy knows them now; null decides nothing. One human is one voter on every desk, however a desk
 * spells the address.
 */
export function voterOf(parts: Pick<Parts, "policy">, teammate: DeskTeammate) {
  return {
    voter: teammate.email?.trim().toLowerCase() ?? teammate.id,
    name: teammate.name,
    role: teammate.eligible ? parts.policy.roleOf(teammate) : null,
  };
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
export function standingOf(parts: Pick<Parts, "policy">, approval: Approval): ApprovalStanding {
  return {
    version: approval.version,
    state: approval.state,
    // Computed, because the seal covers the rules and not the column.
    needs: needsOf(approval.rules, 1),
    // A card that is decided keeps the names it was decided with.
    votes: [
      ...(approval.state === "pending" ? votesInForce(parts, approval.votes) : approval.votes),
    ],
    expiresAt: approval.expiresAt.toISOString(),
  };
}

/**
 * The votes that still count. Whoever lost their role since does not; whoever gained one counts as what they were when
 * they clicked.
 */
export function votesInForce(
  { policy }: Pick<Parts, "policy">,
  votes: readonly ApprovalVote[],
): readonly ApprovalVote[] {
  return votes.flatMap((vote) => {
    const role = policy.roleOf({ id: vote.deskId ?? vote.voter, email: vote.voter });
    if (role === null) return [];
    return [{ ...vote, role: role === "support" ? role : vote.role }];
  });
}

/** True when these votes are all that is needed. */
export function suffices(votes: readonly ApprovalVote[], needs: Approvers): boolean {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return votes.length >= needs.count && leads >= needs.leads;
}

/** The vote of a counted click, with the name under which the policy may list its voter beside the address. */
export function withDeskId(
  votes: readonly ApprovalVote[],
  voter: string,
  { id }: DeskTeammate,
): ApprovalVote[] {
  return votes.map((vote) => (vote.voter === voter ? { ...vote, deskId: id } : vote));
}

/**
 * Why a vote cannot be told from one that is there already, or null when they are two people for sure. A desk that does
 * not tell an address leaves it open whether its member is the one who voted by address elsewhere.
 */
export function maybeTheSame(votes: readonly ApprovalVote[], voter: string): string | null {
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
  parts: Pick<Parts, "pseudonym">,
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
      voter: await parts.pseudonym(transaction, voter),
    },
  };
}

/** Tells why a click changes nothing, and writes down that it was tried. */
export async function refuseClick(
  parts: Pick<Parts, "store" | "clock" | "policy" | "pseudonym">,
  decision: Pick<DeskDecision, "approvalId" | "version" | "teammate">,
  result: { readonly code: string; readonly message: string },
): Promise<DeskAnswer> {
  await parts.store.run(async (transaction) => {
    const user = await parts.pseudonym(transaction, voterOf(parts, decision.teammate).voter);
    const { approvalId, version } = decision;
    await appendAudit(
      transaction,
      { kind: "refused", data: { approval: approvalId, version, why: result.code, user } },
      parts.clock.now(),
    );
  });
  return refused(result.message);
}

import type { ApprovalStanding } from "#core/approval.ts";
import type { DeskAnswer, DeskDecision, DeskTeammate } from "#core/desk.ts";
import type { Approval } from "#store/approvals.ts";
import type { Parts } from "./parts.ts";

/** Who clicked, as the policy knows them now; null decides nothing. One human is one voter on every desk. */
export function voterOf(parts: Pick<Parts, "policy">, teammate: DeskTeammate) {
  return {
    voter: teammate.email ?? teammate.id,
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

/** The standing a click is applied to. */
export function standingOf(approval: Approval): ApprovalStanding {
  return {
    version: approval.version,
    state: approval.state,
    needs: approval.needs,
    votes: approval.votes,
    expiresAt: approval.expiresAt.toISOString(),
  };
}

/** What the audit keeps of a click: who (as a pseudonym), on what, for which seal. */
export function voteEntry(
  parts: Pick<Parts, "pseudonym">,
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
      voter: parts.pseudonym(voter),
    },
  };
}

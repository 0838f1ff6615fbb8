/** Votes on a version of a procedure. */

import { applyClick, type ApprovalStanding } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { clockText } from "#core/values/moment.ts";
import { openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { changeInForce } from "#store/console/policy-history.ts";
import { lockPolicy } from "#store/policy/policy-changes.ts";
import { loadVersion, updateVersion, type ProcedureVersion } from "#store/procedures/versions.ts";
import {
  acceptedAnswer,
  isComplete,
  maybeSamePerson,
  refusedAnswer,
  voterOf,
  votesInForce,
} from "#jobs/approval/votes.ts";
import {
  addVote,
  type GroupsNow,
  groupsNow,
  VOTERS_UNCHECKED,
} from "#jobs/approval/approver-limits.ts";
import { POLICY_CARD_VERSION } from "#jobs/policy/card.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { bringIntoUse } from "./publish.ts";

type Voting = Pick<JobContext, "store" | "clock" | "policy" | "pseudonym" | "desk">;

/**
 * One click on a version of a procedure, by the same rules as one on the policy: leads of the policy in force decide,
 * one person counts once, a rejection ends it, and with enough votes the text as they read it comes into use.
 */
export async function decideProcedure(
  context: Voting,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { button, approvalId } = decision;
  if (button !== "approve" && button !== "reject")
    return refusedAnswer("A procedure is approved or rejected, nothing else.");
  const before = await context.store.run((transaction) => loadVersion(transaction, approvalId));
  // Looked up before the lock is taken, so no other process waits for the desk.
  const groups = await groupsNow(context, before?.state === "proposed" ? before.votes : []);
  if (groups === null) return refusedAnswer(VOTERS_UNCHECKED);
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const version = await loadVersion(transaction, approvalId);
    const active = await changeInForce(transaction, context.policy.version);
    if (version === null || active === null)
      return refusedAnswer("This card is out of date. Nothing was changed.");
    const inForce = openPolicyInForce(active.text);
    const judging = { ...context, policy: inForce.policy };
    return vote(judging, transaction, { decision, button, version, inForce, groups });
  });
}

interface Casting {
  readonly decision: DeskDecision;
  readonly button: "approve" | "reject";
  readonly version: ProcedureVersion;
  readonly inForce: PolicyFile;
  readonly groups: GroupsNow;
}

async function vote(
  context: Voting,
  transaction: Transaction,
  { decision, button, version, inForce, groups }: Casting,
): Promise<DeskAnswer> {
  const at = context.clock.now();
  const who = voterOf(context, decision.teammate);
  const standing = standingOf(context, version, groups);
  const result = applyClick(standing, { button, version: decision.version, at, ...who });
  const person = await context.pseudonym(transaction, who.voter);
  const refuse = async (why: string, message: string): Promise<DeskAnswer> => {
    const data = { change: version.id, why, user: person };
    await appendAudit(transaction, { kind: "refused", data }, at);
    return refusedAnswer(message);
  };
  if (result.kind === "refused") return refuse(result.code, result.message);
  if (version.needs.leads >= version.needs.count && who.role !== "lead")
    return refuse("forbidden", "Only leads decide about a procedure. Nothing was changed.");
  const unclear = button === "approve" ? maybeSamePerson(standing.votes, who.voter) : null;
  if (unclear !== null) return refuse("unclear", unclear);
  const votes = addVote(result.standing.votes, who.voter, decision.teammate);
  const when = clockText(at, inForce.policy.digest.zone);
  const closing = `Rejected by ${who.name}${reasonIn(decision)} · ${when}. What was in use stays.`;
  const change = button === "reject" ? { state: "rejected" as const, votes, closing } : { votes };
  if (!(await updateVersion(transaction, version, change)))
    throw new Error(`the version ${version.id} moved behind its lock`);
  const { id, name, version: number } = version;
  const data = { change: id, procedure: name, version: number, button, voter: person };
  await appendAudit(transaction, { kind: "procedure_vote", data }, at);
  if (button === "approve" && isComplete(votes, changeNeeds(inForce.document.roles, votes)))
    await bringIntoUse(
      transaction,
      { ...version, votes, revision: version.revision + 1 },
      {
        at,
        closing: `In use since ${when}, approved by ${votes.map((one) => one.name).join(" and ")}.`,
      },
    );
  return acceptedAnswer("");
}

function reasonIn({ reason }: DeskDecision): string {
  return reason.trim() === "" ? "" : ` (${reason.trim().slice(0, 300)})`;
}

/** The state of the version in the terms of a card: what waits is pending. */
function standingOf(
  context: Voting,
  version: ProcedureVersion,
  groups: GroupsNow,
): ApprovalStanding {
  const waits = version.state === "proposed";
  return {
    version: POLICY_CARD_VERSION,
    state: STATES[version.state],
    needs: version.needs,
    votes: [
      ...(waits ? votesInForce(context, version.votes, { groups, proposal: null }) : version.votes),
    ],
    expiresAt: version.expiresAt.toISOString(),
  };
}

const STATES = {
  draft: "void",
  proposed: "pending",
  published: "approved",
  retired: "void",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<ProcedureVersion["state"], ApprovalStanding["state"]>;

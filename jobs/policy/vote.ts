/** Votes on a change of the policy file. */

import { applyClick, type ApprovalStanding } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  activePolicy,
  loadPolicyChange,
  lockPolicy,
  supersedeActive,
  updatePolicyChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import {
  acceptedAnswer,
  maybeSamePerson,
  refusedAnswer,
  isComplete,
  voterOf,
  votesInForce,
} from "#jobs/approval/votes.ts";
import {
  type GroupsNow,
  groupsNow,
  VOTERS_UNCHECKED,
  addVote,
} from "#jobs/approval/approver-limits.ts";
import { clockText } from "#core/values/moment.ts";
import { namesOf } from "#jobs/approval/sync-cards.ts";
import { POLICY_CARD_VERSION } from "./card.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

type Voting = Pick<JobContext, "store" | "clock" | "policy" | "pseudonym" | "desk">;

/**
 * One click on a change of the policy file. Roles are those of the policy in force, read now; one person counts once,
 * whichever desk the clicks come from. A rejection ends it; with enough votes the file as the voters read it comes into
 * force, without reading it again.
 */
export async function decidePolicyChange(
  context: Voting,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { button } = decision;
  if (button !== "approve" && button !== "reject")
    return refusedAnswer("A change of the policy is approved or rejected, nothing else.");
  // Looked up before the lock is taken, so no other process waits for the desk.
  const votes = await context.store.run(async (transaction) => {
    const change = await loadPolicyChange(transaction, decision.approvalId);
    return change?.state === "proposed" ? change.votes : [];
  });
  const groups = await groupsNow(context, votes);
  if (groups === null) return refusedAnswer(VOTERS_UNCHECKED);
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const change = await loadPolicyChange(transaction, decision.approvalId);
    if (change === null) return refusedAnswer("This card is out of date. Nothing was changed.");
    const active = await activePolicy(transaction, change.source);
    if (active === null) throw new Error("a change is proposed against a policy in force");
    const inForce = openPolicyInForce(active.text);
    // Roles are read in the transaction that writes the vote, so a change by another process cannot be missed.
    const judging = { ...context, policy: inForce.policy };
    return vote(judging, transaction, { decision, button, change, inForce, groups });
  });
}

interface Casting {
  readonly decision: DeskDecision;
  readonly button: "approve" | "reject";
  readonly change: PolicyChange;
  readonly inForce: PolicyFile;
  readonly groups: GroupsNow;
}

async function vote(
  context: Voting,
  transaction: Transaction,
  { decision, button, change, inForce, groups }: Casting,
): Promise<DeskAnswer> {
  const at = context.clock.now();
  const who = voterOf(context, decision.teammate);
  const standing = policyStandingOf(context, change, groups);
  const result = applyClick(standing, { button, version: decision.version, at, ...who });
  const refuse = (why: string, message: string): Promise<DeskAnswer> =>
    refuseVote(context, transaction, decision, { why, message });
  if (result.kind === "refused")
    return refuse(
      result.code,
      result.code === "expired"
        ? "This change has expired. The policy stays as it was."
        : result.message,
    );
  if (change.needs.leads >= change.needs.count && who.role !== "lead")
    return refuse(
      "forbidden",
      "Only leads decide about a change that permits more. Nothing was changed.",
    );
  const unclear = button === "approve" ? maybeSamePerson(standing.votes, who.voter) : null;
  if (unclear !== null) return refuse("unclear", unclear);
  const votes = addVote(result.standing.votes, who.voter, decision.teammate);
  const when = clockText(at, inForce.policy.digest.zone);
  await updateLockedChange(
    transaction,
    change,
    button === "reject"
      ? { state: "rejected", votes, closing: rejectedLine(who.name, decision.reason, when) }
      : { votes },
  );
  await appendAudit(
    transaction,
    {
      kind: "policy_vote",
      data: {
        change: change.id,
        version: change.version,
        button,
        voter: await context.pseudonym(transaction, who.voter),
      },
    },
    at,
  );
  if (button === "approve" && isComplete(votes, changeNeeds(inForce.document.roles, votes)))
    await bringIntoForce(
      transaction,
      { ...change, votes, revision: change.revision + 1 },
      {
        at,
        when,
      },
    );
  return acceptedAnswer("");
}

/** The attempt is recorded in the audit too. */
async function refuseVote(
  context: Voting,
  transaction: Transaction,
  { approvalId, teammate }: DeskDecision,
  { why, message }: { readonly why: string; readonly message: string },
): Promise<DeskAnswer> {
  const user = await context.pseudonym(transaction, voterOf(context, teammate).voter);
  await appendAudit(
    transaction,
    { kind: "refused", data: { change: approvalId, why, user } },
    context.clock.now(),
  );
  return refusedAnswer(message);
}

/** Every writer here holds the policy lock, so a row that changed anyway is a bug. */
async function updateLockedChange(
  transaction: Transaction,
  change: PolicyChange,
  to: Parameters<typeof updatePolicyChange>[2],
): Promise<void> {
  if (!(await updatePolicyChange(transaction, change, to)))
    throw new Error(`the policy change ${change.id} moved behind its lock`);
}

/** The state of the change in the terms of a card: what waits is pending. */
function policyStandingOf(
  context: Voting,
  change: PolicyChange,
  groups: GroupsNow,
): ApprovalStanding {
  const waits = change.state === "proposed";
  return {
    version: POLICY_CARD_VERSION,
    state: waits ? "pending" : STATES[change.state],
    needs: change.needs,
    votes: [
      ...(waits ? votesInForce(context, change.votes, { groups, proposal: null }) : change.votes),
    ],
    expiresAt: change.expiresAt.toISOString(),
  };
}

const STATES = {
  proposed: "pending",
  active: "approved",
  rejected: "rejected",
  expired: "expired",
  superseded: "void",
} as const satisfies Record<PolicyChange["state"], ApprovalStanding["state"]>;

function rejectedLine(name: string, reason: string, when: string): string {
  const why = reason.trim() === "" ? "" : ` (${reason.trim().slice(0, 300)})`;
  return `Rejected by ${name}${why} · ${when}. The policy stays as it was.`;
}

/** The file is people's: nothing writes into it, and it does not undo what leads agreed to while it stays as it was. */
const WRITE_IT =
  " Write its lines into the policy file, so that the next change of the file has them.";

async function bringIntoForce(
  transaction: Transaction,
  change: PolicyChange,
  { at, when }: { readonly at: Date; readonly when: string },
): Promise<void> {
  await supersedeActive(transaction, change.source);
  await updateLockedChange(transaction, change, {
    state: "active",
    activeSince: at,
    closing: `In force since ${when}, approved by ${namesOf(change)}.${change.madeFrom === null ? "" : WRITE_IT}`,
  });
  const { id, version, source } = change;
  await appendAudit(
    transaction,
    { kind: "policy_in_force", data: { change: id, version, source } },
    at,
  );
}

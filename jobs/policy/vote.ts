/** Votes on the team's own rules: a change of the policy file, or a version of a procedure. */

import type {
  ApprovalState,
  ApprovalVote,
  DeskAnswer,
  DeskDecision,
} from "#core/contracts/approval-desk.ts";
import { clockText } from "#core/values/moment.ts";
import { castVote } from "#gate/kernel/ballot.ts";
import {
  countedVotes,
  groupsNow,
  pressBy,
  pressingVoter,
  VOTERS_UNCHECKED,
  type BallotKind,
  type OverLimit,
  type Refusal,
} from "#jobs/approval/ballot.ts";
import {
  acceptedAnswer,
  OUT_OF_DATE,
  refusalText,
  refusedAnswer,
} from "#jobs/approval/refusals.ts";
import { voterNames } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { bringIntoUse, changeLocked } from "#jobs/procedures/publish.ts";
import { decidingRoles, leavingRoles } from "#policy/compare/compare-policies.ts";
import { openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds, roleIn } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  activePolicy,
  changeInForce,
  newestChange,
  lockPolicy,
  supersedeActive,
  updatePolicyChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import { loadVersion, type ProcedureVersion } from "#store/procedures/versions.ts";
import { POLICY_CARD_VERSION } from "./card.ts";
import { writeDown } from "./change.ts";

type Voting = Pick<JobContext, "store" | "clock" | "policy" | "pseudonym" | "desk">;

/** What leads vote on, as far as all of it is alike. */
type VotedOn = Pick<PolicyChange, "id" | "needs" | "votes" | "expiresAt" | "revision"> & {
  readonly state: string;
};

/** How one kind of it is read and written. Every writer holds the lock of the policy. */
interface VotedKind<Row extends VotedOn> {
  readonly kind: "policy" | "procedure";
  readonly onlyTwo: string;
  readonly stays: string;
  /** What the one is told whose vote was the last that it needed. */
  readonly done: string;
  load(transaction: Transaction, id: string): Promise<Row | null>;
  /** The policy whose leads decide; null when none is in force. */
  policyFor(
    transaction: Transaction,
    row: Row,
    context: Voting,
  ): Promise<Pick<PolicyChange, "text"> | null>;
  /** Those who decide; they lack a lead who is to lose the role, where the others can decide without. */
  deciders(policy: PolicyFile, row: Row): PolicyDocument["roles"];
  /** The leads who would lose the role: none keeps it by a no. */
  leaving(policy: PolicyFile, row: Row): PolicyDocument["roles"];
  stateOf(row: Row): ApprovalState;
  change(
    transaction: Transaction,
    row: Row,
    to: { readonly votes: ApprovalVote[]; readonly state?: "rejected"; readonly closing?: string },
  ): Promise<void>;
  /** What the audit keeps of a vote beside who and how. */
  audited(row: Row): Readonly<Record<string, string | number>>;
  agreed(
    transaction: Transaction,
    row: Row,
    how: { readonly at: Date; readonly when: string },
  ): Promise<void>;
}

const POLICY: VotedKind<PolicyChange> = {
  kind: "policy",
  onlyTwo: "A change of the policy is approved or rejected, nothing else.",
  stays: "The policy stays as it was.",
  done: "In force now.",
  load: (transaction, id) => newestChange(transaction, { id }),
  async policyFor(transaction, { source }) {
    const active = await activePolicy(transaction, source);
    if (active === null) throw new Error("a change is proposed against a policy in force");
    return active;
  },
  deciders: (policy, { text }) => decidingRoles(policy, openPolicyInForce(text)),
  leaving: (policy, { text }) => leavingRoles(policy, openPolicyInForce(text)),
  stateOf: ({ state }) => POLICY_STATES[state],
  change: updateLockedChange,
  audited: ({ version }) => ({ version }),
  agreed: bringIntoForce,
};

const POLICY_STATES = {
  proposed: "pending",
  active: "approved",
  rejected: "rejected",
  expired: "expired",
  superseded: "void",
} as const satisfies Record<PolicyChange["state"], ApprovalState>;

const PROCEDURE: VotedKind<ProcedureVersion> = {
  kind: "procedure",
  onlyTwo: "A procedure is approved or rejected, nothing else.",
  stays: "What was in use stays.",
  done: "In use now.",
  load: loadVersion,
  policyFor: (transaction, _version, { policy }) => changeInForce(transaction, policy.version),
  deciders: ({ document }) => document.roles,
  leaving: () => ({ support: [], lead: [] }),
  stateOf: ({ state }) => PROCEDURE_STATES[state],
  change: changeLocked,
  audited: ({ name, version }) => ({ procedure: name, version }),
  agreed: (transaction, version, { at, when }) =>
    bringIntoUse(transaction, version, {
      at,
      closing: `In use since ${when}, approved by ${voterNames(version)}.`,
    }),
};

const PROCEDURE_STATES = {
  draft: "void",
  proposed: "pending",
  published: "approved",
  retired: "void",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<ProcedureVersion["state"], ApprovalState>;

/** A lead has no vote on losing the role. */
const LEAVING: { readonly refusal: Refusal } = { refusal: { why: "four_eyes", as: "leaving" } };

/** One click on what leads vote on; with enough votes the text as the voters read it takes effect. */
export function voteOnRules(
  context: Voting,
  decision: DeskDecision,
  kind: "policy" | "procedure",
): Promise<DeskAnswer> {
  return kind === "policy" ? vote(context, decision, POLICY) : vote(context, decision, PROCEDURE);
}

/**
 * Roles are those of the policy in force, read now; one person counts once, whichever desk the clicks come from. A
 * rejection ends it.
 */
async function vote<Row extends VotedOn>(
  context: Voting,
  decision: DeskDecision,
  voted: VotedKind<Row>,
): Promise<DeskAnswer> {
  const { button, approvalId } = decision;
  if (button !== "approve" && button !== "reject") return refusedAnswer(voted.onlyTwo);
  if (decision.teammate.invited === true)
    return refusedAnswer(
      refusalText({ why: "four_eyes", as: "invited" }, context.policy.digest.zone),
    );
  const before = await context.store.run((transaction) => voted.load(transaction, approvalId));
  // Looked up before the lock is taken, so no other process waits for the desk.
  const groups = await groupsNow(context, before?.state === "proposed" ? before.votes : []);
  if (groups === null) return refusedAnswer(VOTERS_UNCHECKED);
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const row = await voted.load(transaction, approvalId);
    const active = row === null ? null : await voted.policyFor(transaction, row, context);
    if (row === null || active === null) return OUT_OF_DATE;
    // Roles are read in the transaction that writes the vote, so a change by another process cannot be missed.
    const inForce = openPolicyInForce(active.text);
    const { policy } = inForce;
    const at = context.clock.now();
    const who = pressingVoter({ policy }, decision.teammate);
    const counted = countedPress(voted, { row, inForce, decision, who, groups, at });
    const user = await context.pseudonym(transaction, who.voter);
    if ("refusal" in counted) {
      const data = { change: approvalId, why: counted.refusal.why, user };
      await appendAudit(transaction, { kind: "refused", data }, at);
      return refusedAnswer(refusalText(counted.refusal, policy.digest.zone));
    }
    const votes = [...counted.votes];
    const when = clockText(at, policy.digest.zone);
    const said = decision.reason.trim().slice(0, 300);
    const closing = `Rejected by ${who.name}${said === "" ? "" : ` (${said})`} · ${when}. ${voted.stays}`;
    const isOver = counted.state === "rejected";
    await voted.change(
      transaction,
      row,
      isOver ? { state: "rejected", votes, closing } : { votes },
    );
    const data = { change: row.id, ...voted.audited(row), button, voter: user };
    await appendAudit(transaction, { kind: `${voted.kind}_vote`, data }, at);
    if (counted.state !== "approved") return acceptedAnswer("");
    await voted.agreed(transaction, { ...row, votes, revision: row.revision + 1 }, { at, when });
    return acceptedAnswer(voted.done);
  });
}

/** The ballot after this press, or why it does not count. */
function countedPress<Row extends VotedOn>(
  voted: VotedKind<Row>,
  given: {
    readonly row: Row;
    readonly inForce: PolicyFile;
    readonly decision: DeskDecision;
    readonly who: ReturnType<typeof pressingVoter>;
    readonly groups: NonNullable<Awaited<ReturnType<typeof groupsNow>>>;
    readonly at: Date;
  },
) {
  const { row, inForce, decision, who, groups, at } = given;
  const { button, teammate, version } = decision;
  const state = voted.stateOf(row);
  const isOpen = state === "pending";
  const roles = isOpen ? voted.deciders(inForce, row) : inForce.document.roles;
  const isLeaving = isOpen && roleIn(voted.leaving(inForce, row), teammate) === "lead";
  if (isLeaving && (button === "reject" || roleIn(roles, teammate) !== "lead")) return LEAVING;
  const needs = changeNeeds(roles, row.votes);
  return castVote<BallotKind, ApprovalVote, OverLimit>(
    {
      kind: voted.kind,
      version: POLICY_CARD_VERSION,
      state,
      votes: isOpen ? countedVotes(inForce, row.votes, { groups, proposal: null }) : row.votes,
      expiresAt: row.expiresAt,
      isForLeads: needs.leads >= needs.count,
      needs: (votes) => changeNeeds(roles, votes),
    },
    pressBy(who, { meaning: button === "approve" ? "yes" : "rejected", version, at }, teammate),
  );
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

/** Where the file can be written, the watch does it. */
const WRITE_IT =
  " Where the policy file cannot be written, the console shows the lines to put there.";

async function bringIntoForce(
  transaction: Transaction,
  change: PolicyChange,
  { at, when }: { readonly at: Date; readonly when: string },
): Promise<void> {
  await supersedeActive(transaction, change.source);
  await updateLockedChange(transaction, change, {
    state: "active",
    activeSince: at,
    closing: `In force since ${when}, approved by ${voterNames(change)}.${change.madeFrom === null ? "" : WRITE_IT}`,
  });
  await writeDown(transaction, "policy_in_force", change, at);
}

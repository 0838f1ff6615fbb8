/**
 * One ballot for everything people decide on together: cards, changes of the policy and versions of procedures. Who
 * votes, which votes count, what a press does to them, and when they are enough; and the four-eyes rule: the requester
 * and the authors of a card may not approve it.
 */

import { actionOrder, amountMoved, type Proposal } from "#core/values/action.ts";
import type { Approvers, Policy } from "#core/contracts/policy.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Money } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type * as gate from "#gate/kernel/ballot.ts";
import type { ApprovalVote, DeskTeammate } from "#core/contracts/approval-desk.ts";
import { appendAudit, draftAuthors, type Author } from "#store/audit/audit-log.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { isBeyondRole } from "#policy/roles.ts";
import { bundleApprovers } from "./seal.ts";

/** A teammate as a voter, with their current role; a null role decides nothing. */
export interface Voter {
  readonly voter: string;
  readonly name: string;
  readonly role: Role | null;
}

/** What the team votes on. */
export type Ballot = gate.Ballot<BallotKind, ApprovalVote, OverLimit>;

/** A voter's press on a ballot. A yes keeps the account as well: that is what it takes to judge it again later. */
export function pressBy(
  { voter, name, role }: Voter,
  press: Pick<gate.Press<ApprovalVote>, "meaning" | "version" | "at">,
  { id: deskId, groups = [] }: Pick<DeskTeammate, "id" | "groups">,
): gate.Press<ApprovalVote> {
  const account = { deskId, ...(groups.length === 0 ? {} : { groups: [...groups] }) };
  const beside = press.meaning === "yes" ? account : {};
  const at = press.at.toISOString();
  return { ...press, voter, role, kept: (held) => ({ voter, name, role: held, at, ...beside }) };
}

/** Who pressed. One person is one voter on every desk, however a desk spells the address. */
export function pressingVoter(context: Pick<JobContext, "policy">, teammate: DeskTeammate): Voter {
  return {
    voter: teammateAddress(teammate) ?? teammate.id,
    name: teammate.name,
    role: teammate.eligible ? context.policy.roleOf(teammate) : null,
  };
}

/** Their address in one spelling; null where the desk does not tell it. */
function teammateAddress({ email }: Pick<DeskTeammate, "email">): string | null {
  return email?.trim().toLowerCase() ?? null;
}

/** The ballot of a card, with the votes that count under the current roles. */
export function cardBallot(
  { policy }: Pick<JobContext, "policy">,
  { version, state, votes, expiresAt, rules, proposal }: Approval,
  groups: GroupsNow = new Map(),
): Ballot {
  return {
    kind: "card",
    version,
    state,
    // A decided card keeps the names it was decided with.
    votes: state === "pending" ? countedVotes({ policy }, votes, { groups, proposal }) : votes,
    expiresAt,
    // Computed, because the seal covers the rules and not the column.
    needs: () => bundleApprovers(rules, 1),
    overLimit: (role) => overLimit(policy, role, proposal),
  };
}

/** The current groups of voters, by voter: they decide what earlier votes are worth. */
type GroupsNow = ReadonlyMap<string, readonly string[]>;

/**
 * The votes that still count. A voter who lost their role, or may no longer approve this amount, does not count; one
 * who gained a role counts with the role at their click. Groups are the current ones where they were looked up, else
 * those of the click.
 */
export function countedVotes(
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
    return overLimit(policy, role, proposal) === null ? [{ ...vote, role }] : [];
  });
}

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

/** What of these actions this role may not approve; null when it may approve all. */
export function overLimit(
  policy: Pick<Policy, "approvalLimit">,
  role: Role,
  proposal: Proposal | null,
): OverLimit | null {
  for (const { operation, amount, isSum } of moneyIn(proposal)) {
    const limit = policy.approvalLimit(role, operation);
    if (limit !== null && isBeyondRole(role, amount, limit))
      return { operation, limit, amount, isSum };
  }
  return null;
}

/**
 * The sum of several refunds on one card counts, with what went back on their orders before, so that splitting an amount
 * does not evade a limit.
 */
function moneyIn(
  proposal: Proposal | null,
): readonly { readonly operation: string; readonly amount: Money; readonly isSum: boolean }[] {
  const sums = new Map<string, { readonly minor: number; readonly isSum: boolean }>();
  const orders = new Set<string>();
  for (const planned of proposal?.actions ?? []) {
    const { action } = planned;
    const amount = amountMoved(action);
    if (amount === null) continue;
    const kind = `${action.operation} ${amount.currency}`;
    const order = actionOrder(planned);
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
  return overLimit(policy, "support", proposal) === null ? needs : { ...needs, leads: needs.count };
}

/** What people decide on together. */
export type BallotKind = "card" | "policy" | "procedure";

/** Why a press changes nothing. `why` stands in the audit. */
export type Refusal =
  | (gate.BallotRefusal<BallotKind, ApprovalVote, OverLimit> & {
      /** How the card ended, in its own words; left out for what is no card. */
      readonly closing?: string;
    })
  | { readonly why: "forbidden"; readonly to: "undo" }
  | { readonly why: "stale"; readonly what: "undone" | "button" | "junk" | "no_junk" }
  | { readonly why: "raced" | "begun" }
  /** It cannot be told whether this person is another one than those who asked for it or edited it. */
  | { readonly why: "unclear"; readonly from: "requester" | "editor" }
  | { readonly why: "unclear"; readonly from: "unchecked"; readonly reason: string }
  | { readonly why: "four_eyes"; readonly as: "requester" | "author" | "invited" | "leaving" }
  | { readonly why: "taken"; readonly by: "erased" | "solved" | "you" }
  | { readonly why: "taken"; readonly by: "teammate"; readonly name: string };

/** An amount beyond what a role may approve. */
export interface OverLimit {
  readonly operation: string;
  readonly limit: Money;
  readonly amount: Money;
  /** True when part of the amount went back on the order before. */
  readonly isSum: boolean;
}

// The four-eyes rule: the requester and the authors of a card may not approve it.

/**
 * How a teammate took part in the text of a card. `edited`: this version is theirs. `hinted`: the version after this
 * one was redrafted on their instruction.
 */
type Authorship = "edited" | "hinted";

/**
 * Records whose text a version holds, under two pseudonyms, of the address and of the desk id, so that a later click
 * under either is recognized. Who signed in by a lead's link counts as a person without an address, since the lead may
 * have opened it.
 */
export async function recordAuthor(
  context: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  made: {
    readonly part: Authorship;
    readonly approval: string;
    readonly version: number;
    readonly teammate: DeskTeammate;
    readonly at: Date;
  },
): Promise<void> {
  const { part, approval, version, teammate, at } = made;
  const isInvited = teammate.invited === true;
  const hasAddress = teammateAddress(teammate) !== null && !isInvited;
  const names = await teammatePseudonyms(context, transaction, teammate);
  const mark = {
    ...(teammate.assistant === true ? { assistant: true } : {}),
    ...(isInvited ? { invited: true } : {}),
  };
  const data = { approval, version, by: [...names], hasAddress, ...mark };
  await appendAudit(transaction, { kind: part, data }, at);
}

async function teammatePseudonyms(
  { pseudonym }: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  teammate: DeskTeammate,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const name of [teammateAddress(teammate), teammate.id])
    if (name !== null) names.add(await pseudonym(transaction, name));
  return names;
}

/**
 * Why this person may not approve under a four-eyes rule, or null. The requester may not, nor the author of the text or
 * of a redraft instruction; a person who cannot be told apart from them does not count either. Where two decide without
 * such a rule, a person whose assistant wrote or instructed is neither of them. Who signed in by a lead's link may be
 * that lead, and is no second person anywhere.
 */
export async function barredByFourEyes(
  context: Pick<JobContext, "store" | "pseudonym" | "bind">,
  approval: Approval,
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  const { fourEyes = false, count } = bundleApprovers(approval.rules, 1);
  if (!fourEyes && count === 1) return null;
  if (teammate.invited === true) return { why: "four_eyes", as: "invited" };
  const all = await context.store.run(draftAuthors, approval.id);
  const authors = all.filter(({ assistant }) => fourEyes || assistant);
  if (!fourEyes && authors.length === 0) return null;
  if (teammateAddress(teammate) === null) return { why: "unclear", from: "requester" };
  const barred = await barredAsAuthor(context, authors, teammate);
  return barred ?? (fourEyes ? barredAsRequester(context, approval, teammate) : null);
}

async function barredAsAuthor(
  context: Pick<JobContext, "store" | "pseudonym">,
  authors: readonly Author[],
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  const mine = await context.store.run((transaction) =>
    teammatePseudonyms(context, transaction, teammate),
  );
  if (authors.some(({ by }) => by.some((name) => mine.has(name))))
    return { why: "four_eyes", as: "author" };
  // An editor known only by an id may be the same person who presses elsewhere under an address.
  return authors.every(({ hasAddress }) => hasAddress) ? null : { why: "unclear", from: "editor" };
}

async function barredAsRequester(
  context: Pick<JobContext, "store" | "bind">,
  approval: Approval,
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  const messages = await context.store.run(conversationMessages, approval.conversationId);
  const asked = messages.flatMap(({ message }) =>
    message.author.kind === "requester" ? [message] : [],
  );
  const names = new Set<string>();
  const evidence = new Map(asked.map(({ identity }) => [JSON.stringify(identity), identity]));
  // An author's id is the channel and a name on it; the desk may be the same service with the same name.
  for (const { author } of asked)
    names.add(author.id.slice(author.id.indexOf(":") + 1).toLowerCase());
  try {
    for (const identity of evidence.values()) {
      if (identity.handle.kind === "email") names.add(identity.handle.email.toLowerCase());
      const bound = await context.bind(identity, AbortSignal.timeout(LIMITS.lookupMs));
      if (bound.emailOnFile !== null) names.add(bound.emailOnFile.toLowerCase());
    }
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return { why: "unclear", from: "unchecked", reason: reasonOf(error) };
  }
  const mine = [teammateAddress(teammate), teammate.id.toLowerCase()];
  return mine.some((name) => name !== null && names.has(name))
    ? { why: "four_eyes", as: "requester" }
    : null;
}

import type { ApprovalVote } from "#core/values/approval.ts";
import { POLICY_CARD } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Approvers } from "#core/contracts/policy.ts";
import { differences } from "#policy/compare/differences.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { relaxations } from "#policy/compare/relaxations.ts";
import { headcount, person } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  activePolicy,
  insertPolicyChange,
  lockPolicy,
  newestPolicyChange,
  proposedPolicy,
  supersedeActive,
  updatePolicyChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import { clockTime } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The file the policy comes from. */
export interface PolicySource {
  /** The sandbox's own file is part of the program: nobody edits it, so nobody is asked about it. */
  readonly kind: PolicyChange["source"];
  /** As it is named in problems. */
  readonly name: string;
}

/** What came of a look at the file. */
export interface Considered {
  /** The policy in force after the look. */
  readonly inForce: PolicyChange;
  /**
   * `same`: the file says what is in force. `activated`: it came into force just now. `proposed`: it waits for people
   * from now on. `waiting`: it did already. `refused`: people said no to exactly this, or nobody said anything in time.
   */
  readonly outcome: "same" | "activated" | "proposed" | "waiting" | "refused";
  /** The row the file stands for; the one in force when it is the same. */
  readonly change: PolicyChange;
}

type Considering = Pick<JobContext, "store" | "clock" | "ids">;

/**
 * Compares what the file says with the policy in force, in one transaction. The very first policy comes into force as it
 * is; later one that is only stricter does at once, and one that would permit more waits for people. A change that
 * waits is closed when the file says something else by now. Throws `policy.invalid`.
 */
export function considerPolicy(
  context: Considering,
  source: PolicySource,
  text: string,
  why: "start" | "change" | "reload",
): Promise<Considered> {
  const next = openPolicyFile(text, source.name);
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const active = await activePolicy(transaction, source.kind);
    if (active === null) return activate(context, transaction, { source, next, text, told: null });
    const before = readable(active);
    const proposed = await proposedPolicy(transaction, source.kind);
    if (before?.policy.version === next.policy.version) {
      await close(context, transaction, proposed, "Closed: the file says again what is in force.");
      return { inForce: active, outcome: "same", change: active };
    }
    if (proposed?.version === next.policy.version)
      return { inForce: active, outcome: "waiting", change: proposed };
    const refused = why === "start" ? await refusedBefore(transaction, source, next) : null;
    if (refused !== null) return { inForce: active, outcome: "refused", change: refused };
    await close(context, transaction, proposed, "Closed: the file was changed again.");
    const told = toldAbout(before, next);
    return before === null || told.relaxations.length === 0 || source.kind === "built-in"
      ? activate(context, transaction, { source, next, text, told })
      : propose(context, transaction, { source, next, text, told, active, before });
  });
}

/** The policy in force, or null when an older Deskhand wrote it in a form this one does not read. */
function readable(active: PolicyChange): PolicyFile | null {
  try {
    return openPolicyInForce(active.text);
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "policy.invalid") return null;
    throw error;
  }
}

/** What the file said last, if it is this and people would not have it: only a new edit asks them again. */
async function refusedBefore(
  transaction: Transaction,
  source: PolicySource,
  next: PolicyFile,
): Promise<PolicyChange | null> {
  const newest = await newestPolicyChange(transaction, source.kind);
  const isRefused = newest?.state === "rejected" || newest?.state === "expired";
  return isRefused && newest.version === next.policy.version ? newest : null;
}

type ChangeDescription = Pick<PolicyChange, "relaxations" | "differences">;

const NOT_COMPARED =
  "The policy before is in a form this version cannot read, so nothing was compared.";

/** What a policy that came into force without anybody being asked permits beyond the one before it, in words. */
export function permitsInWords({
  relaxations: permits,
  differences: all,
}: ChangeDescription): string {
  if (all.includes(NOT_COMPARED)) return "it could not be compared with the one before";
  return permits.length === 0
    ? "it permits nothing more than before"
    : "it permits more than before, and nobody is asked about the sandbox's own file";
}

function toldAbout(before: PolicyFile | null, next: PolicyFile): ChangeDescription {
  if (before === null)
    return {
      relaxations: [],
      differences: [NOT_COMPARED],
    };
  const { relaxations: permits, differences: all } = comparePolicies(before, next);
  return { relaxations: [...permits], differences: [...all] };
}

/** What is different in the new file, and what of it permits more, in lines that start with the place in the file. */
function comparePolicies(
  before: PolicyFile,
  next: PolicyFile,
): { readonly relaxations: readonly string[]; readonly differences: readonly string[] } {
  return {
    relaxations: [
      ...relaxations(before, next).map(({ path, words }) => `${path}: ${words}`),
      ...(changeNeeds(next, []).count < changeNeeds(before, []).count
        ? ["roles: one person alone could agree to the next change of this file"]
        : []),
    ],
    differences: differences(before, next),
  };
}

/**
 * Who has to agree to a change that permits more: two leads; where there is one lead, that lead and somebody else with a
 * role; where there is one person at all, that one. Two names that a vote showed to be one person's count once, and a
 * group of the desk is more than one person.
 */
export function changeNeeds(
  { document: { roles } }: Pick<PolicyFile, "document">,
  votes: readonly ApprovalVote[],
): Approvers {
  const alias = new Map(
    votes.flatMap(({ voter, deskId }) =>
      deskId === undefined ? [] : [[person(deskId), person(voter)] as const],
    ),
  );
  const people = (names: readonly string[]): number =>
    headcount(names.map(person).map((name) => alias.get(name) ?? name));
  if (people(roles.lead) > 1) return { count: 2, leads: 2 };
  return { count: people([...roles.lead, ...roles.support]) > 1 ? 2 : 1, leads: 1 };
}

interface Writing {
  readonly source: PolicySource;
  readonly next: PolicyFile;
  readonly text: string;
}

/** `told` null is the first policy of all, about which there is nothing to tell. */
async function activate(
  context: Considering,
  transaction: Transaction,
  { source, next, text, told }: Writing & { readonly told: ChangeDescription | null },
): Promise<Considered> {
  const now = context.clock.now();
  await supersedeActive(transaction, source.kind);
  const row = {
    id: context.ids.next(POLICY_CARD),
    source: source.kind,
    version: next.policy.version,
    text,
    state: "active" as const,
    relaxations: told?.relaxations ?? [],
    differences: told?.differences ?? [],
    needs: { count: 0, leads: 0 },
    proposedAt: now,
    activeSince: now,
    expiresAt: now,
    closing: `In force since ${clockTime(now)}${told === null ? "" : `; ${permitsInWords(told)}`}.`,
  };
  await insertPolicyChange(transaction, row, told !== null && source.kind === "file");
  await writeDown(transaction, "policy_in_force", row, now);
  const change = { ...row, votes: [], revision: 1, deskRef: null, postAttempts: 0 };
  return { inForce: change, outcome: "activated", change };
}

async function propose(
  context: Considering,
  transaction: Transaction,
  proposal: Writing & {
    readonly told: ChangeDescription;
    readonly active: PolicyChange;
    readonly before: PolicyFile;
  },
): Promise<Considered> {
  const { source, next, text, told, active, before } = proposal;
  const now = context.clock.now();
  const row = {
    id: context.ids.next(POLICY_CARD),
    source: source.kind,
    version: next.policy.version,
    text,
    state: "proposed" as const,
    ...told,
    needs: changeNeeds(before, []),
    proposedAt: now,
    activeSince: null,
    expiresAt: before.policy.expiresAt(now),
    closing: "",
  };
  await insertPolicyChange(transaction, row, true);
  await writeDown(transaction, "policy_proposed", row, now);
  const change = { ...row, votes: [], revision: 1, deskRef: null, postAttempts: 0 };
  return { inForce: active, outcome: "proposed", change };
}

/** A change that waits, if there is one, ends because the file says something else. */
async function close(
  context: Considering,
  transaction: Transaction,
  change: PolicyChange | null,
  closing: string,
): Promise<void> {
  if (change === null) return;
  await updatePolicyChange(transaction, change, { state: "superseded", closing });
  await writeDown(transaction, "policy_closed", change, context.clock.now());
}

async function writeDown(
  transaction: Transaction,
  kind: string,
  { id, version, source }: Pick<PolicyChange, "id" | "version" | "source">,
  now: Date,
): Promise<void> {
  await appendAudit(transaction, { kind, data: { change: id, version, source } }, now);
}

/** Ends a change for which the time is over; the policy stays as it was. */
export async function expirePolicyChange(
  context: Considering,
  source: PolicySource,
): Promise<void> {
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const proposed = await proposedPolicy(transaction, source.kind);
    if (proposed === null || proposed.expiresAt > now) return;
    const closing = "Expired: not enough people agreed in time. The policy stays as it was.";
    await updatePolicyChange(transaction, proposed, { state: "expired", closing });
    await writeDown(transaction, "policy_closed", proposed, now);
  });
}

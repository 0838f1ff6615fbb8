/** Compares the policy file with the policy in force: activates a stricter one, proposes one that permits more. */

import { POLICY_CARD } from "#core/contracts/approval-desk.ts";
import {
  comparePolicies,
  decidingRoles,
  relaxationLines,
} from "#policy/compare/compare-policies.ts";
import { readablePolicy, tightenedPart } from "#policy/edit-policy.ts";
import { settingLines } from "#policy/compare/setting.ts";
import { openPolicyFile, openPolicyInForce, type PolicyFile } from "#policy/load-policy.ts";
import { changeNeeds } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  activePolicy,
  fileCaughtUp,
  insertPolicyChange,
  lockPolicy,
  newestChange,
  supersedeActive,
  updatePolicyChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import { clockText } from "#core/values/moment.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The file the policy comes from. */
export interface PolicySource {
  /** The sandbox's own file is part of the program: it is not edited, so no approval is asked for. */
  readonly kind: PolicyChange["source"];
  /** The name used in error messages. */
  readonly name: string;
}

/** The result of reading the file. */
export interface PolicyCheck {
  /** The policy in force afterwards. */
  readonly inForce: PolicyChange;
  /**
   * `same`: the file equals the policy in force. `activated`: it just came into force. `proposed`: it waits for people
   * from now on. `waiting`: it was waiting already. `refused`: people rejected exactly this file, or let it expire.
   * `behind`: leads agreed to a change that Deskhand proposed, and the file does not have its lines yet.
   */
  readonly outcome: "same" | "activated" | "proposed" | "waiting" | "refused" | "behind";
  /** The row of this file; the one in force when it is the same. */
  readonly change: PolicyChange;
}

/** What a change of the policy is considered with. */
export type Considering = Pick<JobContext, "store" | "clock" | "ids">;

/**
 * Compares the file with the policy in force, in one transaction. The first policy comes into force as it is; after
 * that, a stricter one comes into force at once, and one that permits more waits for people. A waiting change is closed
 * when the file says something else by now. Throws `policy.invalid`.
 */
export function checkPolicyFile(
  context: Considering,
  source: PolicySource,
  text: string,
  why: "start" | "change",
): Promise<PolicyCheck> {
  const next = openPolicyFile(text, source.name);
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const active = await activePolicy(transaction, source.kind);
    if (active === null) return activate(context, transaction, { source, next, text, told: null });
    const before = readablePolicy(active.text);
    const proposed = await newestChange(transaction, { source: source.kind, state: "proposed" });
    if (before?.policy.version === next.policy.version)
      return unchanged(context, transaction, { active, text }, proposed);
    if (await isMadeFrom(transaction, active, next)) return behind(active, next);
    if (proposed !== null && versionNow(proposed) === next.policy.version)
      return { inForce: active, outcome: "waiting", change: proposed };
    const refused = why === "start" ? await refusedChange(transaction, source, next) : null;
    if (refused !== null) return { inForce: active, outcome: "refused", change: refused };
    await close(context, transaction, proposed, "Closed: the file was changed again.");
    const told = describeChange(before, next);
    if (before === null || told.relaxations.length === 0 || source.kind === "built-in")
      return activate(context, transaction, { source, next, text, told });
    const base = await tighten(context, transaction, { source, next, active, before });
    const left = describeChange(base.before, next);
    return propose(context, transaction, { source, next, text, told: left, ...base });
  });
}

/** What a file makes stricter takes effect at once, so that only the rest waits for people. */
export async function tighten(
  context: Considering,
  transaction: Transaction,
  { source, next, active, before, madeFrom }: Omit<Writing, "text"> & Base,
): Promise<Base> {
  const tightened = tightenedPart(active.text, before, next);
  if (tightened === null) return { active, before, madeFrom };
  const { text, file } = tightened;
  const told = describeChange(before, file);
  const writing = { source, next: file, text, told, madeFrom };
  const { inForce } = await activate(context, transaction, writing);
  return { active: inForce, before: file, madeFrom };
}

/**
 * The file says what is in force, and its comments and spaces are kept as they are now. What Deskhand proposed itself
 * was never in the file, so it goes on waiting while the text is the same.
 */
async function unchanged(
  context: Considering,
  transaction: Transaction,
  { active, text }: { readonly active: PolicyChange; readonly text: string },
  proposed: PolicyChange | null,
): Promise<PolicyCheck> {
  await fileCaughtUp(transaction, active.id, text);
  if (proposed?.madeFrom === null)
    await close(context, transaction, proposed, "Closed: the file says again what is in force.");
  // What was proposed has the text of before, which would be written over the new one.
  else if (active.text !== text)
    await close(context, transaction, proposed, "Closed: the file was edited meanwhile.");
  return { inForce: active, outcome: "same", change: active };
}

/** The file is still the one that leads agreed to change; with the lines it lacks. */
function behind(active: PolicyChange, file: PolicyFile): PolicyCheck {
  const { differences } = describeChange(file, openPolicyInForce(active.text));
  return { inForce: active, outcome: "behind", change: { ...active, differences } };
}

/**
 * The version this Deskhand gives to a stored text. An earlier one, which knew other settings, stored another, and an
 * unchanged file is to stay the same after an update.
 */
function versionNow(change: PolicyChange): string {
  return readablePolicy(change.text)?.policy.version ?? change.version;
}

/** Whether the policy in force is a change that Deskhand proposed, made from this file. */
async function isMadeFrom(
  transaction: Transaction,
  { source, madeFrom }: PolicyChange,
  next: PolicyFile,
): Promise<boolean> {
  if (madeFrom === null) return false;
  const file = await newestChange(transaction, { source, version: madeFrom });
  return (file === null ? madeFrom : versionNow(file)) === next.policy.version;
}

/** True for a change that people did not agree to. */
export function wasRefused({ state }: PolicyChange): boolean {
  return state === "rejected" || state === "expired";
}

/** The last change, if it equals this file and people did not agree: only a new edit asks them again. */
async function refusedChange(
  transaction: Transaction,
  source: PolicySource,
  next: PolicyFile,
): Promise<PolicyChange | null> {
  const newest = await newestChange(transaction, { source: source.kind });
  return newest !== null && wasRefused(newest) && versionNow(newest) === next.policy.version
    ? newest
    : null;
}

type ChangeDescription = Pick<PolicyChange, "relaxations" | "differences">;

const NOT_COMPARED =
  "The policy before is in a form this version cannot read, so nothing was compared.";

/** What a policy that came into force without approval permits beyond the one before it, as text. */
function permitsInWords({ relaxations: permits, differences: all }: ChangeDescription): string {
  if (all.includes(NOT_COMPARED)) return "it could not be compared with the one before";
  return permits.length === 0
    ? "it permits nothing more than before"
    : "it permits more than before. No lead was asked: the sandbox's own file is part of the program, and only a file of your own (DESKHAND_POLICY) waits for leads";
}

/** What the next policy permits beyond the one before, and everything that is different, as text. */
export function describeChange(before: PolicyFile | null, next: PolicyFile): ChangeDescription {
  if (before === null) return { relaxations: [], differences: [NOT_COMPARED] };
  const changes = comparePolicies(before, next);
  return {
    relaxations: [...relaxationLines(changes)],
    differences: [...settingLines(changes)],
  };
}

interface Writing {
  readonly source: PolicySource;
  readonly next: PolicyFile;
  readonly text: string;
}

interface Base {
  readonly active: PolicyChange;
  readonly before: PolicyFile;
  /** The version of the file that a change was made from here; left out for what people wrote into the file. */
  readonly madeFrom?: string | null | undefined;
}

/** Writes a change down. The leads are told of it by a card unless there is nothing to tell. */
async function insertChange(
  { ids }: Considering,
  transaction: Transaction,
  { source, next, text }: Writing,
  row: Omit<Parameters<typeof insertPolicyChange>[1], "id" | "source" | "version" | "text">,
  isTold: boolean,
): Promise<PolicyChange> {
  const { version } = next.policy;
  const whole = { ...row, id: ids.next(POLICY_CARD), source: source.kind, version, text };
  await insertPolicyChange(transaction, whole, isTold);
  const kind = row.state === "active" ? "policy_in_force" : "policy_proposed";
  await writeDown(transaction, kind, whole, row.proposedAt);
  const { madeFrom = null } = row;
  return { ...whole, madeFrom, votes: [], revision: 1, deskRef: null, postAttempts: 0 };
}

/** `told` is null for the very first policy, which has nothing to compare with. */
export async function activate(
  context: Considering,
  transaction: Transaction,
  {
    told,
    madeFrom = null,
    ...writing
  }: Writing & Pick<Base, "madeFrom"> & { readonly told: ChangeDescription | null },
): Promise<PolicyCheck> {
  const { source, next } = writing;
  const now = context.clock.now();
  await supersedeActive(transaction, source.kind);
  const row = {
    state: "active" as const,
    relaxations: told?.relaxations ?? [],
    differences: told?.differences ?? [],
    needs: { count: 0, leads: 0 },
    proposedAt: now,
    activeSince: now,
    expiresAt: now,
    closing: `In force since ${clockText(now, next.policy.digest.zone)}${told === null ? "" : `; ${permitsInWords(told)}`}.`,
    madeFrom,
  };
  const isTold = told !== null && (source.kind === "file" || madeFrom !== null);
  const change = await insertChange(context, transaction, writing, row, isTold);
  return { inForce: change, outcome: "activated", change };
}

/** Puts a change before the people who have to agree. */
export async function propose(
  context: Considering,
  transaction: Transaction,
  {
    told,
    active,
    before,
    madeFrom = null,
    ...writing
  }: Writing & Base & { readonly told: ChangeDescription },
): Promise<PolicyCheck> {
  const now = context.clock.now();
  const row = {
    state: "proposed" as const,
    ...told,
    needs: changeNeeds(decidingRoles(before, writing.next), []),
    proposedAt: now,
    activeSince: null,
    expiresAt: before.policy.expiresAt(now),
    closing: "",
    madeFrom,
  };
  const change = await insertChange(context, transaction, writing, row, true);
  return { inForce: active, outcome: "proposed", change };
}

/** Closes a waiting change, if there is one, because the file says something else or another change goes first. */
export async function close(
  context: Considering,
  transaction: Transaction,
  change: PolicyChange | null,
  closing: string,
): Promise<void> {
  if (change === null) return;
  await updatePolicyChange(transaction, change, { state: "superseded", closing });
  await writeDown(transaction, "policy_closed", change, context.clock.now());
}

/** Writes a step of a change into the audit. */
export async function writeDown(
  transaction: Transaction,
  kind: string,
  { id, version, source }: Pick<PolicyChange, "id" | "version" | "source">,
  now: Date,
): Promise<void> {
  await appendAudit(transaction, { kind, data: { change: id, version, source } }, now);
}

/** Ends an expired change; the policy stays as it was. */
export async function expirePolicyChange(
  context: Considering,
  source: PolicySource,
): Promise<void> {
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const proposed = await newestChange(transaction, { source: source.kind, state: "proposed" });
    if (proposed === null || proposed.expiresAt > now) return;
    const closing = "Expired: not enough people agreed in time. The policy stays as it was.";
    await updatePolicyChange(transaction, proposed, { state: "expired", closing });
    await writeDown(transaction, "policy_closed", proposed, now);
  });
}

/**
 * Room: brings procedures into use and takes them out of it.
 * In: checked texts, results of their tests, votes of leads, commands.
 * Out: versions of procedures, cards that ask leads, entries of the audit.
 * May touch: the database and the desk.
 * This file: publishing, going back.
 */

import { PROCEDURE_CARD } from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import { invalidInput } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { changeNeeds } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { activePolicy, lockPolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import {
  insertVersion,
  overdueVersions,
  updateVersion,
  procedureVersions,
  type ProcedureVersion,
} from "#store/procedures/versions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What publishing works with. */
export type Publishing = Pick<JobContext, "store" | "clock" | "ids">;

/** The teammate behind a step, where one is known: by name for people, by pseudonym for the audit. */
export interface Actor {
  readonly name: string;
  pseudonym(transaction: Transaction): Promise<string>;
}

/** What tells two texts of a procedure apart. */
export function procedureDigest(text: string): string {
  return digest(text).slice(0, 32);
}

/** No lead is asked about a draft; it waits as long as its writer likes. */
export const NO_NEEDS = { count: 0, leads: 0 };

/**
 * Asks leads to publish the draft of this name, by card, like a policy that permits more. Throws `input.invalid` when
 * there is no draft, its tests have not passed on exactly this text, or another version waits already.
 */
export function proposeDraft(
  { store, clock }: Publishing,
  {
    name,
    source,
    by = null,
  }: {
    readonly name: string;
    readonly source: PolicyChange["source"];
    readonly by?: Actor | null;
  },
): Promise<ProcedureVersion> {
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const versions = await procedureVersions(transaction, name);
    const draft = versions.find(({ state }) => state === "draft");
    if (draft === undefined) throw invalidInput(`there is no draft of ${name}`);
    if (draft.testedAt === null)
      throw invalidInput(
        `the tests of ${name} have not passed on this text; play them in the console, or run deskhand procedures check --test ${name}`,
      );
    if (versions.some(({ state }) => state === "proposed"))
      throw invalidInput(`a version of ${name} waits for leads already`);
    const active = await activePolicy(transaction, source);
    if (active === null) throw invalidInput("no policy is in force yet; start Deskhand first");
    const { document, policy } = openPolicyInForce(active.text);
    const change = {
      state: "proposed" as const,
      needs: changeNeeds(document.roles, []),
      expiresAt: policy.expiresAt(clock.now()),
    };
    await changeLocked(transaction, draft, change);
    await writeDown(transaction, "procedure_proposed", draft, { at: clock.now(), by });
    return { ...draft, ...change, revision: draft.revision + 1 };
  });
}

/** Puts a version into use; the one before is retired. For a caller that holds the lock of the policy. */
export async function bringIntoUse(
  transaction: Transaction,
  version: ProcedureVersion,
  { at, closing }: { readonly at: Date; readonly closing: string },
): Promise<void> {
  const replaced = `Replaced by version ${version.version}.`;
  await retirePublished(transaction, version.name, { at, closing: replaced });
  await changeLocked(transaction, version, { state: "published", publishedAt: at, closing });
  await writeDown(transaction, "procedure_published", version, { at, by: null });
}

/**
 * Goes back to the version that this one replaced, at once: people agreed to it already. Where it replaced none, the
 * procedure is taken out of use. Throws `input.invalid` when nothing of this name is in use.
 */
export function goBack(
  { store, clock }: Publishing,
  name: string,
  by: Actor | null = null,
): Promise<{ readonly from: number; readonly to: number | null }> {
  const at = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const versions = await procedureVersions(transaction, name);
    const current = versions.find(({ state }) => state === "published");
    if (current === undefined) throw invalidInput(`no version of ${name} is in use`);
    // Only what was replaced keeps the time at which it came into use; what people took back does not return unasked.
    const [before] = versions
      .filter(({ state, publishedAt }) => state === "retired" && publishedAt !== null)
      .filter(({ version }) => version < current.version)
      .toSorted((one, other) => Number(other.publishedAt) - Number(one.publishedAt));
    const when = momentText(at, "UTC");
    const closing = `Taken back on ${when} UTC${by === null ? "" : ` by ${by.name}`}.`;
    await changeLocked(transaction, current, { state: "retired", publishedAt: null, closing });
    await writeDown(transaction, "procedure_retired", current, { at, by });
    if (before === undefined) return { from: current.version, to: null };
    await changeLocked(transaction, before, {
      state: "published",
      publishedAt: at,
      closing: `In use again since ${when} UTC, after version ${current.version} was taken back.`,
    });
    await writeDown(transaction, "procedure_published", before, { at, by });
    return { from: current.version, to: before.version };
  });
}

/**
 * Puts texts of the program itself into use, without asking: they change only with its version. A name whose published
 * text is this one already, or that people took out of use, is left alone.
 */
export function adoptOwn(
  { store, clock, ids }: Publishing,
  texts: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  const at = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    for (const { name, text } of texts) {
      const made = procedureDigest(text);
      const versions = await procedureVersions(transaction, name);
      if (versions.some(({ digest: known }) => known === made)) continue;
      const closing = "Replaced by a newer version of the program.";
      await retirePublished(transaction, name, { at, closing });
      const version = await insertVersion(transaction, {
        id: ids.next(PROCEDURE_CARD),
        name,
        text,
        digest: made,
        state: "published",
        origin: "program",
        author: "",
        needs: NO_NEEDS,
        createdAt: at,
        publishedAt: at,
        expiresAt: at,
        closing: "In use while Deskhand is tried with its own policy.",
      });
      await writeDown(transaction, "procedure_published", version, { at, by: null });
    }
  });
}

/** Ends proposed versions that the leads did not decide in time; what is in use stays. */
export async function expireProposed({ store, clock }: Publishing): Promise<void> {
  const now = clock.now();
  await store.run(async (transaction) => {
    for (const version of await overdueVersions(transaction, now)) {
      await updateVersion(transaction, version, {
        state: "expired",
        closing: "Expired: not enough people agreed in time. What was in use stays.",
      });
      await writeDown(transaction, "procedure_closed", version, { at: now, by: null });
    }
  });
}

async function retirePublished(
  transaction: Transaction,
  name: string,
  { at, closing }: { readonly at: Date; readonly closing: string },
): Promise<void> {
  const versions = await procedureVersions(transaction, name);
  for (const version of versions.filter(({ state }) => state === "published")) {
    await changeLocked(transaction, version, { state: "retired", closing });
    await writeDown(transaction, "procedure_retired", version, { at, by: null });
  }
}

/** Every writer holds the lock of the policy, so a row that changed anyway is a bug. */
export async function changeLocked(
  transaction: Transaction,
  version: ProcedureVersion,
  change: Parameters<typeof updateVersion>[2],
): Promise<void> {
  if (!(await updateVersion(transaction, version, change)))
    throw new Error(`the version ${version.id} moved behind its lock`);
}

/** When something was done, and by which teammate; null for a command and for the program itself. */
interface Step {
  readonly at: Date;
  readonly by: Actor | null;
}

/** Writes a step of a version into the audit. */
export async function writeDown(
  transaction: Transaction,
  kind: string,
  { id, name, version, digest: made }: ProcedureVersion,
  { at, by }: Step,
): Promise<void> {
  const person = by === null ? {} : { by: await by.pseudonym(transaction) };
  const data = { change: id, procedure: name, version, digest: made, ...person };
  await appendAudit(transaction, { kind, data }, at);
}

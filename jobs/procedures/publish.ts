/**
 * Room: brings procedures into use and takes them out of it.
 * In: checked texts, results of their tests, votes of leads, commands.
 * Out: versions of procedures, cards that ask leads, entries of the audit.
 * May touch: the database and the desk.
 * This file: drafts, publishing, going back.
 */

import { PROCEDURE_CARD } from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { clockText } from "#core/values/moment.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { changeNeeds } from "#policy/roles.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { activePolicy, lockPolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import {
  insertVersion,
  overdueVersions,
  updateVersion,
  versionsOf,
  type ProcedureVersion,
} from "#store/procedures/versions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What publishing works with. */
export type Publishing = Pick<JobContext, "store" | "clock" | "ids">;

/** A text and where it comes from. */
export interface WrittenProcedure {
  readonly name: string;
  readonly text: string;
  readonly origin: ProcedureVersion["origin"];
  /** The address of the teammate who wrote it; empty for a file. */
  readonly author: string;
}

/** What tells two texts of a procedure apart. */
export function digestOf(text: string): string {
  return digest(text).slice(0, 32);
}

/** Nobody is asked about a draft; it waits as long as its writer likes. */
const NO_NEEDS = { count: 0, leads: 0 };

/**
 * Keeps a text as the one draft of its name. A draft that already has this text stays as it is, with the result of its
 * tests; any other text has to be tested anew.
 */
export function saveDraft(
  { store, clock, ids }: Publishing,
  written: WrittenProcedure,
): Promise<ProcedureVersion> {
  const now = clock.now();
  const made = digestOf(written.text);
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const draft = (await versionsOf(transaction, written.name)).find(
      ({ state }) => state === "draft",
    );
    if (draft?.digest === made) return draft;
    const fresh = { ...written, digest: made, testedAt: null, testedWith: "" };
    if (draft !== undefined) {
      await changeLocked(transaction, draft, fresh);
      return { ...draft, ...fresh, revision: draft.revision + 1 };
    }
    return insertVersion(
      transaction,
      {
        ...fresh,
        id: ids.next(PROCEDURE_CARD),
        state: "draft",
        needs: NO_NEEDS,
        createdAt: now,
        publishedAt: null,
        expiresAt: now,
        closing: "",
      },
      false,
    );
  });
}

/** Records that the tests of a draft passed. False when its text has changed by now. */
export function recordTested(
  { store, clock }: Publishing,
  draft: Pick<ProcedureVersion, "id" | "revision">,
  model: string,
): Promise<boolean> {
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    return updateVersion(transaction, draft, { testedAt: clock.now(), testedWith: model });
  });
}

/**
 * Asks leads to publish the draft of this name, by card, like a policy that permits more. Throws `input.invalid` when
 * there is no draft, its tests have not passed on exactly this text, or another version waits already.
 */
export function proposeDraft(
  { store, clock }: Publishing,
  { name, source }: { readonly name: string; readonly source: PolicyChange["source"] },
): Promise<ProcedureVersion> {
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const versions = await versionsOf(transaction, name);
    const draft = versions.find(({ state }) => state === "draft");
    if (draft === undefined) throw refused(`there is no draft of ${name}`);
    if (draft.testedAt === null)
      throw refused(
        `the tests of ${name} have not passed on this text; run deskhand procedures test ${name}`,
      );
    if (versions.some(({ state }) => state === "proposed"))
      throw refused(`a version of ${name} waits for leads already`);
    const active = await activePolicy(transaction, source);
    if (active === null) throw refused("no policy is in force yet; start Deskhand first");
    const { document, policy } = openPolicyInForce(active.text);
    const change = {
      state: "proposed" as const,
      needs: changeNeeds(document.roles, []),
      expiresAt: policy.expiresAt(clock.now()),
    };
    await changeLocked(transaction, draft, change);
    await writeDown(transaction, "procedure_proposed", draft, clock.now());
    return { ...draft, ...change, revision: draft.revision + 1 };
  });
}

/** Puts a version into use; the one before is retired. For a caller that holds the lock of the policy. */
export async function bringIntoUse(
  transaction: Transaction,
  version: ProcedureVersion,
  { at, closing }: { readonly at: Date; readonly closing: string },
): Promise<void> {
  await retirePublished(transaction, version.name, at, `Replaced by version ${version.version}.`);
  await changeLocked(transaction, version, { state: "published", publishedAt: at, closing });
  await writeDown(transaction, "procedure_published", version, at);
}

/**
 * Goes back to the version that was in use before, at once: people agreed to it already. Without one the procedure is
 * taken out of use. Throws `input.invalid` when nothing of this name is in use.
 */
export function goBack(
  { store, clock }: Publishing,
  name: string,
): Promise<{ readonly from: number; readonly to: number | null }> {
  const at = clock.now();
  return store.run(async (transaction) => {
    await lockPolicy(transaction);
    const versions = await versionsOf(transaction, name);
    const current = versions.find(({ state }) => state === "published");
    if (current === undefined) throw refused(`no version of ${name} is in use`);
    const before = versions
      .filter(({ state, publishedAt }) => state === "retired" && publishedAt !== null)
      .find(({ version }) => version < current.version);
    const when = clockText(at, "UTC");
    await retirePublished(transaction, name, at, `Taken back on ${when} UTC.`);
    if (before === undefined) return { from: current.version, to: null };
    await changeLocked(transaction, before, {
      state: "published",
      closing: `In use again since ${when} UTC, after version ${current.version} was taken back.`,
    });
    await writeDown(transaction, "procedure_published", before, at);
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
      const made = digestOf(text);
      const versions = await versionsOf(transaction, name);
      if (versions.some(({ digest: known }) => known === made)) continue;
      await retirePublished(transaction, name, at, "Replaced by a newer version of the program.");
      const version = await insertVersion(
        transaction,
        {
          id: ids.next(PROCEDURE_CARD),
          name,
          text,
          digest: made,
          state: "published",
          origin: "program",
          author: "",
          testedAt: null,
          testedWith: "",
          needs: NO_NEEDS,
          createdAt: at,
          publishedAt: at,
          expiresAt: at,
          closing: "Part of the program.",
        },
        false,
      );
      await writeDown(transaction, "procedure_published", version, at);
    }
  });
}

/** Ends proposed versions that nobody decided in time; what is in use stays. */
export async function expireProposed({ store, clock }: Publishing): Promise<void> {
  const now = clock.now();
  await store.run(async (transaction) => {
    for (const version of await overdueVersions(transaction, now)) {
      await updateVersion(transaction, version, {
        state: "expired",
        closing: "Expired: not enough people agreed in time. What was in use stays.",
      });
      await writeDown(transaction, "procedure_closed", version, now);
    }
  });
}

async function retirePublished(
  transaction: Transaction,
  name: string,
  at: Date,
  closing: string,
): Promise<void> {
  const versions = await versionsOf(transaction, name);
  for (const version of versions.filter(({ state }) => state === "published")) {
    await changeLocked(transaction, version, { state: "retired", closing });
    await writeDown(transaction, "procedure_retired", version, at);
  }
}

/** Every writer holds the lock of the policy, so a row that changed anyway is a bug. */
async function changeLocked(
  transaction: Transaction,
  version: ProcedureVersion,
  change: Parameters<typeof updateVersion>[2],
): Promise<void> {
  if (!(await updateVersion(transaction, version, change)))
    throw new Error(`the version ${version.id} moved behind its lock`);
}

async function writeDown(
  transaction: Transaction,
  kind: string,
  { id, name, version, digest: made }: ProcedureVersion,
  at: Date,
): Promise<void> {
  await appendAudit(
    transaction,
    { kind, data: { change: id, procedure: name, version, digest: made } },
    at,
  );
}

function refused(reason: string): DeskhandError {
  return new DeskhandError("input.invalid", reason);
}

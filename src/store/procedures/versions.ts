/**
 * Room: the versions of procedures.
 * In: texts of procedures, results of their tests, votes, results of posting their cards.
 * Out: what is published, drafts, the history of a procedure, and cards to post.
 * May touch: the database only, inside the caller's transaction.
 * This file: all of it.
 */
import { and, asc, desc, eq, inArray, isNull, ne, or, sql } from "#store/db/drizzle.ts";
import {
  changeVoted,
  isChangedSincePosted,
  takeRowsToPost,
  type CardRows,
} from "#store/approvals/card-posting.ts";
import { announce, firstRow, type Transaction } from "#store/db/database.ts";
import { procedureVersion } from "#store/db/schema.ts";

/** One text of a procedure. */
export type ProcedureVersion = Omit<
  typeof procedureVersion.$inferSelect,
  "shownRevision" | "postAfter" | "postLockedUntil"
>;

/** Of a text whose tests were never played. */
export const UNTESTED = {
  testedAt: null,
  testedWith: "",
  testBeganAt: null,
  testEndedAt: null,
  testLines: [] as string[],
} satisfies Partial<ProcedureVersion>;

async function rowsWhere(
  transaction: Transaction,
  condition: ReturnType<typeof and>,
): Promise<readonly ProcedureVersion[]> {
  return transaction
    .select()
    .from(procedureVersion)
    .where(condition)
    .orderBy(asc(procedureVersion.name), desc(procedureVersion.version));
}

/** Everything that turns follow, by name. */
export function publishedVersions(transaction: Transaction): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(transaction, eq(procedureVersion.state, "published"));
}

/** Every version of a procedure, newest first. */
export function procedureVersions(
  transaction: Transaction,
  name: string,
): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(transaction, eq(procedureVersion.name, name));
}

const IS_CURRENT = inArray(procedureVersion.state, ["draft", "proposed", "published"]);

/** Of each procedure the versions that are in use, being written or waiting, newest first. */
export function currentVersions(transaction: Transaction): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(transaction, IS_CURRENT);
}

/** The same, and of a procedure that has none of these its newest version. */
export function recentVersions(transaction: Transaction): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(
    transaction,
    or(
      IS_CURRENT,
      sql`not exists (select 1 from procedure_version other where other.name = ${procedureVersion.name}
            and (other.version > ${procedureVersion.version} or other.state in ('draft', 'proposed', 'published')))`,
    ),
  );
}

/** The versions that wait for people, oldest name first. */
export function proposedVersions(transaction: Transaction): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(transaction, eq(procedureVersion.state, "proposed"));
}

/** Proposed versions that the leads did not decide in time. */
export function overdueVersions(
  transaction: Transaction,
  now: Date,
): Promise<readonly ProcedureVersion[]> {
  return rowsWhere(
    transaction,
    and(eq(procedureVersion.state, "proposed"), sql`${procedureVersion.expiresAt} <= ${now}`),
  );
}

export function loadVersion(
  transaction: Transaction,
  id: string,
): Promise<ProcedureVersion | null> {
  return firstRow(rowsWhere(transaction, eq(procedureVersion.id, id)));
}

/** Inserts the next version of its name; no card is posted for it as it is. */
export async function insertVersion(
  transaction: Transaction,
  row: Omit<
    ProcedureVersion,
    "version" | "revision" | "deskRef" | "postAttempts" | "votes" | keyof typeof UNTESTED
  >,
): Promise<ProcedureVersion> {
  const [newest] = await procedureVersions(transaction, row.name);
  const version = (newest?.version ?? 0) + 1;
  await transaction
    .insert(procedureVersion)
    .values({ ...row, ...UNTESTED, version, shownRevision: 1 });
  await announce(transaction, "policy");
  return { ...row, ...UNTESTED, version, votes: [], revision: 1, deskRef: null, postAttempts: 0 };
}

/** The compare-and-set of every change of a version: false when another change came first. */
export function updateVersion(
  transaction: Transaction,
  expected: Pick<ProcedureVersion, "id" | "revision">,
  change: Partial<ProcedureVersion>,
): Promise<boolean> {
  const shown = change.state === "proposed" ? { shownRevision: null } : {};
  return changeVoted(transaction, procedureVersion, expected, { ...change, ...shown });
}

/** A row that was never proposed is not posted, and one that was shown is kept as it is now. */
export const PROCEDURE_CARDS: CardRows = {
  table: procedureVersion,
  stale: or(
    and(isNull(procedureVersion.shownRevision), ne(procedureVersion.state, "draft")),
    isChangedSincePosted(procedureVersion),
  ),
  order: [asc(procedureVersion.createdAt)],
  undecided: eq(procedureVersion.state, "proposed"),
  unposted: { deskRef: null, shownRevision: null },
};

/** Takes the versions whose card on the desk is stale, so that only one process posts each. */
export async function takeStaleProcedureCards(
  transaction: Transaction,
  now: Date,
): Promise<readonly ProcedureVersion[]> {
  const ids = await takeRowsToPost(transaction, PROCEDURE_CARDS, now, 20);
  return rowsWhere(transaction, inArray(procedureVersion.id, [...ids]));
}

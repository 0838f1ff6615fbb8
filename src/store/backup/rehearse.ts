/** Rehearses a restore: into a scratch database, compared with the backup and with the audit in use. */
import { z } from "zod";
import { placeInAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { namedBlobs } from "#store/blobs/move.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { existingTables } from "#store/db/in-use.ts";
import { migrateWithin, refuseForeign } from "#store/db/migrate.ts";
import { forCopying } from "./backup.ts";
import { checkBackup, type BackupHead } from "./backup-file.ts";
import type { BackupSource } from "./places.ts";
import { fillAs, type Filled } from "./restore.ts";
import type { Scratch } from "./scratch.ts";

/** What a rehearsal found. */
export interface Rehearsal {
  readonly takenAt: string;
  readonly rows: number;
  readonly tables: number;
  readonly blobs: number;
  /** Migrations of this version that ran on the restored data. */
  readonly migrated: readonly string[];
  /** Entries of the restored audit, all of which verify unless a difference says otherwise. */
  readonly auditEntries: number;
  /** Checking the file, restoring rows and mails with all migrations, and comparing them, in seconds. */
  readonly seconds: {
    readonly check: number;
    readonly restore: number;
    readonly compare: number;
  };
  /** One sentence each; empty when everything is as the backup says. */
  readonly differences: readonly string[];
}

/** Differences that are told at most; a broken backup has many of one kind. */
const TOLD_MAX = 20;

/**
 * Restores the backup into the scratch place and compares: rows of each table with the backup's own, each mail with the
 * bytes it was stored from, mails with the rows that name them, the audit's chain, and its head with the audit in use.
 * The database in use is only read. Throws `store.bad_backup` and `store.newer_schema` for a backup that cannot be used.
 */
export async function rehearseRestore(
  inUse: Pick<Store, "run">,
  {
    source,
    scratch,
    progress,
  }: {
    readonly source: BackupSource;
    readonly scratch: Pick<Scratch, "store" | "blobs">;
    readonly progress: (line: string) => void;
  },
): Promise<Rehearsal> {
  const watch = stopwatch();
  progress(`Checking ${source.name} …`);
  const { head, counts } = await checkBackup(source);
  refuseForeign(head.migrations);
  const check = watch();
  progress(`Restoring ${counts.rows} rows taken at ${head.takenAt} …`);
  const mails = comparing(scratch.blobs);
  const done = await scratch.store.run((transaction) =>
    restored(transaction, head, { source, storage: mails }),
  );
  const restore = watch();
  progress("Comparing …");
  const missing = await missingMails(scratch.store, mails.kept, counts.gone);
  const audit = await comparedAudit(scratch.store, inUse);
  const rows = [...done.filled.rows.values()].reduce((sum, count) => sum + count, 0);
  const differences = [
    ...(rows === counts.rows
      ? []
      : [`The backup says it has ${counts.rows} rows and contains ${rows}.`]),
    ...done.differences,
    ...mails.different.map((ref) => `The mail ${ref} is not as it was stored.`),
    ...missing,
    ...audit.differences,
  ];
  return {
    takenAt: head.takenAt,
    rows,
    tables: done.filled.rows.size,
    blobs: done.filled.blobs,
    migrated: done.migrated,
    auditEntries: audit.entries,
    seconds: { check, restore, compare: watch() },
    differences: differences.slice(0, TOLD_MAX),
  };
}

/** The seconds since the last look, to a tenth. */
function stopwatch(): () => number {
  let from = performance.now();
  return () => {
    const to = performance.now();
    const seconds = Math.round((to - from) / 100) / 10;
    from = to;
    return seconds;
  };
}

async function restored(
  transaction: Transaction,
  head: BackupHead,
  from: { readonly source: BackupSource; readonly storage: Pick<BlobStorage, "keep"> },
): Promise<{
  readonly filled: Filled;
  readonly migrated: readonly string[];
  readonly differences: readonly string[];
}> {
  await forCopying(transaction);
  const filled = await fillAs(transaction, head, from);
  const before = await differingCounts(transaction, filled.rows, (inTable, inBackup) =>
    inTable === inBackup ? null : "after the restore",
  );
  const { applied } = await migrateWithin(transaction, null);
  // A migration may add rows and takes none away.
  const after =
    applied.length === 0
      ? []
      : await differingCounts(transaction, filled.rows, (inTable, inBackup) =>
          inTable >= inBackup ? null : "after the migrations",
        );
  return { filled, migrated: applied, differences: [...before, ...after] };
}

async function differingCounts(
  transaction: Transaction,
  rows: ReadonlyMap<string, number>,
  when: (inTable: number, inBackup: number) => string | null,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [table, inBackup] of rows) {
    const inTable = await countOf(transaction, table);
    const moment = when(inTable, inBackup);
    if (moment !== null)
      found.push(`The table ${table} has ${inTable} rows ${moment}, the backup ${inBackup}.`);
  }
  return found;
}

async function countOf(transaction: Transaction, table: string): Promise<number> {
  const [row] = await rowsOf(
    transaction,
    z.object({ count: z.coerce.number() }),
    sql`select count(*) as count from ${sql.identifier(table)}`,
  );
  return row?.count ?? 0;
}

/** Stores each mail, reads it back, and removes it, so that a rehearsal needs no room for all of them. */
function comparing(blobs: BlobStorage): Pick<BlobStorage, "keep"> & {
  readonly kept: ReadonlySet<string>;
  readonly different: readonly string[];
} {
  const kept = new Set<string>();
  const different: string[] = [];
  return {
    kept,
    different,
    async keep(ref, bytes) {
      await blobs.keep(ref, bytes);
      if (Buffer.compare(await blobs.get(ref), bytes) !== 0) different.push(ref);
      await blobs.remove(ref);
      kept.add(ref);
    },
  };
}

async function missingMails(
  store: Pick<Store, "run">,
  kept: ReadonlySet<string>,
  gone: number,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for await (const refs of namedBlobs(store)) missing.push(...refs.filter((ref) => !kept.has(ref)));
  // Mails that were removed while the backup was taken are counted in it.
  return missing.length <= gone
    ? []
    : [
        `${missing.length} mails that rows name are not in the backup, which knows of ${gone}: ${missing.slice(0, 3).join(", ")} …`,
      ];
}

/** A chain in use without entries belongs to a new database, with which there is nothing to compare. */
async function comparedAudit(
  scratch: Pick<Store, "run">,
  inUse: Pick<Store, "run">,
): Promise<{ readonly entries: number; readonly differences: readonly string[] }> {
  const { entries, head, brokenAt } = await scratch.run(verifyAudit);
  if (brokenAt !== null)
    return { entries, differences: [`The restored audit was changed at entry ${brokenAt}.`] };
  const place = await inUse.run(async (transaction) => {
    const isNew =
      !(await existingTables(transaction)).includes("audit") ||
      (await countOf(transaction, "audit")) === 0;
    return isNew ? 0 : placeInAudit(transaction, head);
  });
  if (place !== null) return { entries, differences: [] };
  const sentence = `The audit in use does not contain the last entry of the backup (${head}): the backup is of another installation, or entries were changed or removed since.`;
  return { entries, differences: [sentence] };
}

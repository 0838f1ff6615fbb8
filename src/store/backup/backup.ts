/**
 * Room: Backup and restore of the database and the kept mails, in one file.
 * In: the store, the place of the backup and the place of kept mails.
 * Out: a backup, a database restored from one, or what a rehearsal of that found.
 * May touch: the whole database, the place of the backup, the place of kept mails; a scratch database of a rehearsal.
 * This file: writes a backup while everything keeps running.
 */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { createBackup, type BackupWriter, type BackupPlace } from "./backup-file.ts";
import { type BlobStorage, bytesOrNull } from "#store/blobs/storage.ts";
import {
  databaseTime,
  rowsOf,
  type Store,
  type Transaction,
  withoutTimeLimits,
  valuesOf,
} from "#store/db/database.ts";
import { appliedIn, OUR_TABLES } from "#store/db/migrate.ts";
import { noteBackup } from "#store/reports/operating-figures.ts";

/** Rows that are read, written or restored at once. */
const BATCH = 200;

/**
 * Running workers mean nothing to another database, and what waited for webhooks has been sent. Vendors' tokens come
 * along, encrypted as they are kept: of a chain of refresh tokens that work once, only the last one opens the account.
 */
export const LEFT_OUT: readonly string[] = ["heartbeat", "webhook_delivery"];

/** The names of all tables in a backup. */
export const KEPT_TABLES: readonly string[] = OUR_TABLES.filter(
  (name) => !LEFT_OUT.includes(name),
).toSorted();

/** A column that a backup has to contain; generated columns are computed again. */
export const Column = z.object({ name: z.string(), type: z.string() });
export type Column = z.infer<typeof Column>;

/** The columns of a table in the database; none when the table does not exist. */
export function tableColumns(transaction: Transaction, table: string): Promise<readonly Column[]> {
  return rowsOf(
    transaction,
    Column,
    sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relname = ${table} and c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
          and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum`,
  );
}

/** What a backup contains, and the name of the file or object it was written to. */
export type BackedUp = Awaited<ReturnType<typeof writeBackup>>;

/**
 * Writes the database and the mails its rows name into one file while everything keeps running: all rows are of one
 * moment, and mails are stored before the rows that name them. Memory holds one batch of rows or one mail at a time.
 * The embedded database has one session, so there all other work waits until the rows are written.
 */
export async function writeBackup(
  store: Store,
  options: {
    readonly target: BackupPlace;
    readonly storage: Pick<BlobStorage, "get">;
    readonly progress: (line: string) => void;
  },
) {
  const opened: { writer?: BackupWriter } = {};
  try {
    const { takenAt, rows } = await store.run(async (transaction) => {
      await transaction.execute(sql`set transaction isolation level repeatable read read only`);
      await forCopying(transaction);
      const moment = (await databaseTime(transaction)).toISOString();
      const writer = await createBackup(options.target, {
        kind: store.kind,
        takenAt: moment,
        migrations: (await appliedIn(transaction)).map(({ name, hash }) => ({ name, hash })),
      });
      opened.writer = writer;
      return { takenAt: moment, rows: await copyTables(transaction, writer, options.progress) };
    });
    const { writer } = opened;
    if (writer === undefined) throw new Error("no file was opened");
    const blobs = await copyBlobs(store, writer, options);
    const counts = { tables: KEPT_TABLES.length, rows, ...blobs };
    await writer.finish(counts);
    return { ...counts, takenAt, name: options.target.name };
  } catch (error) {
    await opened.writer?.abandon();
    throw error;
  }
}

/**
 * The same for an installation: refuses a place that has something, and notes when the backup was made, for the alert that
 * it is old.
 */
export async function backUp(
  store: Store,
  options: Parameters<typeof writeBackup>[1],
): Promise<BackedUp> {
  const { target, progress } = options;
  if (await target.isTaken()) throw new Error(`${target.name} exists already and was left alone`);
  progress("Reading the database …");
  const done = await writeBackup(store, options);
  await store.run(noteBackup, new Date(done.takenAt));
  return done;
}

/** Makes texts independent of the session's settings, and lifts the time limits. */
export async function forCopying(transaction: Transaction): Promise<void> {
  await withoutTimeLimits(transaction);
  for (const setting of [
    "timezone to 'UTC'",
    "datestyle to 'ISO, YMD'",
    "bytea_output to 'hex'",
    "extra_float_digits to 3",
    "idle_in_transaction_session_timeout to 0",
  ])
    await transaction.execute(sql.raw(`set local ${setting}`));
}

async function copyTables(
  transaction: Transaction,
  writer: BackupWriter,
  progress: (line: string) => void,
): Promise<number> {
  let total = 0;
  for (const table of KEPT_TABLES) {
    const columns = await tableColumns(transaction, table);
    if (columns.length === 0) throw new Error(`the database has no table ${table}`);
    await writer.line(JSON.stringify({ table, columns: columns.map(({ name }) => name) }));
    const rows = await copyRows(transaction, writer, table, columns);
    if (rows > 0) progress(`  ${table}: ${rows} rows`);
    total += rows;
  }
  return total;
}

async function copyRows(
  transaction: Transaction,
  writer: BackupWriter,
  table: string,
  columns: readonly Column[],
): Promise<number> {
  const texts = sql.join(
    columns.map(({ name }) => sql`${sql.identifier(name)}::text`),
    sql`, `,
  );
  await transaction.execute(
    sql`declare copied no scroll cursor for select json_build_array(${texts})::text as line from ${sql.identifier(table)}`,
  );
  let count = 0;
  for (;;) {
    const rows = await valuesOf(transaction, z.string(), sql.raw(`fetch ${BATCH} from copied`));
    if (rows.length === 0) break;
    await writer.line(`{"rows":[${rows.join(",")}]}`);
    count += rows.length;
  }
  await transaction.execute(sql`close copied`);
  return count;
}

/**
 * The mails that rows named at that moment, and harmlessly those of newer rows. Mails removed meanwhile are counted.
 */
async function copyBlobs(
  store: Store,
  writer: BackupWriter,
  options: Pick<Parameters<typeof writeBackup>[1], "storage" | "progress">,
) {
  let blobs = 0;
  let gone = 0;
  for await (const refs of namedBlobs(store))
    for (const ref of refs) {
      const bytes = await bytesOrNull(options.storage, ref);
      if (bytes === null) gone += 1;
      else {
        blobs += 1;
        const base64 = Buffer.from(bytes).toString("base64");
        await writer.line(JSON.stringify({ blob: ref, base64 }));
      }
    }
  if (blobs + gone > 0) options.progress(`  mails: ${blobs}`);
  return { blobs, gone };
}

// The mails and files that rows name.

/** Names read in one query. */
const NAMES = 500;

/** The references that rows name, in batches, in their order. */
async function* namedBlobs(store: Pick<Store, "run">): AsyncGenerator<readonly string[]> {
  for (let after = ""; ;) {
    const refs = await valuesOf(
      store,
      z.uuid(),
      sql`select ref from (select body_ref collate "C" as ref from hint where body_ref is not null
            union select blob_ref collate "C" from attachment where blob_ref is not null) named
          where ref > ${after} order by 1 limit ${NAMES}`,
    );
    const next = refs.at(-1);
    if (next === undefined) return;
    yield refs;
    after = next;
  }
}

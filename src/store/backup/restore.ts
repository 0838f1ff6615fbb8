/** Restores a backup into the database and the place of kept mails. */
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { bodyOf, checkBackup, type BackupHead, type BackupPlace } from "./backup-file.ts";
import { listedErasures, listErasures } from "#store/privacy/erase-teammate.ts";
import { tableColumns, forCopying, KEPT_TABLES, LEFT_OUT, type Column } from "./backup.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import { endAllTokens } from "#store/identity/access-tokens.ts";
import { consolePass, ticketSession } from "#store/db/schema.ts";
import { existingTables, refuseInUse } from "#store/db/duty-leases.ts";
import { forgetPlace } from "#store/blobs/shared-place.ts";
import { rowsOf, type Store, type Transaction, valuesOf } from "#store/db/database.ts";
import { keepGenerations, secretsIn } from "#store/db/installation-secrets.ts";
import { keepTokens, keptTokens } from "#store/db/settings.ts";
import { switchAllOff } from "#store/webhooks/webhooks.ts";
import { migrateWithin, refuseForeign } from "#store/db/migrate.ts";
import { markRestored } from "#store/effects/recovery.ts";

/** Written by every start and every migration: a database with nothing else counts as empty. */
const NO_CONTENT = ["setting", "help_page", "help_passage", "token_vault"];

/** What was restored, for the operator, and the migrations of this version that ran on it. */
export type RestoreResult = Awaited<ReturnType<typeof restoreBackup>>;

/**
 * Replaces the content of the database with a backup, in one transaction. The file is verified first, so a damaged one
 * changes nothing. The tables are created as of the backup, filled, and then migrated to this version. Throws
 * `store.not_empty` for a database with content unless `replace` is set, `store.in_use` while a Deskhand works on it,
 * `store.bad_backup` and `store.newer_schema` for a file it cannot use.
 */
export async function restoreBackup(
  store: Store,
  options: {
    readonly source: BackupPlace;
    readonly storage: Pick<BlobStorage, "keep">;
    readonly replace: boolean;
    /** The worker of this data folder, which cannot be running: the restore holds the folder's lock. */
    readonly worker: string | null;
    readonly progress: (line: string) => void;
  },
) {
  const { source, progress } = options;
  progress(`Checking ${source.name} …`);
  const { head, counts } = await checkBackup(source);
  refuseForeign(head.migrations);
  const { migrated, blobs } = await store.run(async (transaction) => {
    await forCopying(transaction);
    await refuseInUse(transaction, options.worker);
    if (!options.replace) await refuseContent(transaction);
    const putBack = await knownSince(transaction, head.takenAt);
    await dropTables(transaction);
    progress(`Reading ${counts.rows} rows taken at ${head.takenAt} …`);
    const blobsKept = await fillAs(transaction, head, options);
    const { applied } = await migrateWithin(transaction, null);
    await putBack();
    await markRestored(transaction, head.takenAt);
    // A copy of an installation tells its webhooks nothing before a lead has said so.
    await switchAllOff(transaction, "the database was restored from a backup");
    // Nor does what was revoked or signed out since the backup hold again, or open a copy.
    await endAllTokens(transaction, new Date());
    for (const table of [consolePass, ticketSession]) await transaction.delete(table);
    // The mails are at the place configured now, whatever place the database knew when the backup was taken.
    await forgetPlace(transaction);
    return { migrated: applied, blobs: blobsKept };
  });
  if (blobs > 0) progress(`  mails: ${blobs}`);
  return { ...counts, takenAt: head.takenAt, migrated };
}

/**
 * Reads what the database that is replaced knows and its backups do not: who was erased since, with the secrets that
 * this list was made with, and vendors' newest tokens. What it gives puts that into the restored database.
 */
async function knownSince(transaction: Transaction, takenAt: string): Promise<() => Promise<void>> {
  const there = await existingTables(transaction);
  const secrets = there.includes("setting") ? await secretsIn(transaction) : null;
  const erased = await listedErasures(transaction);
  const tokens = await keptTokens(transaction);
  return async () => {
    await keepGenerations(transaction, secrets);
    await listErasures(transaction, erased);
    const restored = await secretsIn(transaction);
    const isSame = restored?.first.instance === secrets?.first.instance;
    const isLater = !isSame && (secrets?.later.firstAt ?? "") > takenAt;
    if (isSame || isLater) await keepTokens(transaction, tokens, isLater);
  };
}

async function refuseContent(transaction: Transaction): Promise<void> {
  const there = await existingTables(transaction);
  for (const table of KEPT_TABLES.filter((name) => !NO_CONTENT.includes(name))) {
    if (!there.includes(table)) continue;
    const rows = sql`select 1 from ${sql.identifier(table)} limit 1`;
    if ((await valuesOf(transaction, z.number(), rows)).length > 0)
      throw new DeskhandError(
        "store.not_empty",
        `The database has content already (${table}). Say --replace to put the backup in its place.`,
      );
  }
}

/** Only our tables: others in the same schema stay. */
async function dropTables(transaction: Transaction): Promise<void> {
  const ours = new Set([...KEPT_TABLES, ...LEFT_OUT, "deskhand_migration"]);
  for (const table of await existingTables(transaction))
    if (ours.has(table))
      await transaction.execute(sql`drop table ${sql.identifier(table)} cascade`);
}

/**
 * Creates the tables as they were when the backup was taken, inserts its rows and stores its mails. Foreign keys are
 * checked at the end. Returns how many mails there were.
 */
async function fillAs(
  transaction: Transaction,
  { migrations }: Pick<BackupHead, "migrations">,
  from: { readonly source: BackupPlace; readonly storage: Pick<BlobStorage, "keep"> },
): Promise<number> {
  const names = migrations.map(({ name }) => name).toSorted();
  await migrateWithin(transaction, names.at(-1) ?? "");
  const references = await takeOffReferences(transaction);
  const filled = new Set<string>();
  let into: { readonly table: string; readonly columns: readonly Column[] } | null = null;
  let blobs = 0;
  for await (const line of bodyOf(from.source)) {
    if ("table" in line) {
      into = {
        table: line.table,
        columns: await knownColumns(transaction, line.table, line.columns),
      };
      // Rows a migration inserts by itself are in the file as well, and what triggers did stands in its rows.
      const table = sql.identifier(line.table);
      await transaction.execute(sql`delete from ${table}`);
      await transaction.execute(sql`alter table ${table} disable trigger user`);
      filled.add(line.table);
    } else if ("rows" in line) {
      if (into === null) throw new DeskhandError("store.bad_backup", "rows without a table");
      await transaction.execute(insertInto(into.table, into.columns, line.rows));
    } else {
      await from.storage.keep(line.blob, Buffer.from(line.base64, "base64"));
      blobs += 1;
    }
  }
  for (const { table, name, definition } of references)
    await transaction.execute(
      sql`alter table ${sql.identifier(table)} add constraint ${sql.identifier(name)} ${sql.raw(definition)}`,
    );
  for (const table of filled) {
    await transaction.execute(sql`alter table ${sql.identifier(table)} enable trigger user`);
    await moveSequences(transaction, table);
  }
  return blobs;
}

const Reference = z.object({ table: z.string(), name: z.string(), definition: z.string() });

/**
 * The order of rows does not satisfy foreign keys. Only a superuser could disable them, so they are dropped and created
 * again.
 */
async function takeOffReferences(
  transaction: Transaction,
): Promise<readonly z.infer<typeof Reference>[]> {
  const found = await rowsOf(
    transaction,
    Reference,
    sql`select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        where k.contype = 'f' and k.connamespace = current_schema()::regnamespace`,
  );
  const ours = found.filter(({ table }) => KEPT_TABLES.includes(table));
  for (const { table, name } of ours)
    await transaction.execute(
      sql`alter table ${sql.identifier(table)} drop constraint ${sql.identifier(name)}`,
    );
  return ours;
}

/** The columns the file names, with their types here. The file has this same schema, so each one is known. */
async function knownColumns(
  transaction: Transaction,
  table: string,
  names: readonly string[],
): Promise<readonly Column[]> {
  const columns = await tableColumns(transaction, table);
  return names.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined)
      throw new DeskhandError(
        "store.bad_backup",
        `the backup has ${table}.${name}, which is not known`,
      );
    return column;
  });
}

function insertInto(
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
): SQL {
  const names = columns.map(({ name }) => sql.identifier(name));
  // The types come from the database's own catalogue; as texts, values lose nothing on the way.
  const values = columns.map(({ type }, index) => sql.raw(`(r.value ->> ${index})::${type}`));
  return sql`insert into ${sql.identifier(table)} (${sql.join(names, sql`, `)}) overriding system value
    select ${sql.join(values, sql`, `)} from json_array_elements(${JSON.stringify(rows)}::json) as r(value)`;
}

/** Moves each sequence of a table behind its largest value. */
async function moveSequences(transaction: Transaction, table: string): Promise<void> {
  const numbered = await valuesOf(
    transaction,
    z.string(),
    sql`select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relname = ${table} and c.relnamespace = current_schema()::regnamespace and a.attidentity <> ''`,
  );
  for (const name of numbered)
    await transaction.execute(
      sql`select setval(pg_get_serial_sequence(${table}, ${name}), coalesce(max(${sql.identifier(name)}), 1), max(${sql.identifier(name)}) is not null) from ${sql.identifier(table)}`,
    );
}

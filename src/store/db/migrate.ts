/** Applies migrations, refuses a database this version cannot use, and tells what an upgrade would do to one. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { DeskhandError, errorCode, invalidConfig } from "#core/values/errors.ts";
import { takeLock } from "./advisory-locks.ts";
import { sql } from "./drizzle.ts";
import { rowsOf, type Store, type Transaction, withoutTimeLimits, valuesOf } from "./database.ts";
import { existingTables, livingProcesses } from "./duty-leases.ts";

/** The migrations of this version. */
const OURS = migrationsIn(join(import.meta.dirname, "migrations"));

/** The names of all tables they make. */
export const OUR_TABLES: readonly string[] = OURS.files.flatMap(({ text }) =>
  [...text.matchAll(/^create table (?:if not exists )?(\w+)/gm)].map(([, name = ""]) => name),
);

/**
 * Workers of the previous version keep running during a migration. Changing a table waits for its users and blocks
 * those that come later: so it gives up after this long and tries again, which bounds how long they are blocked.
 */
const LOCK_WAIT_MS = 2_000;
const ATTEMPTS_MAX = 15;

/** PostgreSQL's codes for a lock time-out and a deadlock. */
const IN_THE_WAY = ["55P03", "40P01"];

/**
 * One migration. Its name and the hash of its file are what databases remember of it. Of one that would run, `text` is
 * the statements for this database.
 */
interface MigrationFile {
  readonly name: string;
  readonly text: string;
  readonly hash: string;
  /** The number of the oldest migration whose code still works after this one; null when only newer code does. */
  readonly worksWith: string | null;
}

/** A migration that ran on a database, as its row there says. */
const AppliedMigration = z.object({
  name: z.string(),
  hash: z.string(),
  works_with: z.string().nullable(),
});
export type AppliedMigration = z.infer<typeof AppliedMigration>;

/**
 * Brings the database to this version's schema, or to that of a folder of migrations. Each runs once, in the order of
 * names, and is recorded with its hash. Throws `store.newer_schema` for one that was changed after it ran, and for a
 * database that newer code has migrated, unless every one unknown here declares that it works with this code. Throws
 * `store.older_schema` for one from which no way leads here, and `store.unavailable` when a table stays locked for about
 * half a minute.
 */
export async function migrate(
  store: Store,
  folder: string | null = null,
): Promise<{ readonly applied: readonly string[] }> {
  const ours = folder === null ? OURS : migrationsIn(folder);
  for (let attempt = 1; ; attempt += 1)
    try {
      return await store.run(applyPending, ours, null);
    } catch (error) {
      if (hasCode(error, ["42501"]))
        throw invalidConfig(`The user of DATABASE_URL may not make tables: ${GIVE_RIGHTS}.`, {
          cause: error,
        });
      if (!isInTheWay(error)) throw error;
      if (attempt === ATTEMPTS_MAX)
        throw new DeskhandError(
          "store.unavailable",
          "A migration has waited too long for a table that something else holds, such as a dump. Nothing was changed; start again.",
          { cause: error },
        );
      await setTimeout(100 * attempt);
    }
}

/**
 * For what is no start: an empty database gets the schema, and one that a start of this version would upgrade is left as
 * it is. Throws `store.older_schema` for that one, and `store.newer_schema` as `migrate` would.
 */
export async function requireSchema(store: Store): Promise<void> {
  const applied = await store.run(async (transaction) =>
    appliedAmong(transaction, await existingTables(transaction)),
  );
  const newest = applied.at(-1);
  if (newest === undefined) await migrate(store);
  else if (pendingFor(applied).length > 0)
    throw olderSchema(
      `The database is at ${newest.name}, and a start of this version would bring it to ${newestMigration()}. Look with \`deskhand doctor --upgrade\` and start it; until then use the version that runs, also for the backup before.`,
    );
}

/**
 * `migrate` inside the caller's transaction. With `upTo` it stops after that file: data of an older version is restored
 * into the tables it was taken from, before the later files change them.
 */
export function migrateWithin(
  transaction: Transaction,
  upTo: string | null,
): Promise<{ readonly applied: readonly string[] }> {
  return applyPending(transaction, OURS, upTo);
}

/** A migration by its name and the digest of its text. */
export const Migration = AppliedMigration.pick({ name: true, hash: true });
export type Migration = z.infer<typeof Migration>;

/** The migrations applied to this database, in order. */
export function appliedIn(transaction: Transaction): Promise<readonly AppliedMigration[]> {
  return rowsOf(
    transaction,
    AppliedMigration,
    // Releases up to 0.2 have no column `works_with`, and are refused with words.
    sql`select name, hash, to_jsonb(applied) ->> 'works_with' as works_with
        from deskhand_migration applied order by name`,
  );
}

/** The same for a database with these tables, which may be empty. */
async function appliedAmong(
  transaction: Transaction,
  tables: readonly string[],
): Promise<readonly AppliedMigration[]> {
  return tables.includes("deskhand_migration") ? appliedIn(transaction) : [];
}

/** The name of the newest migration this version has. */
export function newestMigration(): string {
  return OURS.files.at(-1)?.name ?? "";
}

/**
 * What `migrate` would do to the database whose migrations these are, without doing it: those that would run, in order.
 * Throws `store.newer_schema` and `store.older_schema` as `migrate` would.
 */
export function pendingFor(applied: readonly AppliedMigration[]): readonly MigrationFile[] {
  return pendingAmong(OURS, applied);
}

/** Throws `store.newer_schema` or `store.older_schema` by name unless all of these are migrations of this version, unchanged. */
export function refuseForeign(migrations: readonly Migration[]): void {
  const rows = migrations.map((migration) => ({ ...migration, works_with: null }));
  const [schema] = OURS.files;
  const older = rows.find(({ name }) => schema !== undefined && name < schema.name);
  if (older !== undefined)
    throw olderSchema(
      `The backup has ${older.name}, of an older version. Restore it with the version that wrote it, and upgrade that database.`,
    );
  refuseUnfit(rows, OURS.files, []);
}

async function applyPending(
  transaction: Transaction,
  ours: typeof OURS,
  upTo: string | null,
): Promise<{ readonly applied: readonly string[] }> {
  // An index over a table of millions takes longer than any statement of usual work, and the others wait for it here.
  await withoutTimeLimits(transaction);
  await takeLock(transaction, "migration");
  await transaction.execute(sql.raw(`set local lock_timeout = ${LOCK_WAIT_MS}`));
  // Inside the lock as well: "if not exists" alone fails when two processes run it at the same moment.
  await transaction.execute(
    sql`create table if not exists deskhand_migration (name text primary key, hash text not null, at timestamptz not null default now(), works_with text)`,
  );
  const rows = await appliedIn(transaction);
  const pending = pendingAmong(ours, rows).filter(({ name }) => upTo === null || name <= upTo);
  for (const { name, text, hash, worksWith } of pending) {
    for (const statement of migrationStatements(text))
      await transaction.execute(sql.raw(statement));
    // What an earlier version had done by steps stands in the schema now.
    if (name === ours.files[0]?.name)
      await transaction.execute(sql`delete from deskhand_migration where name < ${name}`);
    await transaction.execute(
      sql`insert into deskhand_migration (name, hash, works_with) values (${name}, ${hash}, ${worksWith})`,
    );
  }
  return { applied: pending.map(({ name }) => name) };
}

/** The migrations that a database still needs, in order; the schema with the way to it from where the database is. */
function pendingAmong(
  { files, ways }: typeof OURS,
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const [schema, ...changes] = files;
  const newest = applied.at(-1);
  if (schema !== undefined && newest !== undefined && newest.name < schema.name) {
    const way = ways.get(newest.name);
    if (way === undefined)
      throw olderSchema(
        `The database is at ${newest.name}, from which no way leads here. Bring it to ${[...ways.keys()].join(" or ")} first, with code that has that migration; release 0.3.0 ends with the first.`,
      );
    const missing = schema.text.replaceAll(
      /^create (table|index|unique index) /gm,
      "create $1 if not exists ",
    );
    return [{ ...schema, text: `${way[0]}\n${missing}\n${way[1]}` }, ...changes];
  }
  const done = new Set(applied.map(({ name }) => name));
  const pending = files.filter(({ name }) => !done.has(name));
  refuseUnfit(applied, files, pending);
  return pending;
}

function olderSchema(message: string): DeskhandError {
  return new DeskhandError("store.older_schema", `${message} Nothing was changed.`);
}

/** The migrations of a version, in order. The first creates the whole schema; each other changes it. */
function migrationsIn(folder: string) {
  const files: MigrationFile[] = [];
  /**
   * What brings a database of earlier code to the schema, by the newest migration that code had: statements before
   * the schema creates what is missing, and statements after it.
   */
  const ways = new Map<string, readonly [before: string, after: string]>();
  for (const file of readdirSync(folder).toSorted()) {
    const [, from] = /\.from-(\w+)\.sql$/.exec(file) ?? [];
    const text = readFileSync(join(folder, file), "utf8");
    if (from !== undefined) {
      const [before = "", after = ""] = text.split(/^-- then the schema$/m);
      ways.set(`${from}.sql`, [before, after]);
    } else if (file.endsWith(".sql")) {
      const [, worksWith = null] = /^-- works with: (\d{4})$/m.exec(text) ?? [];
      const hash = createHash("sha256").update(text).digest("hex");
      files.push({ name: file, text, hash, worksWith });
    }
  }
  return { files, ways };
}

function refuseUnfit(
  done: readonly AppliedMigration[],
  files: readonly MigrationFile[],
  pending: readonly MigrationFile[],
): void {
  const known = new Map(files.map((file) => [file.name, file.hash]));
  const newest = (files.at(-1)?.name ?? "").slice(0, 4);
  for (const { name, hash, works_with: worksWith } of done) {
    const here = known.get(name);
    if (here === undefined) {
      // Older pending files would run after files that were written to follow them.
      if (worksWith !== null && worksWith <= newest && pending.length === 0) continue;
      throw new DeskhandError(
        "store.newer_schema",
        `The database was migrated by a newer Deskhand (${name}). Start that version, or restore a backup.`,
      );
    }
    if (here !== hash)
      throw new DeskhandError(
        "store.newer_schema",
        `Migration ${name} was changed after it ran on this database. Restore the file as it was released.`,
      );
  }
}

/** True when a statement gave up because something else holds its table. */
export function isInTheWay(error: unknown): boolean {
  return hasCode(error, IN_THE_WAY);
}

/** Whether it, or what caused it, has one of these SQLSTATEs. */
function hasCode(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  return codes.includes(errorCode(error)) || hasCode(error.cause, codes);
}

/** What a user without rights is told, also by `doctor`: from PostgreSQL 15 on, only a schema's owner may make tables in it. */
export const GIVE_RIGHTS =
  "give it the rights: GRANT CREATE ON DATABASE name TO user; GRANT ALL ON SCHEMA public TO user";

/** Our files hold plain statements only, so a semicolon at the end of a line ends one. */
function migrationStatements(text: string): readonly string[] {
  return text
    .split(/;\s*$/m)
    .map((statement) => statement.replace(/^[ \t]*--.*$/gm, "").trim())
    .filter((statement) => statement !== "");
}

/** The database before an upgrade. */
export type UpgradePlan = Awaited<ReturnType<typeof planUpgrade>>;

/**
 * Reads what an upgrade to this code would meet, with the policy that is in force for this source. The transaction is made read-only first. Throws `store.newer_schema`
 * where this code may not start on the database at all.
 */
export async function planUpgrade(transaction: Transaction, policySource: "built-in" | "file") {
  await transaction.execute(sql`set transaction read only`);
  const there = await existingTables(transaction);
  const applied = await appliedAmong(transaction, there);
  const pending = pendingFor(applied);
  const [{ bytes, oldest } = { bytes: 0, oldest: 0 }] = await rowsOf(
    transaction,
    z.object({ bytes: z.coerce.number(), oldest: z.coerce.number() }),
    sql`select pg_database_size(current_database()) as bytes,
          (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null) as oldest`,
  );
  return {
    /** The newest migration it has; null for an empty database. */
    schema: applied.at(-1)?.name ?? null,
    /** What would run, with the number of the oldest migration whose code goes on beside it; null for none. */
    pending: pending.map(({ name, worksWith }) => ({ name, worksWith })),
    processes: await livingProcesses(transaction),
    /** Size of the database in bytes. */
    bytes,
    /** When the last backup was taken; null where none was. */
    backupAt: await textFrom(
      transaction,
      there.includes("setting"),
      sql`select value ->> 'at' as text from setting where name = 'backup.last'`,
    ),
    /** The text of the policy in force; null where there is none. */
    policyText: await textFrom(
      transaction,
      there.includes("policy_change"),
      sql`select text from policy_change where state = 'active' and source = ${policySource}`,
    ),
    /** Age in seconds of the oldest transaction of another session: what it holds, a migration waits for. */
    oldestTransactionSeconds: Math.round(oldest),
  };
}

async function textFrom(
  transaction: Transaction,
  isThere: boolean,
  query: ReturnType<typeof sql>,
): Promise<string | null> {
  const [text = null] = isThere ? await valuesOf(transaction, z.string(), query) : [];
  return text;
}

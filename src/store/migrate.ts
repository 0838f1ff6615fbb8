import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { DeskhandError } from "#core/errors.ts";
import { z } from "zod";
import { rowsOf, type Store, type Transaction } from "./driver.ts";

const FOLDER = join(import.meta.dirname, "migrations");

/** Any number no other program is likely to use: two processes starting at once migrate one after the other. */
const ADVISORY_LOCK = 71_239_417;

/**
 * Brings the database to this version's schema. Each file runs once, in the order of names, and is remembered with its
 * hash. Refuses a database that newer code has migrated, and a file that was changed after it ran.
 */
export async function migrate(store: Store): Promise<{ readonly applied: readonly string[] }> {
  return store.run((transaction) => migrateWithin(transaction, null));
}

/**
 * The same inside a transaction of the caller's. With `upTo` it stops behind that file: data from an older version is
 * put into the tables it was taken from, before the later files change them.
 */
export async function migrateWithin(
  transaction: Transaction,
  upTo: string | null,
): Promise<{ readonly applied: readonly string[] }> {
  const files = migrationFiles();
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
  // Behind the lock as well: "if not exists" alone fails for one of two processes that ask at the same moment.
  await transaction.execute(
    sql`create table if not exists deskhand_migration (name text primary key, hash text not null, at timestamptz not null default now())`,
  );
  const done = new Map((await appliedIn(transaction)).map((row) => [row.name, row.hash]));
  refuseUnknown(done, files);
  const pending = files.filter(
    (file) => !done.has(file.name) && (upTo === null || file.name <= upTo),
  );
  for (const file of pending) {
    for (const statement of statementsOf(file.text)) await transaction.execute(sql.raw(statement));
    await transaction.execute(
      sql`insert into deskhand_migration (name, hash) values (${file.name}, ${file.hash})`,
    );
  }
  return { applied: pending.map((file) => file.name) };
}

/** A migration by the name of its file and the digest of what it says. */
export const Migration = z.object({ name: z.string(), hash: z.string() });
export type Migration = z.infer<typeof Migration>;

/** What has run on this database, in order. */
export function appliedIn(transaction: Transaction): Promise<readonly Migration[]> {
  return rowsOf(
    transaction,
    Migration,
    sql`select name, hash from deskhand_migration order by name`,
  );
}

/** Throws `store.newer_schema` by name when these are not all migrations of this version, unchanged. */
export function refuseForeign(migrations: readonly Migration[]): void {
  refuseUnknown(new Map(migrations.map(({ name, hash }) => [name, hash])), migrationFiles());
}

function migrationFiles() {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(FOLDER, name), "utf8");
      return { name, text, hash: createHash("sha256").update(text).digest("hex") };
    });
}

function refuseUnknown(
  done: ReadonlyMap<string, string>,
  files: readonly { readonly name: string; readonly hash: string }[],
): void {
  const known = new Map(files.map((file) => [file.name, file.hash]));
  for (const [name, hash] of done) {
    const here = known.get(name);
    if (here === undefined)
      throw new DeskhandError(
        "store.newer_schema",
        `The database was migrated by a newer Deskhand (${name}). Start that version, or restore a backup.`,
      );
    if (here !== hash)
      throw new DeskhandError(
        "store.newer_schema",
        `Migration ${name} was changed after it ran on this database. Restore the file as it was released.`,
      );
  }
}

/** Our files hold plain statements only, so a semicolon at the end of a line ends one. */
function statementsOf(text: string): readonly string[] {
  return text
    .split(/;\s*$/m)
    .map((statement) => statement.replace(/^\s*--.*$/gm, "").trim())
    .filter((statement) => statement !== "");
}

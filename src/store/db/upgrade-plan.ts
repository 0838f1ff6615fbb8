/** What an upgrade would do to a database: read there, estimated here, and nothing changed. */
import { z } from "zod";
import { sql } from "./drizzle.ts";
import { rowsOf, type Transaction } from "./database.ts";
import { existingTables, type LivingProcess, livingProcesses } from "./in-use.ts";
import { appliedIn, type MigrationFile, pendingFor, migrationStatements } from "./migrate.ts";

/**
 * Rows a statement works through in a second, for an estimate on the safe side: `npm run figures -- upgrade-rates` measured 987,000
 * indexed and 57,000 written anew on two busy cores, without waiting for the disk.
 */
const ROWS_A_SECOND = { index: 250_000, write: 15_000 };

/** Rows of a table that a migration reads for an index, or writes. */
interface Touched {
  readonly table: string;
  readonly how: keyof typeof ROWS_A_SECOND;
  /** The index; null for rows that are written. */
  readonly index: string | null;
}

/** A migration that would run. */
interface PlannedMigration {
  readonly name: string;
  /** The number of the oldest migration whose code goes on beside it; null for none. */
  readonly worksWith: string | null;
  /** Tables with rows it works through, largest first; empty where it is done at once. */
  readonly touches: readonly (Touched & { readonly rows: number })[];
  /** An estimate, rounded up. */
  readonly seconds: number;
}

/** The database before an upgrade. */
export interface UpgradePlan {
  /** The newest migration it has; null for an empty database. */
  readonly schema: string | null;
  readonly pending: readonly PlannedMigration[];
  readonly processes: readonly LivingProcess[];
  /** Size of the database in bytes. */
  readonly bytes: number;
  /** When the last backup was taken, and the text of the policy in force; null where there is none. */
  readonly backupAt: string | null;
  readonly policyText: string | null;
  /** Age in seconds of the oldest transaction of another session: what it holds, a migration waits for. */
  readonly oldestTransactionSeconds: number;
}

/**
 * Reads what an upgrade to this code would meet. The transaction is made read-only first. Throws `store.newer_schema`
 * where this code may not start on the database at all.
 */
export async function planUpgrade(transaction: Transaction): Promise<UpgradePlan> {
  await transaction.execute(sql`set transaction read only`);
  const tables = new Set(await existingTables(transaction));
  const applied = tables.has("deskhand_migration") ? await appliedIn(transaction) : [];
  const pending = pendingFor(applied);
  const planned: PlannedMigration[] = [];
  for (const migration of pending)
    planned.push(await plannedMigration(transaction, migration, tables));
  const [{ bytes, oldest } = { bytes: 0, oldest: 0 }] = await rowsOf(
    transaction,
    z.object({ bytes: z.coerce.number(), oldest: z.coerce.number() }),
    sql`select pg_database_size(current_database()) as bytes,
          (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null) as oldest`,
  );
  return {
    schema: applied.at(-1)?.name ?? null,
    pending: planned,
    processes: await livingProcesses(transaction),
    bytes,
    backupAt: await textFrom(
      transaction,
      tables.has("setting"),
      sql`select value ->> 'at' as text from setting where name = 'backup.last'`,
    ),
    policyText: await textFrom(
      transaction,
      tables.has("policy_change"),
      sql`select text from policy_change where state = 'active' limit 1`,
    ),
    oldestTransactionSeconds: Math.round(oldest),
  };
}

async function textFrom(
  transaction: Transaction,
  isThere: boolean,
  query: ReturnType<typeof sql>,
): Promise<string | null> {
  if (!isThere) return null;
  const [row] = await rowsOf(transaction, z.object({ text: z.string() }), query);
  return row?.text ?? null;
}

async function plannedMigration(
  transaction: Transaction,
  { name, text, worksWith }: MigrationFile,
  tables: ReadonlySet<string>,
): Promise<PlannedMigration> {
  const touches: (Touched & { readonly rows: number })[] = [];
  for (const touched of touchedBy(text)) {
    if (!tables.has(touched.table) || (await isMade(transaction, touched))) continue;
    const rows = await rowsIn(transaction, touched.table);
    if (rows > 0) touches.push({ ...touched, rows });
  }
  const seconds = touches.reduce((sum, { how, rows }) => sum + rows / ROWS_A_SECOND[how], 0);
  return {
    name,
    worksWith,
    touches: touches.toSorted((one, other) => other.rows - one.rows),
    seconds: Math.ceil(seconds),
  };
}

/** An index that is there already is passed over. */
async function isMade(transaction: Transaction, { index }: Touched): Promise<boolean> {
  if (index === null) return false;
  const [found] = await rowsOf(
    transaction,
    z.object({ there: z.boolean() }),
    sql`select to_regclass(${index}) is not null as there`,
  );
  return found?.there === true;
}

/** The planner's estimate; a table it knows nothing of is small or new, and counted. */
async function rowsIn(transaction: Transaction, table: string): Promise<number> {
  const Rows = z.object({ rows: z.coerce.number() });
  const [known] = await rowsOf(
    transaction,
    Rows,
    sql`select sum(greatest(reltuples, 0)) as rows from pg_class
        where oid = ${table}::regclass or oid in (select inhrelid from pg_inherits where inhparent = ${table}::regclass)`,
  );
  if (known !== undefined && known.rows > 0) return Math.round(known.rows);
  const [counted] = await rowsOf(
    transaction,
    Rows,
    sql`select count(*) as rows from ${sql.identifier(table)}`,
  );
  return counted?.rows ?? 0;
}

/**
 * The tables whose rows a migration's statements work through. A table or column that is merely added costs nothing,
 * whatever the number of rows (PostgreSQL's "ALTER TABLE", notes); one that is computed is written anew. Pure.
 */
export function touchedBy(text: string): readonly Touched[] {
  return migrationStatements(text).flatMap((statement): readonly Touched[] => {
    const words = statement.replaceAll(/--.*$/gm, " ").replaceAll(/\s+/g, " ").toLowerCase();
    const [, index, indexed] =
      /^create (?:unique )?index (?:if not exists )?(\w+) on (\w+)/.exec(words) ?? [];
    if (index !== undefined && indexed !== undefined)
      return [{ table: indexed, how: "index", index }];
    const written =
      /^update (\w+)/.exec(words)?.[1] ??
      /^delete from (\w+)/.exec(words)?.[1] ??
      /^insert into \w+ (?:(?!\bselect\b).)*\bselect\b.* from (\w+)/.exec(words)?.[1] ??
      /^alter table (\w+) .*(?: generated always as \(|alter column \w+ (?:type|set data type) |add column \w+ \w*serial)/.exec(
        words,
      )?.[1];
    return written === undefined ? [] : [{ table: written, how: "write", index: null }];
  });
}

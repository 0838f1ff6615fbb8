/** A copy of all rows of a database, and the restore of one, with what an operator does afterwards. */
import { z } from "zod";
import { allTables } from "#evals/harness/forgetting.ts";
import { setPause } from "#store/effects/pause.ts";
import { resumeAfterDowntime } from "#jobs/recovery/resume-after-downtime.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { markRestored } from "#store/effects/recovery.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";

const Stored = z.object({
  takenAt: z.string(),
  tables: z.array(z.object({ name: z.string(), rows: z.string() })),
});
type Stored = z.infer<typeof Stored>;

/** Every row of every table, as JSON. */
export async function storedRows({ parts }: JobBench): Promise<Stored> {
  const names = await allTables(parts.store);
  const tables = await parts.store.run(async (transaction) => {
    const copied: Stored["tables"] = [];
    for (const name of names) {
      const [row] = await rowsOf(
        transaction,
        z.object({ rows: z.string() }),
        sql`select coalesce(json_agg(t), '[]')::text as rows from ${sql.identifier(name)} t`,
      );
      copied.push({ name, rows: row?.rows ?? "[]" });
    }
    return copied;
  });
  return { takenAt: parts.clock.now().toISOString(), tables };
}

/** Puts them back, starts as the product does after a restore, and a lead who has looked resumes. */
export async function restored({ parts }: JobBench, copied: unknown): Promise<void> {
  const { takenAt, tables } = Stored.parse(copied);
  await parts.store.run(async (transaction) => {
    await transaction.execute(sql`set local session_replication_role = replica`);
    for (const { name, rows } of tables) {
      const table = sql.identifier(name);
      const columns = sql.join(
        (await storedColumns(transaction, name)).map((column) => sql.identifier(column)),
        sql`, `,
      );
      await transaction.execute(sql`delete from ${table}`);
      await transaction.execute(
        sql`insert into ${table} (${columns}) overriding system value select ${columns} from json_populate_recordset(null::${table}, ${rows}::json)`,
      );
    }
    await markRestored(transaction, takenAt);
  });
  await resumeAfterDowntime(parts, { onlyEmbeddedParts: false, say: () => undefined });
  const change = { scope: "all", paused: false, by: "Lea", auditedAs: "lea" } as const;
  await parts.store.run((transaction) => setPause(transaction, change, parts.clock.now()));
}

/** The columns that the database does not compute itself. */
async function storedColumns(transaction: Transaction, table: string): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ name: z.string() }),
    sql`select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`,
  );
  return rows.map(({ name }) => name);
}

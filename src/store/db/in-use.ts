/** Whether a Deskhand works on this database: commands that must be alone ask first. */
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { sql } from "./drizzle.ts";
import { rowsOf, type Transaction } from "./database.ts";

/** Another process seen this recently, by the database's clock, is running. */
const ALIVE_SECONDS = 60;

/** The tables there are; an empty database has none. */
export async function existingTables(transaction: Transaction): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ name: z.string() }),
    sql`select tablename as name from pg_tables where schemaname = current_schema()`,
  );
  return rows.map(({ name }) => name);
}

/** A running process, as its heartbeat says, with the newest migration it knows; null where it does not say. */
const LivingProcess = z.object({ worker: z.string(), knows: z.string().nullable() });
export type LivingProcess = z.infer<typeof LivingProcess>;

/** The processes seen lately; none in a database that has no such table yet. */
export async function livingProcesses(transaction: Transaction): Promise<readonly LivingProcess[]> {
  if (!(await existingTables(transaction)).includes("heartbeat")) return [];
  return rowsOf(
    transaction,
    LivingProcess,
    // Releases up to 0.2 have no column `knows`.
    sql`select worker, to_jsonb(heartbeat) ->> 'knows' as knows from heartbeat
        where not stopped and seen_at > now() - make_interval(secs => ${ALIVE_SECONDS}) order by worker`,
  );
}

/** Throws `store.in_use` while a process other than `worker`, the one of the caller's own data folder, was seen lately. */
export async function refuseInUse(transaction: Transaction, worker: string | null): Promise<void> {
  if ((await livingProcesses(transaction)).some((one) => one.worker !== worker))
    throw new DeskhandError(
      "store.in_use",
      `A Deskhand works on this database (seen within the last ${ALIVE_SECONDS} seconds). Stop all of them first.`,
    );
}

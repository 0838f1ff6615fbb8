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

/** Throws `store.in_use` while a process other than `worker`, the one of the caller's own data folder, was seen lately. */
export async function refuseInUse(transaction: Transaction, worker: string | null): Promise<void> {
  if (!(await existingTables(transaction)).includes("heartbeat")) return;
  const rows = await rowsOf(
    transaction,
    z.object({ worker: z.string() }),
    sql`select worker from heartbeat
        where not stopped and worker <> ${worker ?? ""}
          and seen_at > now() - make_interval(secs => ${ALIVE_SECONDS})`,
  );
  if (rows.length > 0)
    throw new DeskhandError(
      "store.in_use",
      `A Deskhand works on this database (seen within the last ${ALIVE_SECONDS} seconds). Stop all of them first.`,
    );
}

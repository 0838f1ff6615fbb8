/** Leader locks for work that one process does at a time. */
import { sql } from "./drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "./database.ts";

/**
 * Takes or renews a leader lock for this many milliseconds by the database's clock. False when another process holds
 * it; once that process stops renewing it, the next one that asks gets it.
 */
export async function acquireLeadership(
  transaction: Transaction,
  duty: { readonly name: string; readonly holder: string; readonly forMs: number },
): Promise<boolean> {
  const rows = await rowsOf(
    transaction,
    z.object({ name: z.string() }),
    sql`insert into duty (name, holder, until)
        values (${duty.name}, ${duty.holder}, now() + ${duty.forMs} * interval '1 millisecond')
        on conflict (name) do update set holder = excluded.holder, until = excluded.until
        where duty.holder = excluded.holder or duty.until < now()
        returning name`,
  );
  return rows.length === 1;
}

/** Releases a leader lock, so that another process can take it at once. */
export async function releaseLeadership(
  transaction: Transaction,
  duty: { readonly name: string; readonly holder: string },
): Promise<void> {
  await transaction.execute(
    sql`delete from duty where name = ${duty.name} and holder = ${duty.holder}`,
  );
}

/** What went wrong last with each operation, for a list of tools. */
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";

const LastError = z.object({ operation: z.string(), error: z.string(), at: z.coerce.date() });

/** The newest failed or unclear effect of each operation; none for one that is only waiting for its turn. */
export async function lastErrors(
  transaction: Transaction,
): Promise<readonly z.infer<typeof LastError>[]> {
  return rowsOf(
    transaction,
    LastError,
    sql`select distinct on (operation) operation, error, created_at as at from effect
        where error is not null and state in ('failed', 'unknown')
        order by operation, created_at desc`,
  );
}

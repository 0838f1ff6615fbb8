/** The list of erased names, as keyed digests. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { existingTables } from "#store/db/in-use.ts";
import { erasure } from "#store/db/schema.ts";

/** A name that was erased, as a keyed digest, and when that was last requested. */
export const ListedErasure = z.object({ name: z.string(), at: z.coerce.date() });
export type ListedErasure = z.infer<typeof ListedErasure>;

/** Adds names to the list of erasures; an existing name keeps the later time. */
export async function listErasures(
  transaction: Transaction,
  erased: readonly ListedErasure[],
): Promise<void> {
  for (const { name, at } of erased)
    await transaction
      .insert(erasure)
      .values({ name, at })
      .onConflictDoUpdate({
        target: erasure.name,
        set: { at: sql`greatest(${erasure.at}, excluded.at)` },
      });
}

/** All entries, latest last; empty in a database that has no such table yet. */
export async function listedErasures(transaction: Transaction): Promise<readonly ListedErasure[]> {
  if (!(await existingTables(transaction)).includes("erasure")) return [];
  return rowsOf(transaction, ListedErasure, sql`select name, at from erasure order by at, name`);
}

import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { erasure } from "#store/db/schema.ts";

/** A name that was erased, as a keyed digest, and when that was asked for last. */
export const ListedErasure = z.object({ name: z.string(), at: z.coerce.date() });
export type ListedErasure = z.infer<typeof ListedErasure>;

/** Adds names to the list of erasures; one that is there keeps the later time. */
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

/** Everybody in the list, those erased last at the end; nobody in a database from before there was one. */
export async function listedErasures(transaction: Transaction): Promise<readonly ListedErasure[]> {
  const [found] = await rowsOf(
    transaction,
    z.object({ there: z.boolean() }),
    sql`select to_regclass('erasure') is not null as there`,
  );
  if (found?.there !== true) return [];
  return rowsOf(transaction, ListedErasure, sql`select name, at from erasure order by at, name`);
}

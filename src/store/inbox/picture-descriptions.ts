/** What a model said of customers' pictures: kept with the file, read by the console's pages alone. */
import { and, eq, inArray, isNull, ne } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { attachment } from "#store/db/schema.ts";

/** The descriptions that are kept, by the id of their file; erased files have none. */
export async function descriptionsOf(
  transaction: Transaction,
  files: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (files.length === 0) return new Map();
  const rows = await transaction
    .select({ id: attachment.id, description: attachment.description })
    .from(attachment)
    .where(
      and(
        inArray(
          attachment.id,
          files.map(({ id }) => id),
        ),
        ne(attachment.description, ""),
        isNull(attachment.clearedAt),
      ),
    );
  return new Map(rows.map(({ id, description }) => [id, description]));
}

/** Keeps a description. The first one stays, and a file that was erased meanwhile gets none. */
export async function keepDescription(
  transaction: Transaction,
  id: string,
  description: string,
): Promise<void> {
  await transaction
    .update(attachment)
    .set({ description })
    .where(
      and(
        eq(attachment.id, id),
        eq(attachment.description, ""),
        eq(attachment.state, "kept"),
        isNull(attachment.clearedAt),
      ),
    );
}

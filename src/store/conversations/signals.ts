/** The stored signals of conversations. */
import { asc, eq } from "#store/db/drizzle.ts";
import type { Signal } from "#core/values/message.ts";
import type { Transaction } from "#store/db/database.ts";
import { signal } from "#store/db/schema.ts";

/** The signals of a conversation, oldest first. */
export async function signalsOf(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly Signal[]> {
  const rows = await transaction
    .select({ payload: signal.payload })
    .from(signal)
    .where(eq(signal.conversationId, conversationId))
    .orderBy(asc(signal.at), asc(signal.key));
  return rows.map(({ payload }) => payload);
}

/** Stores new signals, by key, and returns them. */
export async function addSignals(
  transaction: Transaction,
  conversationId: string,
  signals: readonly Signal[],
): Promise<readonly Signal[]> {
  const added: Signal[] = [];
  for (const item of signals) {
    const [row] = await transaction
      .insert(signal)
      .values({ key: item.key, conversationId, payload: item, at: new Date(item.at) })
      .onConflictDoNothing()
      .returning({ key: signal.key });
    if (row !== undefined) added.push(item);
  }
  return added;
}

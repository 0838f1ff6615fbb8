/** The effects of one conversation, by what they are: what its customer was told, what waits under a key. */
import { and, asc, eq, gte, inArray, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { effect } from "#store/db/schema.ts";
import { Effect } from "./ledger.ts";

/** Texts to the customer that were intended since a moment, sent or still to be sent, oldest first. */
export async function repliesSince(
  transaction: Transaction,
  conversationId: string,
  since: Date,
): Promise<readonly Effect[]> {
  const rows = await transaction
    .select()
    .from(effect)
    .where(
      and(
        eq(effect.conversationId, conversationId),
        eq(effect.operation, "reply"),
        inArray(effect.state, ["intended", "executing", "done"]),
        gte(effect.createdAt, since),
      ),
    )
    .orderBy(asc(effect.createdAt), asc(effect.position));
  return rows.map((row) => Effect.parse(row));
}

/** The effects of a conversation whose keys begin like this, newest first. */
export async function effectsUnderPrefix(
  transaction: Transaction,
  conversationId: string,
  prefix: string,
): Promise<readonly Effect[]> {
  const rows = await transaction
    .select()
    .from(effect)
    .where(
      and(eq(effect.conversationId, conversationId), sql`starts_with(${effect.key}, ${prefix})`),
    )
    .orderBy(sql`${effect.createdAt} desc`);
  return rows.map((row) => Effect.parse(row));
}

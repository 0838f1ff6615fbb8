/** Conversations that were set aside as junk: the rows, their daily list, and the way back. */
import { asc, desc, eq, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { beyond, PAGE_ROWS, rowPage, type Cursor, type Page } from "#store/console/cursor.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { onlyRow, type Transaction, valuesOf } from "#store/db/database.ts";
import { NOT_ENDED } from "./messages.ts";
import { having } from "#store/db/statement.ts";
import { conversation, junk, message } from "#store/db/schema.ts";

/** One conversation that was set aside. */
export type JunkRow = typeof junk.$inferSelect;

const LISTED_MAX = 500;

/** Sets a conversation aside, to be listed with this alert; one that was put back to work stays at work. */
export async function addJunk(
  transaction: Transaction,
  row: Pick<JunkRow, "conversationId" | "why" | "listKey">,
  now: Date,
): Promise<void> {
  await transaction
    .insert(junk)
    .values({ ...row, kind: "sales", at: now })
    .onConflictDoNothing();
}

/** What the alert with this key lists, oldest first. */
export async function junkListed(
  transaction: Transaction,
  listKey: string,
): Promise<readonly JunkRow[]> {
  return transaction
    .select()
    .from(junk)
    .where(eq(junk.listKey, listKey))
    .orderBy(asc(junk.at), asc(junk.conversationId))
    .limit(LISTED_MAX);
}

/** One page of all of it, newest first. */
export async function newestJunk(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<JunkRow>> {
  const rows = await transaction
    .select()
    .from(junk)
    .where(beyond(after, junk.at, junk.conversationId))
    .orderBy(desc(junk.at), desc(junk.conversationId))
    .limit(PAGE_ROWS + 1);
  return rowPage(rows, ({ at, conversationId: id }) => ({ at, id }));
}

/**
 * Puts a conversation back to work: its messages are open again and a wake is due. False when it was not set aside, or
 * is back already.
 */
export async function restoreJunk(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<boolean> {
  const [restored] = await transaction
    .update(junk)
    .set({ restoredAt: now })
    .where(having(junk, { conversationId, restoredAt: null }))
    .returning({ id: junk.conversationId });
  if (restored === undefined) return false;
  await transaction
    .update(message)
    .set(NOT_ENDED)
    .where(having(message, { conversationId, outcome: "ignored", passedOver: "junk" }));
  await transaction
    .update(conversation)
    .set({ wakeAt: now })
    .where(eq(conversation.id, conversationId));
  return true;
}

/**
 * True for a writer who is no stranger: something else of theirs was worked on, or was put back to work after it had
 * been set aside.
 */
export async function isKnownWriter(
  transaction: Transaction,
  authorId: string,
  conversationId: string,
): Promise<boolean> {
  const isTheirs = sql`m.author_id = ${storable(authorId)} and m.author_kind = 'requester'`;
  const isKnown = await valuesOf(
    transaction,
    z.boolean(),
    sql`select exists (select 1 from message m where ${isTheirs}
          and m.conversation_id <> ${conversationId} and m.outcome is distinct from 'ignored')
        or exists (select 1 from junk j join message m on m.conversation_id = j.conversation_id
          where ${isTheirs} and j.restored_at is not null)`,
  );
  return onlyRow(isKnown);
}

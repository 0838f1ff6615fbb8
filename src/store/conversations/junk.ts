/** Conversations that were set aside as junk: the rows, their daily list, and the way back. */
import { and, eq, isNull, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ask, rowsOf, type Transaction } from "#store/db/database.ts";
import { NOT_ENDED } from "./messages.ts";
import { conversation, junk, message } from "#store/db/schema.ts";

/** What junk is: it tries to take something, or to sell something. */
export const JunkKind = z.enum(["phishing", "sales"]);
export type JunkKind = z.infer<typeof JunkKind>;

const LISTED_MAX = 500;

/** Sets a conversation aside, to be listed with this alert; one that was put back to work stays at work. */
export async function addJunk(
  transaction: Transaction,
  row: {
    readonly conversationId: string;
    readonly kind: JunkKind;
    readonly why: string;
    readonly listKey: string;
  },
  now: Date,
): Promise<void> {
  await transaction
    .insert(junk)
    .values({ ...row, at: now })
    .onConflictDoNothing();
}

const JunkRow = z.object({
  conversationId: z.string(),
  kind: JunkKind,
  why: z.string(),
  at: z.coerce.date(),
  restoredAt: z.coerce.date().nullable(),
});
/** One conversation that was set aside. */
export type JunkRow = z.infer<typeof JunkRow>;

/** What the alert with this key lists, oldest first. */
export async function junkListed(
  transaction: Transaction,
  listKey: string,
): Promise<readonly JunkRow[]> {
  return rowsOf(
    transaction,
    JunkRow,
    sql`select conversation_id as "conversationId", kind, why, at, restored_at as "restoredAt" from junk
        where list_key = ${listKey} order by at, conversation_id limit ${LISTED_MAX}`,
  );
}

/** The newest first, before a row of an earlier page: for a list in pages. */
export async function newestJunk(
  transaction: Transaction,
  page: { readonly before: Pick<JunkRow, "at" | "conversationId"> | null; readonly limit: number },
): Promise<readonly JunkRow[]> {
  const earlier =
    page.before === null
      ? sql`true`
      : sql`(at, conversation_id) < (${page.before.at.toISOString()}::timestamptz, ${page.before.conversationId})`;
  return rowsOf(
    transaction,
    JunkRow,
    sql`select conversation_id as "conversationId", kind, why, at, restored_at as "restoredAt" from junk
        where ${earlier} order by at desc, conversation_id desc limit ${page.limit}`,
  );
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
    .where(and(eq(junk.conversationId, conversationId), isNull(junk.restoredAt)))
    .returning({ id: junk.conversationId });
  if (restored === undefined) return false;
  await transaction
    .update(message)
    .set(NOT_ENDED)
    .where(
      and(
        eq(message.conversationId, conversationId),
        eq(message.outcome, "ignored"),
        eq(message.passedOver, "junk"),
      ),
    );
  await transaction
    .update(conversation)
    .set({ wakeAt: now })
    .where(eq(conversation.id, conversationId));
  return true;
}

const KNOWN = {
  name: "known_writer",
  text: `select exists (
      select 1 from message m where m.author_id = $1 and m.author_kind = 'requester'
        and m.conversation_id <> $2 and m.outcome is distinct from 'ignored'
    ) or exists (
      select 1 from junk j join message m on m.conversation_id = j.conversation_id
      where m.author_id = $1 and m.author_kind = 'requester' and j.restored_at is not null
    ) as known`,
  row: z.object({ known: z.boolean() }),
} as const;

/**
 * True for a writer who is no stranger: something else of theirs was worked on, or was put back to work after it had
 * been set aside.
 */
export async function isKnownWriter(
  transaction: Transaction,
  authorId: string,
  conversationId: string,
): Promise<boolean> {
  const [row] = await ask(transaction, KNOWN, [authorId, conversationId]);
  return row?.known === true;
}

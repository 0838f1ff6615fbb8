/** The lines of chats, as visitors read them. */
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { eq, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { transcript } from "#store/db/schema.ts";
import { storable } from "#store/db/storable-text.ts";

export interface TranscriptLine {
  readonly key: string;
  readonly text: string;
  readonly at: Date;
}

/** A line with its position: lines that become readable later have higher numbers. */
export interface PlacedLine extends TranscriptLine {
  readonly position: number;
}

/** Writes an answer to the transcript its visitor reads; the same key again changes nothing. */
export async function writeLine(
  transaction: Transaction,
  line: TranscriptLine & { readonly conversationId: string },
): Promise<void> {
  const chat = storable(line.conversationId);
  // A position is assigned at the write but visible at the commit; one writer at a time keeps both in the same order.
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.chatLines}, hashtext(${chat}))`,
  );
  const position = sql<number>`(select coalesce(max(position), 0) + 1 from transcript where conversation_id = ${chat})`;
  await transaction
    .insert(transcript)
    .values({ ...line, position })
    .onConflictDoNothing();
}

export async function hasLine(transaction: Transaction, key: string): Promise<boolean> {
  const rows = await transaction
    .select({ key: transcript.key })
    .from(transcript)
    .where(eq(transcript.key, key));
  return rows.length > 0;
}

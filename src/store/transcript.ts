import { eq, sql } from "drizzle-orm";
import type { Transaction } from "./driver.ts";
import { transcript } from "./schema.ts";

export interface TranscriptLine {
  readonly key: string;
  readonly text: string;
  readonly at: Date;
}

/** A line with its place: a line of the same chat that can be read later has a higher number. */
export interface PlacedLine extends TranscriptLine {
  readonly position: number;
}

/** Any number no other lock of ours has. */
const LINES_LOCK = 71_239_424;

/** Puts an answer where its chat visitor reads it; the same key again changes nothing. */
export async function writeLine(
  transaction: Transaction,
  line: TranscriptLine & { readonly conversationId: string },
): Promise<void> {
  // Numbers are given when a line is written and read once it is committed; only one writer at a time keeps both in order.
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${LINES_LOCK}, hashtext(${line.conversationId}))`,
  );
  await transaction.insert(transcript).values(line).onConflictDoNothing();
}

export async function hasLine(transaction: Transaction, key: string): Promise<boolean> {
  const rows = await transaction
    .select({ key: transcript.key })
    .from(transcript)
    .where(eq(transcript.key, key));
  return rows.length > 0;
}

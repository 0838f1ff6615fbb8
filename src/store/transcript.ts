import { eq } from "./drizzle.ts";
import type { Transaction } from "./driver.ts";
import { transcript } from "./schema.ts";

export interface TranscriptLine {
  readonly key: string;
  readonly text: string;
  readonly at: Date;
}

/** Puts an answer where its chat visitor reads it; the same key again changes nothing. */
export async function writeLine(
  transaction: Transaction,
  line: TranscriptLine & { readonly conversationId: string },
): Promise<void> {
  await transaction.insert(transcript).values(line).onConflictDoNothing();
}

export async function hasLine(transaction: Transaction, key: string): Promise<boolean> {
  const rows = await transaction
    .select({ key: transcript.key })
    .from(transcript)
    .where(eq(transcript.key, key));
  return rows.length > 0;
}

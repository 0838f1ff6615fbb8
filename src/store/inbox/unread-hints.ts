/** Hints that were not read yet. */
import { eq, sql } from "#store/db/drizzle.ts";
import type { Hint } from "#core/values/delivery.ts";
import { ask, onlyRow, type Reader, type Transaction } from "#store/db/database.ts";
import { z } from "zod";
import { hint as hintTable } from "#store/db/schema.ts";

/** One unread hint with what intake kept of it. */
export interface UnreadHint {
  readonly id: number;
  readonly hint: Hint;
  readonly bodyRef: string | null;
  readonly receivedAt: Date;
  readonly attempts: number;
}

const UNREAD_MESSAGE = {
  name: "has_unread_message",
  text: `select exists (select 1 from hint where conversation_id = $1 and state = 'unread'
    and payload ->> 'kind' = 'message') as "isThere"`,
  row: z.object({ isThere: z.boolean() }),
} as const;

/** True while a message has arrived that was not read yet. */
export async function hasUnreadMessage(reader: Reader, conversationId: string): Promise<boolean> {
  return onlyRow(await ask(reader, UNREAD_MESSAGE, [conversationId])).isThere;
}

/**
 * Counts a failed attempt to read a hint; after `attemptsMax` it is set aside as failed, with its body kept. Null never
 * gives up: the source is down, and the message itself is fine.
 */
export async function hintFailed(
  transaction: Transaction,
  options: { readonly id: number; readonly error: string; readonly attemptsMax: number | null },
): Promise<{ readonly givenUp: boolean }> {
  const [row] = await transaction
    .update(hintTable)
    .set({
      attempts: sql`${hintTable.attempts} + 1`,
      error: options.error,
      ...(options.attemptsMax === null
        ? {}
        : {
            state: sql`case when ${hintTable.attempts} + 1 >= ${options.attemptsMax} then 'failed' else 'unread' end`,
          }),
    })
    .where(eq(hintTable.id, options.id))
    .returning({ state: hintTable.state });
  return { givenUp: row?.state === "failed" };
}

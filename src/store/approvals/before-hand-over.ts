/**
 * How a case stood before a hand-over that one click can still take back; kept no longer than that click is possible, and
 * only while people have the case for that hand-over: `updateConversation` forgets it with the reason.
 */

import { z } from "zod";
import {
  BEFORE_HAND_OVER,
  type ConversationState,
  StoredTopic,
} from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { sql } from "#store/db/drizzle.ts";

const Before = z.object({
  approvalId: z.string(),
  holder: z.object({ name: z.string(), voter: z.string().nullable() }).nullable(),
  delicate: StoredTopic,
  closedNoticeUntil: z.coerce.date().nullable(),
});

/** Keeps who had the case by name, and of which closed period its customer had been told; called after the hand-over. */
export async function keepBefore(
  transaction: Transaction,
  approvalId: string,
  { conversation, reason: { holder, delicate }, closedNoticeUntil: told }: ConversationState,
): Promise<void> {
  const closedNoticeUntil = told?.toISOString() ?? null;
  const kept = { approvalId, holder: holder && { ...holder }, delicate, closedNoticeUntil };
  await writeSetting(transaction, BEFORE_HAND_OVER + conversation.id, kept);
}

/** What was kept for this card; null where people have the case for another reason by now. */
export async function keptBefore(
  transaction: Transaction,
  approval: { readonly id: string; readonly conversationId: string },
): Promise<Omit<z.infer<typeof Before>, "approvalId"> | null> {
  const name = BEFORE_HAND_OVER + approval.conversationId;
  const found = await readSetting(transaction, name, Before);
  if (found?.approvalId !== approval.id) return null;
  const { approvalId: _own, ...kept } = found;
  return kept;
}

/** Forgets what was kept for cards that no click takes back any more. */
export async function forgetBefore(transaction: Transaction): Promise<void> {
  await transaction.execute(
    sql`delete from setting s where starts_with(s.name, ${BEFORE_HAND_OVER}) and not exists (select from approval a
        where a.id = s.value ->> 'approvalId' and a.state = 'rejected' and a.undo_until is not null)`,
  );
}

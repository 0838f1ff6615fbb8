/** How a case stood before a hand-over that one click can still take back; kept no longer than that click is possible. */

import { z } from "zod";
import { type ConversationState, StoredTopic } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { sql } from "#store/db/drizzle.ts";

const BEFORE = "before_hand_over:";

const Before = z.object({
  holder: z.object({ name: z.string(), voter: z.string().nullable() }).nullable(),
  delicate: StoredTopic,
  closedNoticeUntil: z.coerce.date().nullable(),
});

/** Keeps who had the case by name, and of which closed period its customer had been told. */
export async function keepBefore(
  transaction: Transaction,
  approvalId: string,
  { reason: { holder, delicate }, closedNoticeUntil: told }: ConversationState,
): Promise<void> {
  if (holder === null && delicate === null && told === null) return;
  const closedNoticeUntil = told?.toISOString() ?? null;
  const kept = { holder: holder && { ...holder }, delicate, closedNoticeUntil };
  await writeSetting(transaction, BEFORE + approvalId, kept);
}

/** What was kept for this card, which is forgotten with it; of a case without either, nothing was. */
export async function takeBefore(
  transaction: Transaction,
  approvalId: string,
): Promise<z.infer<typeof Before>> {
  const name = BEFORE + approvalId;
  const kept = await readSetting(transaction, name, Before);
  await transaction.execute(sql`delete from setting where name = ${name}`);
  return kept ?? { holder: null, delicate: null, closedNoticeUntil: null };
}

/** Forgets what was kept for cards that no click takes back any more. */
export async function forgetBefore(transaction: Transaction): Promise<void> {
  await transaction.execute(
    sql`delete from setting s where starts_with(s.name, ${BEFORE}) and not exists (select from approval a
        where a.id = substr(s.name, length(${BEFORE}) + 1) and a.state = 'rejected' and a.undo_until is not null)`,
  );
}

/** Detects changes of many chats at once. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";

const Row = z.object({ key: z.string(), conversationId: z.string(), mark: z.string() });

/** The state of a chat in short, and the conversation it belongs to. */
export interface ChatMark {
  readonly conversationId: string;
  readonly mark: string;
}

/**
 * A mark for each of these chats, by key, that changes whenever its state may. One statement for all of them, answered
 * from indexes, so that many open windows cost little more than one. A chat that does not exist has none. A pause that
 * begins or ends changes all of them.
 */
export async function chatMarksOf(
  transaction: Transaction,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ChatMark>> {
  const rows = await rowsOf(
    transaction,
    Row,
    sql`select k.key, k.conversation_id as "conversationId", concat_ws('|',
          (select count(*) || '/' || coalesce(max(t.position), 0) from transcript t where t.conversation_id = k.key),
          (select count(*) || '/' || count(*) filter (where h.state = 'failed') || '/' || count(*) filter (where h.state = 'unread')
             from hint h where h.conversation_id = k.conversation_id),
          coalesce((select m.id || '/' || coalesce(m.outcome, '') from message m
             where m.conversation_id = k.conversation_id and m.author_kind = 'requester' order by m.id desc limit 1), ''),
          coalesce((select string_agg(e.key || '/' || e.state, ',' order by e.key) from effect e
             where e.conversation_id = k.conversation_id and e.operation = 'reply'), ''),
          coalesce((select string_agg(a.id, ',' order by a.id) from approval a
             where a.conversation_id = k.conversation_id and a.state in ('pending', 'approved')), ''),
          coalesce((select md5(string_agg(s.value::text, ',' order by s.name)) from setting s
             where s.name in ('pause', 'holds')), '')) as mark
        from conversation_key k where k.key in ${[...keys]}`,
  );
  return new Map(rows.map(({ key, ...found }) => [key, found]));
}

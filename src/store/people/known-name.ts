/** The name a customer is known by where a channel itself names them by an id. */
import { sql, type SQL } from "#store/db/drizzle.ts";

/**
 * The name the shop has for the customer who writes in a chat, in a statement that calls its conversation `c`: from its hand-over,
 * else from its newest card. Null for every other channel, whose messages name their author, and where neither is kept.
 */
export const KNOWN_NAME: SQL = sql`(case when c.channel = 'chat' then coalesce(
  (select e.action -> 'arguments' -> 'requester' ->> 'name' from effect e
    where e.conversation_id = c.id and e.operation = 'create_ticket' and e.key like 'handover:%' and e.cleared_at is null
    order by e.created_at desc limit 1),
  (select a.card -> 'requester' ->> 'name' from approval a
    where a.conversation_id = c.id and a.cleared_at is null order by a.created_at desc limit 1)
) end)`;

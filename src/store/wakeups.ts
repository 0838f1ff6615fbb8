import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Transaction } from "./driver.ts";

/**
 * Conversations that have something to do and nobody at work: unread mail, a due effect, or a retry whose time has
 * come. The truth behind the queue; losing every queued job loses nothing because this is asked on a timer.
 */
export async function conversationsToWake(
  transaction: Transaction,
  options: { readonly now: Date; readonly olderThan: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string() }),
    sql`select c.id from conversation c
        where (c.lease_owner is null or c.lease_until < now())
          and (
            (exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread' and h.received_at <= ${options.olderThan})
              and (c.wake_at is null or c.wake_at <= ${options.now}))
            or exists (select 1 from effect e where e.conversation_id = c.id
                       and e.state in ('intended', 'executing') and e.not_before <= ${options.now})
            or (c.wake_at is not null and c.wake_at <= ${options.now})
          )
        order by c.updated_at limit ${options.limit}`,
  );
  return rows.map((row) => row.id);
}

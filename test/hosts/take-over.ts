/** How long until what a host did is done by the other one, read from the rows of leases. */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";

const LOOK_EVERY_MS = 100;
const WAIT_MS_MAX = 60_000;

const Counted = z.object({ held: z.coerce.number() });

/**
 * Inboxes, sockets and the lead that no living process of another host holds, and conversations with work in them that
 * are still in these processes' hands. `$1` the names of the processes.
 */
const STILL_HELD = `
select (select count(*) from duty
        where name not like 'reader:%' and (holder = any($1) or until < now()))
     + (select count(*) from conversation c
        where c.lease_owner = any($1) and (
          exists (select 1 from message m
                  where m.conversation_id = c.id and m.author_kind = 'requester' and m.outcome is null)
          or exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread')
          or exists (select 1 from effect e
                     where e.conversation_id = c.id and e.state in ('intended', 'executing')))) as held`;

/** Resolves with the milliseconds since now; with the time limit when it never is taken over. */
export async function takenOver(databaseUrl: string, holders: readonly string[]): Promise<number> {
  const began = performance.now();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    while (performance.now() - began < WAIT_MS_MAX) {
      const { rows } = await client.query(STILL_HELD, [holders]);
      if (Counted.parse(rows[0]).held === 0) break;
      await delay(LOOK_EVERY_MS);
    }
    return Math.round(performance.now() - began);
  } finally {
    await client.end();
  }
}

import { and, eq, gte, inArray, lte, or, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { QUARANTINED_FROM } from "./lease.ts";
import { conversation, message, signal, wakeCount } from "#store/db/schema.ts";

/** How old something has to be before the clockwork rings for it, so that it does not ring beside a ring under way. */
export interface Patience {
  readonly now: Date;
  /** Unread mail that came later is left to its own ring. */
  readonly mailBefore: Date;
  /** What fell due later is left to its own ring. */
  readonly dueBefore: Date;
  /** A conversation that was rung for later than this has that ring still under way. */
  readonly rungBefore: Date;
  readonly limit: number;
}

/** No ring is put off for longer than this. */
const AHEAD_MS = 120_000;

/** What a pause holds is looked at again after this, in case a process of an older version took the pause back. */
const HELD_MS = 60_000;

/**
 * Conversations that have something to do and nobody at work: unread mail, a due effect, or a retry whose time has
 * come. The truth behind the queue; losing every queued job loses nothing because this is asked on a timer.
 *
 * Of a bundle only the first open effect counts, since those behind it cannot begin before it is done; and none counts
 * that a pause is known to hold. A target that is away so costs one wake for each try of it, whatever waits behind.
 *
 * Those given back count as rung for from now on. One whose holder let the lease run out is given whatever its age: the
 * holder is gone, and so is the ring it came by.
 */
export async function takeConversationsToWake(
  transaction: Transaction,
  { now, mailBefore, dueBefore, rungBefore, limit }: Patience,
): Promise<readonly string[]> {
  // Noted by a process whose clock is wrong, or before ours was set back.
  const ahead = new Date(now.getTime() + AHEAD_MS);
  const heldBefore = new Date(now.getTime() - HELD_MS);
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string() }),
    sql`with waiting as (
          select h.conversation_id as id, min(h.received_at) as since, ${mailBefore}::timestamptz as before, true as mail
          from hint h where h.state = 'unread' group by h.conversation_id
          union all
          select e.conversation_id, e.not_before, ${dueBefore}::timestamptz, false
          from effect e where e.state in ('intended', 'executing') and e.not_before <= ${now}
            and (e.held_at is null or e.held_at <= ${heldBefore})
            and not exists (
              select 1 from effect first
              where first.bundle = e.bundle and first.position < e.position and first.state <> 'done'
            )
          union all
          select d.id, d.wake_at, ${dueBefore}::timestamptz, false from conversation d where d.wake_at <= ${now}
        ), chosen as (
          select c.id from conversation c
          where c.id in (
              select w.id from waiting w join conversation k on k.id = w.id
              where (w.since <= w.before or k.lease_owner is not null)
                and (not w.mail or k.wake_at is null or k.wake_at <= ${now})
            )
            and (c.lease_owner is null or c.lease_until < now())
            and (c.hold_until is null or c.hold_until <= ${now})
            and (c.rung_at is null or c.rung_at <= ${rungBefore} or c.rung_at > ${ahead} or c.lease_owner is not null)
          order by c.updated_at limit ${limit}
          for no key update skip locked
        )
        update conversation c set rung_at = ${now}, lease_owner = null, lease_until = null
        from chosen where c.id = chosen.id returning c.id`,
  );
  return rows.map((row) => row.id);
}

/** Why a lease was not to be had. */
export type Refusal = "taken" | "held" | "suspect" | "gone";

/**
 * Says why nobody gets to work on a conversation now, and remembers that the bell rang for it in vain: a holder that
 * gives the lease back then rings again. Null when it was given back this very moment.
 */
export async function recordRefusedWake(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<Refusal | null> {
  const [row] = await rowsOf(
    transaction,
    z.object({ taken: z.boolean(), held: z.boolean(), suspect: z.boolean() }),
    sql`select lease_owner is not null and lease_until >= now() as taken,
               hold_until is not null and hold_until > ${now} as held,
               unfinished_wakes >= ${QUARANTINED_FROM} as suspect
        from conversation where id = ${conversationId} for no key update`,
  );
  if (row === undefined) return "gone";
  if (!row.taken) return row.held ? "held" : row.suspect ? "suspect" : null;
  await transaction.execute(
    sql`update conversation set rung_at = coalesce(rung_at, ${now}) where id = ${conversationId}`,
  );
  return "taken";
}

/** Adds to the counts of wakes, by kind. */
export async function addWakeCounts(
  transaction: Transaction,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [kind, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    await transaction
      .insert(wakeCount)
      .values({ kind, count })
      .onConflictDoUpdate({
        target: wakeCount.kind,
        set: { count: sql`${wakeCount.count} + ${count}` },
      });
}

/** A hand-over of ours whose reminder is due. */
export interface DueHandover {
  readonly id: string;
  readonly channel: string;
  readonly ownerReason: string;
  readonly handedOverAt: Date;
}

/**
 * Takes the hand-overs whose reminder is due and that nobody has answered or taken since, here or where people work:
 * each is given once, whoever asks and however often.
 */
export async function takeDueHandovers(
  transaction: Transaction,
  now: Date,
): Promise<readonly DueHandover[]> {
  const rows = await transaction
    .update(conversation)
    .set({ handoverRemindAt: null })
    .where(lte(conversation.handoverRemindAt, now))
    .returning();
  const due: DueHandover[] = [];
  for (const { id, owner, linkedId, channel, ownerReason, handedOverAt } of rows) {
    if (owner !== "human" || handedOverAt === null) continue;
    const places = linkedId === null ? [id] : [id, linkedId];
    if (await isTaken(transaction, places, handedOverAt)) continue;
    due.push({ id, channel, ownerReason, handedOverAt });
  }
  return due;
}

/** A teammate's public words, or an assignment, merge or solution by somebody, tell that the hand-over has arrived. */
export async function isTaken(
  transaction: Transaction,
  conversationIds: readonly string[],
  since: Date,
): Promise<boolean> {
  const [answer] = await transaction
    .select({ id: message.id })
    .from(message)
    .where(
      and(
        inArray(message.conversationId, [...conversationIds]),
        eq(message.authorKind, "teammate"),
        eq(message.visibility, "public"),
        gte(message.sentAt, since),
      ),
    )
    .limit(1);
  if (answer !== undefined) return true;
  const [taken] = await transaction
    .select({ key: signal.key })
    .from(signal)
    .where(
      and(
        inArray(signal.conversationId, [...conversationIds]),
        gte(signal.at, since),
        or(
          inArray(sql`${signal.payload} ->> 'kind'`, ["merged", "solved"]),
          // Routing by a rule puts it into a list; that nobody has looked at it yet is just what the reminder is about.
          sql`${signal.payload} ->> 'kind' = 'assigned' and ${signal.payload} ->> 'automatic' = 'false'`,
        ),
      ),
    )
    .limit(1);
  return taken !== undefined;
}

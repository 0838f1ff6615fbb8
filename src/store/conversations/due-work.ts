/** Which conversations have work due, and which hand-overs need a reminder. */
import { and, isNull, lte, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ask, type Reader, rowsOf, type Transaction } from "#store/db/database.ts";
import { HELPDESK } from "#core/values/vocabulary.ts";
import { untakenOf } from "./conversations.ts";
import { QUARANTINED_FROM } from "./lease.ts";
import { conversation } from "#store/db/schema.ts";

/** How old work must be before the reconciler sends a wake for it, so that it does not repeat one that is under way. */
export interface WakeThresholds {
  readonly now: Date;
  /** Unread hints received later are left to their own wake. */
  readonly mailBefore: Date;
  /** Work that fell due later is left to its own wake. */
  readonly dueBefore: Date;
  /** A conversation notified later than this still has that wake under way. */
  readonly rungBefore: Date;
  readonly limit: number;
}

/** That a customer's message in this table has no outcome. */
const isOpen = (table: string): string =>
  `${table}.outcome is null and ${table}.author_kind = 'requester' and ${table}.visibility = 'public'`;

/**
 * That a conversation `c` of the bot's has an open message and more holds of it. The partial index is walked by fifty, up
 * to the first: left to itself, the planner takes a quarter of all messages to be open.
 */
export const hasOpenMessage = (more = "true"): string => {
  const fifty = (after: string): string => `array(select m.conversation_id from message m
    where m.outcome is null and m.author_kind = 'requester' and ${after} order by 1 limit 50)`;
  return `exists (with recursive open as (select ${fifty("true")} as ids
      union all select ${fifty("m.conversation_id > o.ids[50]")} from open o where o.ids[50] is not null)
    select 1 from open o cross join lateral (
      select 1 from conversation c where c.id = any (o.ids) and c.owner = 'bot' and ${more} limit 1) found)`;
};

/** No wake is planned further ahead than this. */
const AHEAD_MS = 120_000;

/** Work held by a pause is checked again after this, in case a process of an older version ended the pause. */
const HELD_MS = 60_000;

/**
 * `$1` now, `$2` since when mail has to wait, `$3` since when other work has to be due, `$4` since when a pause has to
 * hold it, `$5` before when it was notified, `$6` what is too far ahead, `$7` how many.
 */
const TO_WAKE = {
  name: "to_wake",
  text: `
with waiting as (
  select h.conversation_id as id, min(h.received_at) as since, $2::timestamptz as before, 'mail' as kind
  from hint h where h.state = 'unread' group by h.conversation_id
  union all
  select e.conversation_id, e.not_before, $3::timestamptz, 'due'
  from effect e where e.state in ('intended', 'executing') and e.not_before <= $1
    and (e.held_at is null or e.held_at <= $4)
    and not exists (
      select 1 from effect first
      where first.bundle = e.bundle and first.position < e.position and first.state <> 'done'
    )
  union all
  select d.id, d.wake_at, $3::timestamptz, 'due' from conversation d where d.wake_at <= $1
  union all
  select m.conversation_id, m.received_at, $3::timestamptz, 'left' from message m
  where ${isOpen("m")} and m.conversation_id not in (
    select a.conversation_id from approval a where a.state = 'pending'
    union all
    select a.conversation_id from approval a where a.state = 'rejected' and a.undo_until > $1
    union all
    select e.conversation_id from effect e where e.state in ('intended', 'executing') and e.operation <> 'alert'
    union all
    select b.conversation_id from message b where b.key = any (array(
      select jsonb_array_elements_text(a.answers) from approval a where a.state = 'pending'
      union all
      select jsonb_array_elements_text(a.answers) from approval a
      where a.state = 'rejected' and a.undo_until > $1
      union all
      select jsonb_array_elements_text(e.action -> 'arguments' -> 'answers') from effect e
      where e.state in ('intended', 'executing') and e.operation = 'reply'
    ))
  )
), chosen as (
  select c.id from conversation c
  where c.id in (
      select w.id from waiting w join conversation k on k.id = w.id
      where k.id = any (array(select id from waiting)) and (w.since <= w.before or k.lease_owner is not null)
        and (w.kind = 'due' or k.wake_at is null or k.wake_at <= $1)
        and (w.kind <> 'left' or k.owner = 'bot')
    )
    and (c.lease_owner is null or c.lease_until < now())
    and (c.hold_until is null or c.hold_until <= $1)
    and (c.rung_at is null or c.rung_at <= $5 or c.rung_at > $6 or c.lease_owner is not null)
  order by c.updated_at limit $7
  for no key update skip locked
)
update conversation c set rung_at = $1, lease_owner = null, lease_until = null
from chosen where c.id = chosen.id returning c.id`,
  row: z.object({ id: z.string() }),
} as const;

/**
 * Conversations with work to do and no worker: unread hints, a due effect, a due retry, or messages of the bot's that
 * nothing answers or waits with, be it because what was to answer them ended otherwise, here or in another conversation
 * of the case. This is the source of truth behind the queue: losing every queued job loses nothing, because a timer
 * calls this.
 *
 * Of a bundle only the first open effect counts, since later ones cannot begin before it is done; effects known to be
 * held by a pause do not count. So an unavailable target costs one wake per try, however many effects wait for it.
 *
 * Returned conversations count as notified from now on. One whose holder let its lease expire is returned whatever its
 * age: the holder is gone, and so is its wake.
 */
export async function takeConversationsToWake(
  reader: Reader,
  { now, mailBefore, dueBefore, rungBefore, limit }: WakeThresholds,
): Promise<readonly string[]> {
  // Written by a process whose clock is wrong, or before this clock was set back.
  const ahead = new Date(now.getTime() + AHEAD_MS);
  const heldBefore = new Date(now.getTime() - HELD_MS);
  const values = [now, mailBefore, dueBefore, heldBefore, rungBefore, ahead, limit];
  return (await ask(reader, TO_WAKE, values)).map(({ id }) => id);
}

/** Why a lease could not be taken. */
export type Refusal = "taken" | "held" | "quarantined" | "gone";

/**
 * Returns why a conversation cannot be worked on now, and records the refused wake: the lease's holder then sends
 * another when it releases the lease. Null when the lease was released just now.
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
  if (!row.taken) return row.held ? "held" : row.suspect ? "quarantined" : null;
  await transaction.execute(
    sql`update conversation set rung_at = coalesce(rung_at, ${now}) where id = ${conversationId}`,
  );
  return "taken";
}

/** A hand-over of ours whose reminder is due. */
export interface DueHandover {
  readonly id: string;
  readonly channel: string;
  readonly ownerReason: string;
  readonly since: Date;
  /** Who is told that it was snoozed until now: its holder, or null for the team; left out of one that no teammate took. */
  readonly wokenFor?: string | null;
}

/**
 * Wakes the cases whose time is over, and takes the hand-overs whose reminder is due and that were not answered or
 * taken since, here or in the helpdesk: each is returned once, whatever process calls and however often. A reminder
 * waits while its case sleeps, and until `remindAt` after that.
 */
export async function takeDueHandovers(
  transaction: Transaction,
  now: Date,
  remindAt: Date,
): Promise<readonly DueHandover[]> {
  const woken = await transaction
    .update(conversation)
    .set({
      snoozedUntil: null,
      handoverRemindAt: sql`case when ${conversation.handoverRemindAt} is not null then ${remindAt}::timestamptz end`,
    })
    .where(lte(conversation.snoozedUntil, now))
    .returning();
  const due: DueHandover[] = [];
  for (const { id, channel, linkedId, ownerReason, ownerVoter: wokenFor, solvedAt } of woken)
    if (solvedAt === null && (channel !== HELPDESK || linkedId === null))
      due.push({ id, channel, ownerReason, since: now, wokenFor });
  const rows = await transaction
    .update(conversation)
    .set({ handoverRemindAt: null })
    .where(and(lte(conversation.handoverRemindAt, now), isNull(conversation.snoozedUntil)))
    .returning();
  const ids = rows.map(({ id }) => id);
  const untaken = await untakenOf(transaction, ids);
  for (const { id, channel, ownerReason, handedOverAt } of rows)
    if (handedOverAt !== null && untaken.has(id))
      due.push({ id, channel, ownerReason, since: handedOverAt });
  return due;
}

/** What waits, what is stuck and what ended in the whole installation, read with one statement for whoever operates it. */
import { z } from "zod";
import { ChannelName, Outcome } from "#core/values/vocabulary.ts";
import { ask, onlyRow, type Reader, type Transaction } from "#store/db/database.ts";
import { writeSetting } from "#store/db/settings.ts";

/** The setting with the moment of the last backup, so that an old one is noticed. */
const BACKUP_SETTING = "backup.last";

/** Notes that a backup was written completely, as of this moment. */
export async function noteBackup(transaction: Transaction, at: Date): Promise<void> {
  await writeSetting(transaction, BACKUP_SETTING, { at: at.toISOString() });
}

const Waiting = z.object({
  count: z.int(),
  /** When the oldest began to wait; null when nothing does. */
  oldest: z.coerce.date().nullable(),
});

const OperatingFigures = z.object({
  /** Deliveries that no turn has read. */
  unread: Waiting,
  /** Effects that are intended, and those that were begun and have not ended. */
  intended: Waiting,
  executing: Waiting,
  /** Cards that the desk does not show, and effects, whose time has come: `oldest` is when it came. */
  due: Waiting,
  /** Effects whose end became unknown in the last 24 hours. */
  unknown: z.int(),
  deadLetters: Waiting,
  /** Cards that wait for a teammate, by the moment they were asked. */
  cards: z.object({
    oldest: z.coerce.date().nullable(),
    under_1h: z.int(),
    under_4h: z.int(),
    under_24h: z.int(),
    over_24h: z.int(),
  }),
  /** Entries of the audit that are not in its chain. */
  unsealed: Waiting,
  /** US dollars of the turns of the last hour, to within ten minutes. */
  spentUsd: z.number(),
  /** When the last backup was written; null before the first. */
  backupAt: z.coerce.date().nullable(),
  /** Customers' messages read at their source, and those that ended, in the span that was asked for. */
  received: z.array(z.object({ channel: ChannelName, count: z.int() })),
  ended: z.array(z.object({ channel: ChannelName, outcome: Outcome, count: z.int() })),
});
export type OperatingFigures = z.infer<typeof OperatingFigures>;

const waiting = (table: string, since: string, which: string): string =>
  `(select json_build_object('count', count(*), 'oldest', min(${since})) from ${table} where ${which})`;

const CUSTOMERS =
  "m.author_kind = 'requester' and m.visibility = 'public' and c.id = m.conversation_id";
const IN_SPAN = (column: string): string =>
  `m.${column} > $2::timestamptz and m.${column} <= $3::timestamptz`;

/** After so many tries to post a card, that it is tried again is no movement. */
const POSTS_MAX = 5;

/** What only a process has to take up: no time is waited for, no person, and no other effect. */
const DUE = `
  select case when post_attempts >= ${POSTS_MAX} then asked_at else coalesce(post_after, updated_at) end as since
    from approval where state = 'pending' and card_stale and desk_ref is null
  union all
  select not_before from effect e where state = 'intended' and held_at is null and not exists (
    select 1 from effect f where f.bundle = e.bundle and f.position < e.position and f.state <> 'done')`;

/**
 * `$1` now, `$2` and `$3` the span in which messages are counted. Each part reads a partial index that holds only what is
 * not finished, or the newest part of one.
 */
const FIGURES = {
  name: "operating_figures",
  text: `
with card as (
  select asked_at, $1::timestamptz - asked_at as age from approval where state = 'pending')
select
  ${waiting("hint", "received_at", "state = 'unread'")} as unread,
  ${waiting("effect", "created_at", "state = 'intended'")} as intended,
  ${waiting("effect", "created_at", "state = 'executing'")} as executing,
  ${waiting(`(${DUE}) as waits`, "since", "since <= $1::timestamptz")} as due,
  (select count(*)::int from effect
    where state = 'unknown' and finished_at > $1::timestamptz - interval '24 hours') as unknown,
  ${waiting("dead_letter", "at", "redriven_at is null")} as "deadLetters",
  (select json_build_object('oldest', min(asked_at),
    'under_1h', count(*) filter (where age < interval '1 hour'),
    'under_4h', count(*) filter (where age >= interval '1 hour' and age < interval '4 hours'),
    'under_24h', count(*) filter (where age >= interval '4 hours' and age < interval '24 hours'),
    'over_24h', count(*) filter (where age >= interval '24 hours')) from card) as cards,
  ${waiting("audit_pending", "at", "true")} as unsealed,
  (select coalesce(sum(cost_usd), 0) from turn_usage
    where slot > $1::timestamptz - interval '1 hour') as "spentUsd",
  (select value ->> 'at' from setting where name = '${BACKUP_SETTING}') as "backupAt",
  (select coalesce(json_agg(r), '[]') from (
    select c.channel, count(*)::int as count from message m, conversation c
    where ${CUSTOMERS} and m.cleared_at is null and ${IN_SPAN("received_at")} group by c.channel) r) as received,
  (select coalesce(json_agg(e), '[]') from (
    select c.channel, m.outcome, count(*)::int as count from message m, conversation c
    where ${CUSTOMERS} and m.outcome is not null and ${IN_SPAN("outcome_at")} group by c.channel, m.outcome) e) as ended`,
  row: OperatingFigures,
} as const;

/** The figures at `now`, with the messages of a span: `from` excluded, `to` included. */
export async function readOperatingFigures(
  reader: Reader,
  { now, from, to }: { readonly now: Date; readonly from: Date; readonly to: Date },
): Promise<OperatingFigures> {
  return onlyRow(await ask(reader, FIGURES, [now, from, to]));
}

/** The figures of the last days, from rows that an index finds by their time. Erased text leaves its row out. */
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";

/** The days a figure is about, and in which zone a day begins. */
export interface Days {
  readonly from: Date;
  readonly to: Date;
  readonly zone: string;
}

const Day = z.object({
  /** Like 2026-11-21. */
  day: z.string(),
  received: z.coerce.number(),
  answered: z.coerce.number(),
  toPeople: z.coerce.number(),
});

const Spent = z.object({
  day: z.string(),
  turns: z.coerce.number(),
  steps: z.coerce.number(),
  usd: z.coerce.number(),
  /** Turns whose price is not known. */
  unpriced: z.coerce.number(),
});

const Conversations = z.object({
  ended: z.coerce.number(),
  resolved: z.coerce.number(),
  replied: z.coerce.number(),
  /** The median, in milliseconds; null without any reply. */
  firstReplyMs: z.coerce.number().nullable(),
});

const Decided = z.object({
  unchanged: z.coerce.number(),
  edited: z.coerce.number(),
  rejected: z.coerce.number(),
  expired: z.coerce.number(),
  /** Cards with an action, approved without any change to it. */
  actionsRight: z.coerce.number(),
  actions: z.coerce.number(),
  /** Messages that were not planned on, since the input guard stopped them. */
  stopped: z.coerce.number(),
});

const Rated = z.object({ good: z.coerce.number(), bad: z.coerce.number() });

/** Everything the page of numbers shows of some days. */
export interface Figures {
  readonly days: readonly z.infer<typeof Day>[];
  readonly spent: readonly z.infer<typeof Spent>[];
  readonly conversations: z.infer<typeof Conversations>;
  readonly decided: z.infer<typeof Decided>;
  readonly rated: z.infer<typeof Rated>;
}

/** Customers' messages that came in during these days and were for us. */
const RECEIVED = sql.raw(
  "m.author_kind = 'requester' and m.visibility = 'public' and m.cleared_at is null and m.outcome is distinct from 'ignored'",
);

/** Cards that ended, without drafts that are only shown. */
const DECIDED = sql.raw("a.state <> 'pending' and a.kind <> 'notice' and a.cleared_at is null");

/** Between two moments, the first one included. */
export function during(column: SQL, { from, to }: Pick<Days, "from" | "to">): SQL {
  return sql`${column} >= ${from.toISOString()}::timestamptz and ${column} < ${to.toISOString()}::timestamptz`;
}

/** Reads the figures in the caller's transaction, so that all of them are of one moment. */
export async function figuresOf(transaction: Transaction, days: Days): Promise<Figures> {
  const day = (column: SQL): SQL => sql`(${column} at time zone ${days.zone})::date`;
  const written = sql.raw("to_char(day, 'YYYY-MM-DD') as day");
  const received = await rowsOf(
    transaction,
    Day,
    sql`select ${written}, count(*) as received, count(*) filter (where outcome = 'answered') as answered,
          count(*) filter (where outcome in ('escalated', 'expired', 'failed')) as "toPeople"
        from (select ${day(sql`m.received_at`)} as day, m.outcome from message m
          where ${RECEIVED} and ${during(sql`m.received_at`, days)}) received group by day order by day`,
  );
  const spent = await rowsOf(
    transaction,
    Spent,
    sql`select ${written}, count(*) as turns, coalesce(sum(steps), 0) as steps, coalesce(sum(cost_usd), 0) as usd,
          count(*) filter (where cost_usd is null) as unpriced
        from (select ${day(sql`t.started_at`)} as day, t.steps, t.cost_usd from turn t
          where ${during(sql`t.started_at`, days)}) spent group by day order by day`,
  );
  const [conversations] = await rowsOf(transaction, Conversations, conversationsIn(days));
  const [decided] = await rowsOf(
    transaction,
    Decided,
    sql`select count(*) filter (where kind = 'proposal' and state = 'approved' and not edited) as unchanged,
          count(*) filter (where kind = 'proposal' and state = 'approved' and edited) as edited,
          count(*) filter (where kind = 'proposal' and state = 'rejected') as rejected,
          count(*) filter (where state = 'expired') as expired,
          count(*) filter (where "hasAction" and state = 'approved' and not edited) as "actionsRight",
          count(*) filter (where "hasAction" and state in ('approved', 'rejected')) as actions,
          count(*) filter (where kind = 'blocked') as stopped
        from (select a.kind, a.state, a.edited, a.proposal #>> '{actions,0,action,operation}' <> 'reply' as "hasAction"
          from approval a where ${DECIDED} and ${during(sql`a.updated_at`, days)}
            and ${during(sql`a.decided_at`, days)}) decided`,
  );
  const [rated] = await rowsOf(
    transaction,
    Rated,
    sql`select count(*) filter (where s.payload ->> 'score' = 'good') as good,
          count(*) filter (where s.payload ->> 'score' = 'bad') as bad
        from signal s where s.cleared_at is null and s.payload ->> 'kind' = 'rated' and ${during(sql`s.at`, days)}`,
  );
  if (conversations === undefined || decided === undefined || rated === undefined)
    throw new Error("a count gave no row");
  return { days: received, spent, conversations, decided, rated };
}

/**
 * A conversation is resolved when its messages of these days were answered, none went to people, and it is the bot's
 * still: a hand-over never counts as resolved. The first reply is ours or a person's.
 */
function conversationsIn(days: Days): SQL {
  return sql`with each as (
      select m.conversation_id as id,
        min(m.received_at) filter (where m.author_kind = 'requester') as at,
        least(min(m.outcome_at) filter (where m.outcome = 'answered'),
          min(m.sent_at) filter (where m.author_kind = 'teammate')) as reply,
        coalesce(bool_or(m.outcome = 'answered'), false) as answered,
        coalesce(bool_or(m.outcome in ('escalated', 'expired', 'failed')), false) as handed,
        coalesce(bool_or(m.author_kind = 'requester' and m.outcome is null), false) as open
      from message m where m.visibility = 'public' and m.cleared_at is null
        and m.author_kind in ('requester', 'teammate') and m.outcome is distinct from 'ignored'
        and ${during(sql`m.received_at`, days)}
      group by m.conversation_id
    )
    select count(*) filter (where answered or handed) as ended,
      count(*) filter (where answered and not handed and not open and c.owner = 'bot') as resolved,
      count(*) filter (where reply is not null) as replied,
      percentile_cont(0.5) within group (order by greatest(0, extract(epoch from (reply - at)) * 1000))
        filter (where reply is not null and at is not null) as "firstReplyMs"
    from each join conversation c on c.id = each.id`;
}

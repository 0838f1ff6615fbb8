/**
 * The figures of the last days, and the rows behind each number: what it counted, newest first. Both are read by an
 * index on their time. Erased text leaves its row out.
 */
import { z } from "zod";
import type { ResolutionKind } from "#core/cases/resolution.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { beyond, PAGE_ROWS, pageOf, type Cursor, type Page } from "./cursor.ts";

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

// Which rows count; each is named `r`.

/** Customers' messages that were for us. */
const RECEIVED = sql.raw(
  "r.author_kind = 'requester' and r.visibility = 'public' and r.cleared_at is null and r.outcome is distinct from 'ignored'",
);
const ANSWERED = sql.raw("r.outcome = 'answered'");
const TO_PEOPLE = sql.raw("r.outcome in ('escalated', 'expired', 'failed')");

/** Cards that ended, without drafts that are only shown. */
const DECIDED = sql.raw("r.state <> 'pending' and r.kind <> 'notice' and r.cleared_at is null");
const UNCHANGED = sql.raw("r.kind = 'proposal' and r.state = 'approved' and not r.edited");
const EDITED = sql.raw("r.kind = 'proposal' and r.state = 'approved' and r.edited");
const REJECTED = sql.raw("r.kind = 'proposal' and r.state = 'rejected'");
const EXPIRED = sql.raw("r.state = 'expired'");
const STOPPED = sql.raw("r.kind = 'blocked'");
/** The first thing they propose is no answer alone. */
const HAS_ACTION = sql.raw("r.proposal #>> '{actions,0,action,operation}' <> 'reply'");

const RATED = sql.raw("r.cleared_at is null and r.payload ->> 'kind' = 'rated'");
const GOOD = sql.raw("r.payload ->> 'score' = 'good'");
const BAD = sql.raw("r.payload ->> 'score' = 'bad'");

/** Between two moments, the first one included. */
function during(column: SQL, { from, to }: Pick<Days, "from" | "to">): SQL {
  return sql`${column} >= ${from.toISOString()}::timestamptz and ${column} < ${to.toISOString()}::timestamptz`;
}

/** Reads the figures in the caller's transaction, so that all of them are of one moment. */
export async function figuresOf(transaction: Transaction, days: Days): Promise<Figures> {
  const day = (column: SQL): SQL =>
    sql`to_char((${column} at time zone ${days.zone})::date, 'YYYY-MM-DD') as day`;
  const received = await rowsOf(
    transaction,
    Day,
    sql`select day, count(*) as received, count(*) filter (where ${ANSWERED}) as answered,
          count(*) filter (where ${TO_PEOPLE}) as "toPeople"
        from (select ${day(sql`r.received_at`)}, r.outcome from message r
          where ${RECEIVED} and ${during(sql`r.received_at`, days)}) r group by day order by day`,
  );
  const spent = await rowsOf(
    transaction,
    Spent,
    sql`select day, count(*) as turns, coalesce(sum(steps), 0) as steps, coalesce(sum(cost_usd), 0) as usd,
          count(*) filter (where cost_usd is null) as unpriced
        from (select ${day(sql`r.started_at`)}, r.steps, r.cost_usd from turn r
          where ${during(sql`r.started_at`, days)}) r group by day order by day`,
  );
  const [conversations] = await rowsOf(transaction, Conversations, conversationsIn(days));
  const [decided] = await rowsOf(
    transaction,
    Decided,
    sql`select count(*) filter (where ${UNCHANGED}) as unchanged, count(*) filter (where ${EDITED}) as edited,
          count(*) filter (where ${REJECTED}) as rejected, count(*) filter (where ${EXPIRED}) as expired,
          count(*) filter (where ${STOPPED}) as stopped,
          count(*) filter (where ${HAS_ACTION} and r.state = 'approved' and not r.edited) as "actionsRight",
          count(*) filter (where ${HAS_ACTION} and r.state in ('approved', 'rejected')) as actions
        from approval r where ${DECIDED} and ${decidedIn(days)} and ${during(sql`r.updated_at`, days)}`,
  );
  const [rated] = await rowsOf(
    transaction,
    Rated,
    sql`select count(*) filter (where ${GOOD}) as good, count(*) filter (where ${BAD}) as bad
        from signal r where ${RATED} and ${during(sql`r.at`, days)}`,
  );
  if (conversations === undefined || decided === undefined || rated === undefined)
    throw new Error("a count gave no row");
  return { days: received, spent, conversations, decided, rated };
}

/** A card that was decided earlier is changed later, when its effects are done. */
function decidedIn(days: Days): SQL {
  return during(sql`r.decided_at`, days);
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

// The rows behind each number.

/** The numbers that have a list of their own. */
export const FigureName = z.enum([
  "received",
  "answered",
  "to-people",
  "resolved",
  "unchanged",
  "edited",
  "rejected",
  "expired",
  "stopped",
  "good",
  "bad",
  "turns",
  "ended-confirmed",
  "ended-durable",
  "ended-assumed",
  "ended-handed-off",
  "ended-abandoned",
]);
export type FigureName = z.infer<typeof FigureName>;

const FigureRow = z.object({
  /** The row's own id, for the cursor. */
  id: z.string(),
  at: z.coerce.date(),
  conversationId: z.string(),
  channel: z.string(),
  subject: z.string(),
  /** How it ended or what it cost, in a few words. */
  words: z.string().nullable(),
});
/** One row behind a number. */
export type FigureRow = z.infer<typeof FigureRow>;

/** Where the rows of a number are: their table, time, id, words, and which of them count. */
interface Source {
  readonly table: SQL;
  readonly at: SQL;
  readonly id: SQL;
  /** The type of the id, to compare it in order. */
  readonly idType: SQL;
  readonly words: SQL;
  readonly which: (days: Days) => SQL;
}

const NUMBER = sql`bigint`;
const TEXT = sql`text`;

function messages(which: SQL): Source {
  return {
    table: sql`message r`,
    at: sql`r.received_at`,
    id: sql`r.id`,
    idType: NUMBER,
    words: sql`r.outcome_reason`,
    which: () => sql`${RECEIVED} and ${which}`,
  };
}

function cards(which: SQL): Source {
  return {
    table: sql`approval r`,
    at: sql`r.updated_at`,
    id: sql`r.id`,
    idType: TEXT,
    words: sql`r.closing`,
    which: (days) => sql`${DECIDED} and ${decidedIn(days)} and ${which}`,
  };
}

function ratings(which: SQL): Source {
  return {
    table: sql`signal r`,
    at: sql`r.at`,
    id: sql`r.key`,
    idType: TEXT,
    words: sql`r.payload ->> 'comment'`,
    which: () => sql`${RATED} and ${which}`,
  };
}

/** Matters of the resolution ledger that ended in one way. */
function ended(kind: ResolutionKind): Source {
  return {
    table: sql`resolution r`,
    at: sql`r.ended_at`,
    id: sql`r.conversation_id || ' ' || r.place`,
    idType: TEXT,
    words: sql`r.reason || ', ' || round(r.cost_usd::numeric, 4)::text || ' USD'
      || coalesce(', ' || round(r.human_minutes::numeric, 1)::text || ' minutes of people', '')`,
    which: () => sql`r.kind = ${kind}`,
  };
}

const SOURCES: Readonly<Record<FigureName, Source>> = {
  received: messages(sql`true`),
  answered: messages(ANSWERED),
  "to-people": messages(TO_PEOPLE),
  // The last answered message of each conversation that no teammate had to take over.
  resolved: messages(sql`${ANSWERED} and c.owner = 'bot' and not exists (
    select 1 from message o where o.conversation_id = r.conversation_id and o.author_kind = 'requester'
      and o.visibility = 'public' and o.outcome is distinct from 'ignored' and o.cleared_at is null
      and (o.id > r.id or o.outcome is null or o.outcome in ('escalated', 'expired', 'failed')))`),
  unchanged: cards(UNCHANGED),
  edited: cards(EDITED),
  rejected: cards(REJECTED),
  expired: cards(EXPIRED),
  stopped: cards(STOPPED),
  good: ratings(GOOD),
  bad: ratings(BAD),
  turns: {
    table: sql`turn r`,
    at: sql`r.started_at`,
    id: sql`r.id`,
    idType: TEXT,
    words: sql`coalesce(round(r.cost_usd::numeric, 4)::text || ' USD', 'price unknown') || ', ' || coalesce(r.steps, 0) || ' steps, ' || r.outcome`,
    which: () => sql`true`,
  },
  "ended-confirmed": ended("confirmed"),
  "ended-durable": ended("durable"),
  "ended-assumed": ended("assumed"),
  "ended-handed-off": ended("handed_off"),
  "ended-abandoned": ended("abandoned"),
};

/** One page of the rows behind a number. */
export async function rowsBehind(
  transaction: Transaction,
  name: FigureName,
  { days, after }: { readonly days: Days; readonly after: Cursor | null },
): Promise<Page<FigureRow>> {
  const { table, at, id, idType, words, which } = SOURCES[name];
  // Addresses come from outside: a cursor of another list begins at the first page.
  const isOurs = after !== null && (idType !== NUMBER || /^\d{1,18}$/.test(after.id));
  const from = beyond(isOurs ? after : null, "<", at, id, idType);
  const rows = await rowsOf(
    transaction,
    FigureRow,
    sql`select (${id})::text as id, ${at} as at, c.id as "conversationId", c.channel, c.subject, ${words} as words
        from ${table} join conversation c on c.id = r.conversation_id
        where ${which(days)} and ${during(at, days)} and ${from}
        order by ${at} desc, ${id} desc limit ${PAGE_ROWS + 1}`,
  );
  return pageOf(rows, ({ at: time, id: own }) => ({ at: time, id: own }));
}

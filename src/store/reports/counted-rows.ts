/**
 * The rows that each figure counts, defined once: the console's numbers and the lists behind them, the reports to the
 * leads and the desk's overview all count these. Each row is named `r` and is found by an index on its time. Erased
 * text leaves its row out.
 */
import { z } from "zod";
import { RESOLVED, ResolutionKind } from "#core/cases/resolution.ts";
import { rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";

/** A span of time: `from` included, `to` excluded. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The numbers that are counted row by row; how matters ended is summed with what they cost. */
export const ROW_FIGURES = [
  "received",
  "answered",
  "to-people",
  "unchanged",
  "edited",
  "rejected",
  "expired",
  "stopped",
  "actions",
  "actions-right",
  "good",
  "bad",
] as const;

/** The figures that count rows. */
export const FigureName = z.enum([
  ...ROW_FIGURES,
  "first-replies",
  "resolved",
  "turns",
  "ended-confirmed",
  "ended-durable",
  "ended-assumed",
  "ended-handed-off",
  "ended-abandoned",
]);
export type FigureName = z.infer<typeof FigureName>;

/** The rows of a figure: their table, time, id, words, and which of them count in a span. */
interface CountedRows {
  readonly table: (span: Span) => SQL;
  readonly at: SQL;
  readonly id: SQL;
  /** The type of the id, to compare it in order. */
  readonly idType: "bigint" | "text";
  /** How it ended or what it cost, in a few words. */
  readonly words: SQL;
  readonly which: (span: Span) => SQL;
}

/** In a span, by the time in this column. */
function during(column: SQL, { from, to }: Span): SQL {
  return sql`${column} >= ${from.toISOString()}::timestamptz and ${column} < ${to.toISOString()}::timestamptz`;
}

/** Customers' messages that were for us. */
const REQUESTS = sql.raw(
  "r.author_kind = 'requester' and r.visibility = 'public' and r.cleared_at is null and r.outcome is distinct from 'ignored'",
);

/** A message sent longer than three days before the span was read in later: no customer who writes now. */
function isHistory(sentAt: SQL, { from }: Span): SQL {
  return sql`${sentAt} < ${from.toISOString()}::timestamptz - interval '3 days'`;
}

function requests(at: SQL, which: (span: Span) => SQL): CountedRows {
  return {
    table: () => sql`message r`,
    at,
    id: sql`r.id`,
    idType: "bigint",
    words: sql`r.outcome_reason`,
    which: (span) => sql`${REQUESTS} and ${during(at, span)} and ${which(span)}`,
  };
}

/** Messages that ended in these days, whenever they came in. */
function ended(outcomes: SQL): CountedRows {
  return requests(
    sql`r.outcome_at`,
    () => sql`r.outcome is not null and r.outcome in (${outcomes})`,
  );
}

/** Cards that were decided or expired, without drafts that are only shown. */
function cards(which: SQL): CountedRows {
  return cardsBy(sql`r.decided_at`, sql`r.state <> 'pending' and ${which}`);
}

function cardsBy(at: SQL, which: SQL): CountedRows {
  return {
    table: () => sql`approval r`,
    at,
    id: sql`r.id`,
    idType: "text",
    words: sql`r.closing`,
    // A card is changed again when its effects are done, never before it is asked or decided; the index has the last change.
    which: (span) => sql`r.kind <> 'notice' and r.cleared_at is null
      and r.updated_at >= ${span.from.toISOString()}::timestamptz and ${during(at, span)} and ${which}`,
  };
}

/** The first thing such a card proposes is no answer alone. */
const HAS_ACTION = sql.raw("r.proposal #>> '{actions,0,action,operation}' <> 'reply'");
const AS_DRAFTED = sql.raw("r.state = 'approved' and not r.edited");

/** The last rating of each conversation that the bot or a teammate had answered. */
function ratings(score: "good" | "bad"): CountedRows {
  return {
    table: () => sql`signal r`,
    at: sql`r.at`,
    id: sql`r.key`,
    idType: "text",
    words: sql`r.payload ->> 'comment'`,
    which: (
      span,
    ) => sql`r.cleared_at is null and r.payload ->> 'kind' = 'rated' and r.payload ->> 'score' = ${score}
      and ${during(sql`r.at`, span)} and ${WRITER_BEFORE} is not null
      and not exists (select 1 from signal l where l.conversation_id = r.conversation_id and l.cleared_at is null
        and l.payload ->> 'kind' = 'rated' and ${during(sql`l.at`, span)} and (l.at, l.key) > (r.at, r.key))`,
  };
}

/**
 * Who wrote the last answer before the signal `r`, "bot" or "person"; null without one. A teammate's text that we only
 * relayed is a person's, a draft of ours that a teammate sent by hand is the bot's, and a notice that people take over
 * is no answer.
 */
const WRITER_BEFORE = sql`(
    select case
      when m.author_kind = 'bot' then case when e.approved_by = 'teammate' then 'person' else 'bot' end
      when exists (select 1 from audit u join approval a on a.id = u.data ->> 'approval'
        where u.kind = 'sent_by_hand' and a.conversation_id = m.conversation_id and u.at >= m.sent_at) then 'bot'
      else 'person' end
    from message m
      left join effect e on m.author_kind = 'bot' and e.conversation_id = m.conversation_id and e.operation = 'reply'
        and (e.ref = m.key or 'own:' || e.target || ':' || e.ref = m.key)
      left join turn t on t.id = e.turn_id
    where m.conversation_id = r.conversation_id and m.visibility = 'public'
      and m.author_kind in ('bot', 'teammate') and m.sent_at <= r.at
      and (e.approved_by is not distinct from 'teammate' or coalesce(t.outcome, 'answered') = 'answered')
    order by m.sent_at desc, m.id desc limit 1)`;

/** Matters of the resolution ledger that ended in one of these ways. */
function matters(kinds: readonly ResolutionKind[]): CountedRows {
  const at = sql`r.ended_at`;
  return {
    table: () => sql`resolution r`,
    at,
    id: sql`r.conversation_id || ' ' || r.place`,
    idType: "text",
    words: sql`r.reason || ', ' || round(r.cost_usd::numeric, 4)::text || ' USD'
      || coalesce(', ' || round(r.human_minutes::numeric, 1)::text || ' minutes of people', '')`,
    which: (span) => sql`r.kind is not null and r.kind in ${kinds} and ${during(at, span)}`,
  };
}

const TURNS: CountedRows = {
  table: () => sql`turn r`,
  at: sql`r.started_at`,
  id: sql`r.id`,
  idType: "text",
  words: sql`coalesce(round(r.cost_usd::numeric, 4)::text || ' USD', 'price unknown') || ', ' || coalesce(r.steps, 0) || ' steps, ' || r.outcome`,
  which: (span) => during(sql`r.started_at`, span),
};

const RECEIVED = requests(
  sql`r.received_at`,
  (span) => sql`not ${isHistory(sql`r.sent_at`, span)}`,
);

/**
 * Conversations that began in a span and have an answer, from the first message to the first of all answers: ours or a
 * person's, here or in the helpdesk.
 */
const FIRST_REPLIES: CountedRows = {
  table: (span) => sql`(
        with begun as (
          select r.conversation_id as id, min(r.sent_at) as sent,
            least(min(r.received_at), (select min(h.received_at) from hint h where h.conversation_id = r.conversation_id)) as at
          from ${RECEIVED.table(span)} where ${RECEIVED.which(span)} group by 1
        ), answered as materialized (
          select b.id, b.at, least(w.answered, w.written, (select min(e.finished_at) from effect e
            where e.conversation_id = b.id and e.operation = 'reply' and e.state = 'done' and e.approved_by = 'teammate')
          ) as reply
          from begun b cross join lateral (
            select min(m.outcome_at) filter (where m.author_kind = 'requester' and m.outcome = 'answered') as answered,
              min(m.sent_at) filter (where m.author_kind = 'teammate' and m.visibility = 'public' and m.sent_at >= b.sent) as written,
              bool_or(m.author_kind = 'requester' and m.visibility = 'public' and m.outcome is distinct from 'ignored'
                and (m.received_at < ${span.from.toISOString()}::timestamptz or ${isHistory(sql`m.sent_at`, span)})) as is_older
            from message m where m.conversation_id = b.id) w
          where not w.is_older
        )
        select id as conversation_id, at, greatest(0, extract(epoch from (reply - at)) * 1000) as ms
        from answered where reply is not null) r`,
  at: sql`r.at`,
  id: sql`r.conversation_id`,
  idType: "text",
  words: sql`'answered after ' || round(r.ms / 60000)::text || ' min'`,
  which: () => sql`true`,
};

/** Which rows each figure counts. */
export const COUNTED: Readonly<Record<FigureName, CountedRows>> = {
  received: RECEIVED,
  "first-replies": FIRST_REPLIES,
  answered: ended(sql`'answered'`),
  "to-people": ended(sql`'escalated', 'expired', 'failed'`),
  resolved: matters(RESOLVED),
  unchanged: cards(sql`r.kind = 'proposal' and ${AS_DRAFTED}`),
  edited: cards(sql`r.kind = 'proposal' and r.state = 'approved' and r.edited`),
  rejected: cards(sql`r.kind = 'proposal' and r.state = 'rejected'`),
  expired: cards(sql`r.state = 'expired'`),
  // Also while they wait for people, as most do.
  stopped: cardsBy(sql`r.asked_at`, sql`r.kind = 'blocked'`),
  actions: cards(sql`${HAS_ACTION} and r.state in ('approved', 'rejected')`),
  "actions-right": cards(sql`${HAS_ACTION} and ${AS_DRAFTED}`),
  good: ratings("good"),
  bad: ratings("bad"),
  turns: TURNS,
  "ended-confirmed": matters(["confirmed"]),
  "ended-durable": matters(["durable"]),
  "ended-assumed": matters(["assumed"]),
  "ended-handed-off": matters(["handed_off"]),
  "ended-abandoned": matters(["abandoned"]),
};

/** Decided cards with a proposal. */
export const DECIDED_DRAFTS = cards(
  sql`r.kind = 'proposal' and r.state in ('approved', 'rejected')`,
);

// What counts are grouped by: a value of the row `r` or of its conversation `c`.

/** By the topic that the turn behind a row found. */
export const BY_TOPIC = sql`coalesce((select nullif(t.trace ->> 'topic', '') from turn t where t.id = r.turn_id), 'other')`;
/** By the channel of the conversation and that topic, with a space between. */
export const BY_CHANNEL_AND_TOPIC = sql`c.channel || ' ' || ${BY_TOPIC}`;

const Count = z.object({ name: FigureName, group: z.string(), count: z.coerce.number() });
/** How many rows of one group a figure has. */
export type FigureCount = z.infer<typeof Count>;

/** How many rows these figures have in a span. What counts nothing is left out. */
export async function figureCounts(
  transaction: Transaction,
  names: readonly FigureName[],
  span: Span,
  group: SQL = sql`''`,
): Promise<readonly FigureCount[]> {
  const each = names.map((name) => {
    const { table, which } = COUNTED[name];
    return sql`select ${name}::text as name, g."group", count(*) as count
      from ${table(span)} join conversation c on c.id = r.conversation_id cross join lateral (select ${group} as "group") g
      where ${which(span)} group by g."group"`;
  });
  return rowsOf(transaction, Count, sql`${sql.join(each, sql` union all `)} order by 1, 2`);
}

/** The sum of the counts of one figure, in one group or in all. */
export function countIn(
  counts: readonly FigureCount[],
  wanted: FigureName,
  wantedGroup: string | null = null,
): number {
  return counts
    .filter(({ name, group }) => name === wanted && (wantedGroup ?? group) === group)
    .reduce((total, { count }) => total + count, 0);
}

const Spent = z.object({
  turns: z.coerce.number(),
  steps: z.coerce.number(),
  usd: z.coerce.number(),
  /** Turns whose price is not known. */
  unpriced: z.coerce.number(),
});
/** What the model cost. */
export type Spent = z.infer<typeof Spent>;

/** What the model cost in a span. */
export async function modelCosts(transaction: Transaction, span: Span): Promise<Spent> {
  const [spent] = await rowsOf(
    transaction,
    Spent,
    sql`select count(*) as turns, coalesce(sum(r.steps), 0) as steps, coalesce(sum(r.cost_usd), 0) as usd,
          count(*) filter (where r.cost_usd is null) as unpriced
        from turn r where ${TURNS.which(span)}`,
  );
  return Spent.parse(spent);
}

const ResolutionTotal = z.object({
  kind: ResolutionKind,
  count: z.coerce.number(),
  usd: z.coerce.number(),
  /** Null where nothing is known of any teammate's time. */
  humanMinutes: z.coerce.number().nullable(),
});
/** How many matters ended in one way, and what they cost. */
export type ResolutionTotal = z.infer<typeof ResolutionTotal>;

/** Matters that ended in a span, by how they ended. */
export function resolutionTotals(
  transaction: Transaction,
  span: Span,
): Promise<readonly ResolutionTotal[]> {
  const { table, which } = matters(ResolutionKind.options);
  return rowsOf(
    transaction,
    ResolutionTotal,
    sql`select r.kind, count(*) as count, coalesce(sum(r.cost_usd), 0) as usd, sum(r.human_minutes) as "humanMinutes"
        from ${table(span)} where ${which(span)} group by r.kind order by r.kind`,
  );
}

/** Of the matters that ended, how many the bot resolved: what people answered never counts. */
export function resolutionRate(totals: readonly ResolutionTotal[]) {
  const sum = (those: readonly ResolutionTotal[]): number =>
    those.reduce((total, { count }) => total + count, 0);
  return {
    resolved: sum(totals.filter(({ kind }) => RESOLVED.includes(kind))),
    ended: sum(totals),
  };
}

/** Milliseconds until the first reply of each conversation that began in a span and has one. */
export async function firstReplies(
  transaction: Transaction,
  span: Span,
): Promise<readonly number[]> {
  const each = sql`select r.ms from ${FIRST_REPLIES.table(span)}`;
  return (await valuesOf(transaction, z.coerce.number(), each)).map(Math.round);
}

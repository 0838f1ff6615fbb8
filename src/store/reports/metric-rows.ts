/**
 * Room: Rows for reports and metrics, scheduled reports, and eval candidates.
 * In: spans of time, the report plan, solved conversations.
 * Out: metric rows, reports that are due, candidates for eval cases.
 * May touch: the database only, inside the caller's transaction.
 * This file: the records of a span of time from which metrics are computed.
 */
import { z } from "zod";
import { Money } from "#core/values/money.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { and, eq, gte, inArray, lt, sql, type SQL } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { approval, conversation } from "#store/db/schema.ts";
import { isTaken } from "#store/conversations/due-work.ts";

/** A span of time: `from` included, `to` excluded. */
interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The records of `span`; what takes a week to show is read of the answers of `held`, whose days are over. */
export async function metricRows(
  transaction: Transaction,
  { span, held }: { readonly span: Span; readonly held: Span },
) {
  return {
    ...(await requestRows(transaction, span)),
    ...(await cardRows(transaction, span)),
    ...(await effectRows(transaction, span)),
    ratings: await ratings(transaction, span),
    solved: await solved(transaction, held),
    resolved: await resolved(transaction, held),
    cost: await cost(transaction, held),
    searches: await searches(transaction, span),
  };
}
/** What metrics are computed from. */
export type MetricRows = Awaited<ReturnType<typeof metricRows>>;

/** A message sent longer than this before it arrived is history, not a customer who writes now. */
const PAST = sql`interval '3 days'`;

const Counted = z.object({ channel: ChannelName, count: z.coerce.number() });

/** Messages from customers, their outcomes, those that only said thanks, and times to first answer. */
async function requestRows(transaction: Transaction, { from, to }: Span) {
  const received = await rowsOf(
    transaction,
    Counted,
    sql`select c.channel, count(*) as count from message m join conversation c on c.id = m.conversation_id
        where m.author_kind = 'requester' and m.visibility = 'public' and m.outcome is distinct from 'ignored'
          and m.received_at >= ${from} and m.received_at < ${to} and m.sent_at >= ${from}::timestamptz - ${PAST}
        group by c.channel`,
  );
  const ended = await rowsOf(
    transaction,
    Counted.extend({ outcome: z.string() }),
    sql`select c.channel, m.outcome, count(*) as count from message m join conversation c on c.id = m.conversation_id
        where m.author_kind = 'requester' and m.visibility = 'public'
          and m.outcome_at >= ${from} and m.outcome_at < ${to} and m.outcome is not null
        group by c.channel, m.outcome`,
  );
  const [thanked] = await rowsOf(
    transaction,
    z.object({ count: z.coerce.number() }),
    sql`select count(*) as count from message m
        where m.author_kind = 'requester' and m.passed_over = 'thanks'
          and m.outcome_at >= ${from} and m.outcome_at < ${to}`,
  );
  return {
    received,
    ended,
    thanks: thanked?.count ?? 0,
    firstReplies: await firstReplies(transaction, { from, to }),
  };
}

/** Milliseconds. The first of all answers counts: ours or a person's, here or in the helpdesk. */
async function firstReplies(
  transaction: Transaction,
  { from, to }: Span,
): Promise<readonly number[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ ms: z.coerce.number() }),
    sql`with begun as (
          select m.conversation_id as id, min(m.received_at) as at
          from message m join conversation c on c.id = m.conversation_id
          where m.author_kind = 'requester' and m.visibility = 'public' and m.outcome is distinct from 'ignored'
            and c.created_at >= ${from}::timestamptz - ${PAST} and c.created_at < ${to}
          group by m.conversation_id
          having min(m.received_at) >= ${from} and min(m.received_at) < ${to}
            and min(m.sent_at) >= ${from}::timestamptz - ${PAST}
        ), answered as (
          select b.at, least(
            (select min(a.outcome_at) from message a
              where a.conversation_id = b.id and a.author_kind = 'requester' and a.outcome = 'answered'),
            (select min(t.sent_at) from message t where t.conversation_id = b.id
              and t.author_kind = 'teammate' and t.visibility = 'public' and t.sent_at >= b.at),
            (select min(e.finished_at) from effect e where e.conversation_id = b.id
              and e.operation = 'reply' and e.state = 'done' and e.approved_by = 'teammate')
          ) as reply from begun b
        )
        select extract(epoch from (reply - at)) * 1000 as ms from answered where reply is not null`,
  );
  return rows.map(({ ms }) => Math.max(0, Math.round(ms)));
}

const Draft = z.object({
  topic: z.string(),
  fate: z.enum(["untouched", "edited", "rejected"]),
});

/** The results of cards, and of conversations given to people. */
async function cardRows(transaction: Transaction, { from, to }: Span) {
  const drafts = await rowsOf(
    transaction,
    Draft,
    sql`select coalesce(nullif(t.trace ->> 'topic', ''), 'other') as topic,
          case when a.state = 'rejected' then 'rejected' when a.edited then 'edited' else 'untouched' end as fate
        from approval a left join turn t on t.id = a.turn_id
        where a.kind = 'proposal' and a.state in ('approved', 'rejected')
          and a.decided_at >= ${from} and a.decided_at < ${to}`,
  );
  const decided = await transaction
    .select({ state: approval.state, askedAt: approval.askedAt, decidedAt: approval.decidedAt })
    .from(approval)
    .where(
      and(
        inArray(approval.state, ["approved", "rejected", "expired"]),
        gte(approval.decidedAt, from),
        lt(approval.decidedAt, to),
      ),
    );
  return {
    drafts,
    decisions: decided.flatMap(({ state, askedAt, decidedAt }) =>
      decidedAt === null || state === "expired" ? [] : [{ askedAt, decidedAt }],
    ),
    expired: decided.filter(({ state }) => state === "expired").length,
    handovers: await handovers(transaction, { from, to }),
    escalations: await escalations(transaction, { from, to }),
  };
}

/** "Taken" means the same as for the reminder about a hand-over. */
async function handovers(transaction: Transaction, { from, to }: Span) {
  const rows = await transaction
    .select()
    .from(conversation)
    .where(
      and(
        eq(conversation.owner, "human"),
        gte(conversation.handedOverAt, from),
        lt(conversation.handedOverAt, to),
      ),
    );
  const found = [];
  for (const { id, linkedId, handedOverAt } of rows) {
    const places = linkedId === null ? [id] : [id, linkedId];
    const taken = handedOverAt !== null && (await isTaken(transaction, places, handedOverAt));
    found.push({ taken });
  }
  return found;
}

function escalations(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    z.object({ conversationId: z.string(), channel: ChannelName, reason: z.string() }),
    sql`select t.conversation_id as "conversationId", c.channel, t.trace ->> 'outcome_reason' as reason
        from turn t join conversation c on c.id = t.conversation_id
        where t.outcome = 'escalated' and t.started_at >= ${from} and t.started_at < ${to}`,
  );
}

const Refund = z.object({
  by: z.enum(["policy", "person", "teammate"]),
  amount: Money.nullable().catch(null),
});

/** Completed refunds, and effects whose outcome is unknown. */
async function effectRows(transaction: Transaction, { from, to }: Span) {
  const refunds = await rowsOf(
    transaction,
    Refund,
    sql`select approved_by as by, action -> 'arguments' -> 'amount' as amount from effect
        where operation = 'refund' and state = 'done' and finished_at >= ${from} and finished_at < ${to}`,
  );
  const [unknown] = await rowsOf(
    transaction,
    z.object({ count: z.coerce.number() }),
    sql`select count(*) as count from effect
        where state = 'unknown' and finished_at >= ${from} and finished_at < ${to}`,
  );
  return {
    refunds: refunds.flatMap(({ by, amount }) =>
      amount === null ? [] : [{ by: by === "policy" ? by : ("person" as const), amount }],
    ),
    unknownEffects: unknown?.count ?? 0,
  };
}

/** An answer without a response for this long has held. */
const HELD = sql`interval '7 days'`;

const By = z.object({ by: z.enum(["bot", "person"]) });

/** Ratings by customers, with whose text they rate. */
function ratings(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    By.extend({ score: z.enum(["good", "bad"]) }),
    sql`select score, by from (
          select distinct on (s.conversation_id) s.payload ->> 'score' as score, ${writerBefore(sql`s`)} as by
          from signal s where s.payload ->> 'kind' = 'rated' and s.at >= ${from} and s.at < ${to}
          order by s.conversation_id, s.at desc
        ) rated where by is not null`,
  );
}

/** Conversations that people solved, and which of the answers held. */
function solved(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    By.extend({ reopened: z.boolean() }),
    sql`select by, reopened from (
          select distinct on (s.conversation_id) ${writerBefore(sql`s`)} as by,
            ${isReopened(sql`s.conversation_id`, sql`s.at`)} as reopened
          from signal s where s.payload ->> 'kind' = 'solved' and s.payload ->> 'automatic' is distinct from 'true'
            and s.at >= ${from} and s.at < ${to}
          order by s.conversation_id, s.at desc
        ) ended where by is not null`,
  );
}

/** Conversations that people ever owned, or in which the bot asked back, do not count as resolved by the bot. */
function resolved(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    z.object({ durable: z.boolean() }),
    sql`with answered as (
          select m.conversation_id as id, max(m.outcome_at) as at from message m
          where m.author_kind = 'requester' and m.outcome = 'answered'
            and m.outcome_at >= ${from} and m.outcome_at < ${to}
          group by m.conversation_id
        )
        select not ${isReopened(sql`a.id`, sql`a.at`)} as durable
        from answered a join conversation c on c.id = a.id
        where c.owner = 'bot' and not c.clarified
          and not exists (select 1 from message p where p.conversation_id = a.id
            and (p.outcome in ('escalated', 'expired', 'failed')
              or (p.author_kind = 'teammate' and p.visibility = 'public')))`,
  );
}

/** It was reopened, or the customer wrote a message that was not ignored. */
function isReopened(id: SQL, at: SQL): SQL {
  return sql`(exists (select 1 from signal o where o.conversation_id = ${id} and o.payload ->> 'kind' = 'reopened'
      and o.at > ${at} and o.at <= ${at} + ${HELD})
    or exists (select 1 from message w where w.conversation_id = ${id}
      and w.author_kind = 'requester' and w.visibility = 'public' and w.outcome is distinct from 'ignored'
      and w.received_at > ${at} and w.received_at <= ${at} + ${HELD}))`;
}

/**
 * Who wrote the last answer before a signal. A teammate's text that we only relayed is a person's, a draft of ours that
 * a teammate sent by hand is the bot's, and a notice that people take over is no answer.
 */
function writerBefore(given: SQL): SQL {
  return sql`(
    select case
      when m.author_kind = 'bot' then case when e.approved_by = 'teammate' then 'person' else 'bot' end
      when exists (select 1 from audit u join approval a on a.id = u.data ->> 'approval'
        where u.kind = 'sent_by_hand' and a.conversation_id = m.conversation_id and u.at >= m.sent_at) then 'bot'
      else 'person' end
    from message m
      left join effect e on m.author_kind = 'bot' and e.conversation_id = m.conversation_id and e.operation = 'reply'
        and (e.ref = m.key or 'own:' || e.target || ':' || e.ref = m.key)
      left join turn t on t.id = e.turn_id
    where m.conversation_id = ${given}.conversation_id and m.visibility = 'public'
      and m.author_kind in ('bot', 'teammate') and m.sent_at <= ${given}.at
      and (e.approved_by is not distinct from 'teammate' or coalesce(t.outcome, 'answered') = 'answered')
    order by m.sent_at desc, m.id desc limit 1)`;
}

const Search = z.object({
  turnId: z.string(),
  query: z.string().nullable(),
  bestScore: z.coerce.number(),
});

/** The cost of the model. */
async function cost(transaction: Transaction, { from, to }: Span) {
  const [row] = await rowsOf(
    transaction,
    z.object({ usd: z.coerce.number(), unpriced: z.coerce.number() }),
    sql`select coalesce(sum(cost_usd), 0) as usd, count(*) filter (where cost_usd is null) as unpriced
        from turn where started_at >= ${from} and started_at < ${to}`,
  );
  return row ?? { usd: 0, unpriced: 0 };
}

/** The searches of the help pages, in order. */
async function searches(transaction: Transaction, { from, to }: Span) {
  const rows = await rowsOf(
    transaction,
    Search,
    sql`select t.id as "turnId", s.value -> 'attributes' ->> 'deskhand.arguments' as query,
          s.value -> 'attributes' ->> 'deskhand.best_score' as "bestScore"
        from turn t cross join lateral jsonb_array_elements(t.trace -> 'spans') with ordinality as s (value, place)
        where t.started_at >= ${from} and t.started_at < ${to}
          and s.value ->> 'name' = 'execute_tool search_faq'
          and s.value -> 'attributes' ->> 'deskhand.best_score' is not null
        order by t.started_at, t.id, s.place`,
  );
  return rows.map(({ query, ...search }) => ({ ...search, query: queryIn(query ?? "") }));
}

/** The trace keeps the beginning of a call's arguments, masked; a query that is cut off ends there. */
function queryIn(excerpt: string): string {
  const [, inside = ""] = /"query"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(excerpt) ?? [];
  try {
    return z
      .string()
      .parse(JSON.parse(`"${inside}"`))
      .trim();
  } catch {
    return "";
  }
}

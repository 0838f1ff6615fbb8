/**
 * Room: Rows for reports and metrics, scheduled reports, and eval candidates.
 * In: spans of time, the report plan, solved conversations.
 * Out: metric rows, reports that are due, candidates for eval cases.
 * May touch: the database only, inside the caller's transaction.
 * This file: reads what customers wrote, how it ended, and how long first answers took.
 */
import { z } from "zod";
import type { MetricRows } from "#core/values/metrics.ts";
import { ONLY_THANKS } from "#core/values/message.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";

/** A span of time: `from` included, `to` excluded. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** A message sent longer than this before it arrived is history, not a customer who writes now. */
const PAST = sql`interval '3 days'`;

const Counted = z.object({ channel: ChannelName, count: z.coerce.number() });

/** Messages from customers, their outcomes, and times to first answer. */
export async function requestRows(
  transaction: Transaction,
  { from, to }: Span,
): Promise<Pick<MetricRows, "received" | "ended" | "thanks" | "firstReplies">> {
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
        where m.author_kind = 'requester' and m.outcome = 'ignored' and m.outcome_reason = ${ONLY_THANKS}
          and m.outcome_at >= ${from} and m.outcome_at < ${to}`,
  );
  const thanks = thanked?.count ?? 0;
  return { received, ended, thanks, firstReplies: await firstReplies(transaction, { from, to }) };
}

/** The first of all answers counts: ours or a person's, here or in the helpdesk. */
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

/** Reads what happened after answers (ratings, reopened conversations), and what turns cost and searched for. */
import { z } from "zod";
import type { MetricRows } from "#core/values/metrics.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import type { Span } from "./request-metrics.ts";

/** An answer without a response for this long has held. */
const HELD = sql`interval '7 days'`;

const By = z.object({ by: z.enum(["bot", "person"]) });

/** Ratings by customers, and which answers held. The days of `held` are over, those of `span` need not be. */
export async function afterRows(
  transaction: Transaction,
  { span, held }: { readonly span: Span; readonly held: Span },
): Promise<Pick<MetricRows, "ratings" | "solved" | "resolved">> {
  const ratings = await rowsOf(
    transaction,
    By.extend({ score: z.enum(["good", "bad"]) }),
    sql`select score, by from (
          select distinct on (s.conversation_id) s.payload ->> 'score' as score, ${writerBefore(sql`s`)} as by
          from signal s where s.payload ->> 'kind' = 'rated' and s.at >= ${span.from} and s.at < ${span.to}
          order by s.conversation_id, s.at desc
        ) rated where by is not null`,
  );
  const solved = await rowsOf(
    transaction,
    By.extend({ reopened: z.boolean() }),
    sql`select by, reopened from (
          select distinct on (s.conversation_id) ${writerBefore(sql`s`)} as by,
            ${isReopened(sql`s.conversation_id`, sql`s.at`)} as reopened
          from signal s where s.payload ->> 'kind' = 'solved' and s.payload ->> 'automatic' is distinct from 'true'
            and s.at >= ${held.from} and s.at < ${held.to}
          order by s.conversation_id, s.at desc
        ) ended where by is not null`,
  );
  return { ratings, solved, resolved: await resolved(transaction, held) };
}

/** Conversations that people ever owned, or in which the bot asked back, do not count as resolved by the bot. */
function resolved(transaction: Transaction, { from, to }: Span): Promise<MetricRows["resolved"]> {
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

/** The cost of the model, and the searches of the help pages in order. */
export async function turnRows(
  transaction: Transaction,
  { span, held }: { readonly span: Span; readonly held: Span },
): Promise<Pick<MetricRows, "cost" | "searches">> {
  const [cost] = await rowsOf(
    transaction,
    z.object({ usd: z.coerce.number(), unpriced: z.coerce.number() }),
    sql`select coalesce(sum(cost_usd), 0) as usd, count(*) filter (where cost_usd is null) as unpriced
        from turn where started_at >= ${held.from} and started_at < ${held.to}`,
  );
  const searches = await rowsOf(
    transaction,
    Search,
    sql`select t.id as "turnId", s.value -> 'attributes' ->> 'deskhand.arguments' as query,
          s.value -> 'attributes' ->> 'deskhand.best_score' as "bestScore"
        from turn t cross join lateral jsonb_array_elements(t.trace -> 'spans') with ordinality as s (value, place)
        where t.started_at >= ${span.from} and t.started_at < ${span.to}
          and s.value ->> 'name' = 'execute_tool search_faq'
          and s.value -> 'attributes' ->> 'deskhand.best_score' is not null
        order by t.started_at, t.id, s.place`,
  );
  return {
    cost: cost ?? { usd: 0, unpriced: 0 },
    searches: searches.map(({ query, ...search }) => ({ ...search, query: queryIn(query ?? "") })),
  };
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

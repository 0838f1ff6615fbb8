/** Judged drafts: which wait for a teammate's answer, which are due, and how they were judged. No text is kept. */
import { z } from "zod";
import type { Autonomy } from "#core/contracts/policy.ts";
import { Money } from "#core/values/money.ts";
import { daysBefore } from "#core/values/moment.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { and, asc, eq, inArray, lte, sql, type SQL } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { moneyIn } from "#store/approvals/card-context.ts";
import { draftScore } from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";
import { BY_TOPIC, DECIDED_DRAFTS, type Span } from "./counted-rows.ts";

/** Drafts of one topic, judged by what people did instead of them or with them. */
export interface DraftScore extends z.infer<typeof ScoreRow> {
  /** How freely replies about the topic went out when they were judged. */
  readonly autonomy: Autonomy;
}

/** A draft that was only shown, waiting for what people do. */
type WaitingDraft = Pick<
  typeof draftScore.$inferSelect,
  "approvalId" | "conversationId" | "channel" | "topic" | "draftedAt"
>;

/** A draft a teammate has answered instead of. */
export type AnsweredDraft = WaitingDraft & { readonly answeredAt: Date };

/** Notes a draft that is only shown. An earlier one of the conversation that no teammate answered is overtaken by it. */
export async function awaitAnswer(transaction: Transaction, draft: WaitingDraft): Promise<void> {
  const { conversationId } = draft;
  await transaction
    .delete(draftScore)
    .where(having(draftScore, { conversationId, judgeAt: null, judgedAt: null }));
  await transaction.insert(draftScore).values(draft).onConflictDoNothing();
}

/** A teammate answered: the drafts of these conversations are due from `judgeAt` on. */
export async function answerSeen(
  transaction: Transaction,
  conversationIds: readonly string[],
  { answeredAt, judgeAt }: { readonly answeredAt: Date; readonly judgeAt: Date },
): Promise<void> {
  const areTheirs = inArray(draftScore.conversationId, [...conversationIds]);
  const areWaiting = having(draftScore, { judgeAt: null, judgedAt: null });
  await transaction
    .update(draftScore)
    .set({ answeredAt, judgeAt })
    .where(and(areTheirs, areWaiting, lte(draftScore.draftedAt, answeredAt)));
}

/** Drafts that are due, those that have waited longest first. */
export async function draftsToJudge(
  transaction: Transaction,
  now: Date,
  limit: number,
): Promise<readonly AnsweredDraft[]> {
  const rows = await transaction
    .select()
    .from(draftScore)
    .where(lte(draftScore.judgeAt, now))
    .orderBy(asc(draftScore.judgeAt))
    .limit(limit);
  return rows.flatMap(({ answeredAt, ...row }) =>
    answeredAt === null ? [] : [{ ...row, answeredAt }],
  );
}

/** How a draft was judged, or why it cannot be. */
export type Judged =
  | (Pick<DraftScore, "wrongActions" | "missingFacts" | "atRisk"> & { readonly agreed: boolean })
  | { readonly unjudged: string };

/** Keeps the result; a draft that was erased meanwhile has no row any more, and stays without. */
export async function recordJudged(
  transaction: Transaction,
  approvalId: string,
  judged: Judged,
  now: Date,
): Promise<void> {
  const values =
    "unjudged" in judged
      ? judged
      : {
          agreed: judged.agreed,
          wrongActions: judged.wrongActions,
          missingFacts: judged.missingFacts,
          riskMinor: judged.atRisk?.minor ?? null,
          riskCurrency: judged.atRisk?.currency ?? null,
        };
  await transaction
    .update(draftScore)
    .set({ ...values, judgeAt: null, judgedAt: now })
    .where(eq(draftScore.approvalId, approvalId));
}

/** The shop is away: the draft is judged later. */
export async function judgeLater(
  transaction: Transaction,
  approvalId: string,
  judgeAt: Date,
): Promise<void> {
  await transaction
    .update(draftScore)
    .set({ judgeAt })
    .where(having(draftScore, { approvalId, judgedAt: null }));
}

const ScoreRow = z
  .object({
    channel: ChannelName,
    topic: z.string(),
    judged: z.coerce.number(),
    agreed: z.coerce.number(),
    /** Drafts with an action that people did not take, or took otherwise. */
    wrongActions: z.coerce.number(),
    /** Drafts that lack or contradict a fact of people's answer. */
    missingFacts: z.coerce.number(),
    riskMinor: z.coerce.number().nullable(),
    riskCurrency: z.string().nullable(),
  })
  .transform(({ riskMinor, riskCurrency, ...row }) => ({
    ...row,
    /** The sum of the actions that people did not take; null when none of them moves money. */
    atRisk:
      riskMinor === null || riskCurrency === null
        ? null
        : Money.parse({ minor: riskMinor, currency: riskCurrency }),
  }));

/**
 * The judged drafts of a span, counted where they are stored, by how freely they went out: those only shown, those on
 * cards, and those that went out by themselves. After an agreed change of a topic's autonomy only what came later counts.
 */
export async function draftScores(
  transaction: Transaction,
  span: Span,
): Promise<readonly DraftScore[]> {
  const scores: DraftScore[] = [];
  for (const [autonomy, judged] of JUDGED) {
    const rows = await rowsOf(
      transaction,
      ScoreRow,
      sql`select s.channel, s.topic, count(*) as judged, count(*) filter (where s.agreed) as agreed,
            count(*) filter (where s."wrongActions" > 0) as "wrongActions",
            count(*) filter (where s."missingFacts" > 0) as "missingFacts", sum(s."riskMinor") as "riskMinor", s."riskCurrency"
          from (${judged(span)}) s
          where not exists (select 1 from autonomy_proposal p join policy_change c on c.id = p.change_id
            where p.channel = s.channel and p.topic = s.topic and c.active_since >= s.at)
          group by s.channel, s.topic, s."riskCurrency" order by 1, 2`,
    );
    scores.push(...rows.map((row) => ({ ...row, autonomy })));
  }
  return scores;
}

/** Drafts that were only shown, judged by a teammate's own answer. */
function shown({ from, to }: Span): SQL {
  return sql`select channel, topic, agreed, wrong_actions as "wrongActions", missing_facts as "missingFacts",
               risk_minor as "riskMinor", risk_currency as "riskCurrency", judged_at as at
        from draft_score where agreed is not null and judged_at >= ${from} and judged_at < ${to}`;
}

/**
 * Drafts on cards, judged by the decision: approved as drafted is agreement, an edit or a rejection is none. Only who
 * rejects with a reason refuses the actions: who takes over, escalates, answers or needs no answer says nothing of them.
 */
function decided(span: Span): SQL {
  const { table, at, which } = DECIDED_DRAFTS;
  const amount = moneyIn(sql`p -> 'action'`);
  return sql`with decided as (
          select c.channel, ${BY_TOPIC} as topic, r.state = 'approved' and not r.edited as agreed, ${at} as at,
                 case when r.state = 'rejected' and r.closing like 'Rejected: %'
                   then coalesce(r.proposal -> 'actions', '[]') else '[]' end as refused
          from ${table(span)} join conversation c on c.id = r.conversation_id where ${which(span)}
        )
        select d.channel, d.topic, d.agreed, d.at, 0 as "missingFacts",
               (select count(*) from jsonb_array_elements(d.refused) p
                 where p -> 'action' ->> 'operation' <> 'reply') as "wrongActions",
               (select sum((${amount} ->> 'minor')::bigint)
                 from jsonb_array_elements(d.refused) p) as "riskMinor",
               (select max(${amount} ->> 'currency')
                 from jsonb_array_elements(d.refused) p) as "riskCurrency"
        from decided d`;
}

/** So many turns of each topic are looked through for answers that went out by themselves. */
const TURNS_MAX = 5_000;

/** As the index `turn_topic` has it: only with both of its columns compared as one is it surely read by it. */
const TOPIC = sql`coalesce(nullif(t.trace ->> 'topic', ''), 'other')`;

/**
 * Answers that went out by themselves, of each topic's newest turns. People agreed with one unless the next public
 * message after it is a teammate's, before the customer said a word: they have a day for that. The topics are found one
 * after the other in the index, and what was said elsewhere in a case has no turn.
 */
function automatic({ from, to }: Span): SQL {
  const until = daysBefore(to, 1);
  return sql`with recursive topics as (
          (select ${TOPIC} as topic from turn t order by 1 limit 1)
          union all
          select (select ${TOPIC} from turn t where ${TOPIC} > k.topic order by 1 limit 1) from topics k where k.topic is not null
        ), replies as (
          select k.topic, e.* from topics k cross join lateral (select t.id, t.conversation_id from turn t
              where (${TOPIC}, t.started_at) >= (k.topic, ${from}) and (${TOPIC}, t.started_at) < (k.topic, ${until})
              order by ${TOPIC} desc, t.started_at desc limit ${TURNS_MAX}) t
            join effect e on e.conversation_id = t.conversation_id and e.turn_id = t.id
          union all select 'other', e.* from effect e where e.turn_id is null
        )
        select (select c.channel from conversation c where c.id = e.conversation_id) as channel, e.topic, e.finished_at as at,
               coalesce((select m.author_kind <> 'teammate' from message m
                 where m.conversation_id = e.conversation_id and m.visibility = 'public'
                   and m.author_kind in ('teammate', 'requester') and m.sent_at > e.finished_at
                   and m.sent_at < e.finished_at + interval '1 day'
                 order by m.sent_at, m.id limit 1), true) as agreed,
               0 as "wrongActions", 0 as "missingFacts", null::bigint as "riskMinor", null::text as "riskCurrency"
        from replies e where e.operation = 'reply' and e.state = 'done' and e.approved_by = 'policy'
          and coalesce(jsonb_array_length(e.action #> '{arguments,answers}'), 0) > 0
          and e.finished_at >= ${from} and e.finished_at < ${until}`;
}

const JUDGED = [
  ["shadow", shown],
  ["draft", decided],
  ["auto", automatic],
] as const;

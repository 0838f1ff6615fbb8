/**
 * Room: Rows for reports and metrics, scheduled reports, and eval candidates.
 * In: spans of time, the report plan, solved conversations.
 * Out: metric rows, reports that are due, candidates for eval cases.
 * May touch: the database only, inside the caller's transaction.
 * This file: the records of a span of time from which metrics are computed, and which reports are planned, due and sent.
 */
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";
import {
  and,
  eq,
  gte,
  lt,
  sql,
  type SQL,
  asc,
  inArray,
  isNull,
  lte,
  notInArray,
  or,
} from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { refundsDone } from "#store/approvals/card-context.ts";
import { conversation, effect, digest } from "#store/db/schema.ts";
import { rowTotal } from "#store/console/cursor.ts";
import { isTaken } from "#store/conversations/due-work.ts";
import {
  BY_CHANNEL,
  BY_TOPIC,
  BY_WRITER,
  countIn,
  DECIDED,
  figureCounts,
  firstReplies,
  modelCosts,
  resolutionTotals,
  WRITER_BEFORE,
  type Span,
} from "./counted-rows.ts";

/** The records of `span`; what takes a week to show is read of the answers of `held`, whose days are over. */
export async function metricRows(
  transaction: Transaction,
  { span, held }: { readonly span: Span; readonly held: Span },
) {
  return {
    messages: await figureCounts(
      transaction,
      ["received", "answered", "to-people"],
      span,
      BY_CHANNEL,
    ),
    thanks: await thanks(transaction, span),
    firstReplies: await firstReplies(transaction, span),
    drafts: await figureCounts(transaction, ["unchanged", "edited", "rejected"], span, BY_TOPIC),
    expired: countIn(await figureCounts(transaction, ["expired"], span), "expired"),
    ...(await cardRows(transaction, span)),
    ...(await effectRows(transaction, span)),
    ratings: await figureCounts(transaction, ["good", "bad"], span, BY_WRITER),
    solved: await solved(transaction, held),
    matters: await resolutionTotals(transaction, span),
    cost: await modelCosts(transaction, span),
    searches: await searches(transaction, span),
  };
}
/** What metrics are computed from. */
export type MetricRows = Awaited<ReturnType<typeof metricRows>>;

/** How many messages only said thanks and ended by themselves. */
function thanks(transaction: Transaction, { from, to }: Span): Promise<number> {
  return rowTotal(
    transaction,
    sql`message m where m.author_kind = 'requester' and m.outcome = 'ignored' and m.passed_over = 'thanks'
          and m.outcome_at >= ${from} and m.outcome_at < ${to}`,
  );
}

/** The results of cards, and of conversations given to people. */
async function cardRows(transaction: Transaction, { from, to }: Span) {
  const { table, which } = DECIDED;
  return {
    decisions: await rowsOf(
      transaction,
      z.object({ askedAt: z.coerce.date(), decidedAt: z.coerce.date() }),
      sql`select r.asked_at as "askedAt", r.decided_at as "decidedAt" from ${table}
          where ${which({ from, to })}`,
    ),
    handovers: await handovers(transaction, { from, to }),
    personRequests: await personRequests(transaction, { from, to }),
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
    const taken =
      handedOverAt !== null && (await isTaken(transaction, { id, linkedId, handedOverAt }));
    found.push({ taken });
  }
  return found;
}

function personRequests(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    z.object({ channel: ChannelName, count: z.int() }),
    sql`select c.channel, count(distinct c.id)::int as count
        from turn t join conversation c on c.id = t.conversation_id
        where t.outcome = 'escalated' and (t.trace ->> 'asked_for_person')::boolean and t.started_at >= ${from} and t.started_at < ${to}
        group by c.channel order by c.channel`,
  );
}

/** Completed refunds, and effects whose outcome is unknown. */
async function effectRows(transaction: Transaction, { from, to }: Span) {
  const refunds = await refundsDone(transaction, from, lt(effect.finishedAt, to));
  return {
    refunds: refunds.flatMap(({ approvedBy, amount }) =>
      amount === null
        ? []
        : [{ by: approvedBy === "policy" ? ("policy" as const) : ("person" as const), amount }],
    ),
    unknownEffects: await rowTotal(
      transaction,
      sql`effect where state = 'unknown' and finished_at >= ${from} and finished_at < ${to}`,
    ),
  };
}

/** An answer without a response for this long has held. */
const HELD = sql`interval '7 days'`;

const By = z.object({ by: z.enum(["bot", "person"]) });

/** Conversations that people solved, and which of the answers held. */
function solved(transaction: Transaction, { from, to }: Span) {
  return rowsOf(
    transaction,
    By.extend({ reopened: z.boolean() }),
    sql`select by, reopened from (
          select distinct on (r.conversation_id) ${WRITER_BEFORE} as by,
            ${isReopened(sql`r.conversation_id`, sql`r.at`)} as reopened
          from signal r where r.payload ->> 'kind' = 'solved' and r.payload ->> 'automatic' is distinct from 'true'
            and r.at >= ${from} and r.at < ${to}
          order by r.conversation_id, r.at desc
        ) ended where by is not null`,
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

const Search = z.object({
  turnId: z.string(),
  query: z.string().nullable(),
  bestScore: z.coerce.number(),
});

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

/**
 * What was searched for, in its last wording, which is the help pages' own. The trace keeps the beginning of a call's
 * arguments, masked; a query that is cut off ends there. Older calls had one wording.
 */
export function queryIn(excerpt: string): string {
  const [, list = ""] = /"quer(?:y|ies)"\s*:\s*\[?([^]*)/.exec(excerpt) ?? [];
  const wordings = [...list.matchAll(/"((?:[^"\\]|\\.)*)"?/g)].map(([, wording = ""]) => wording);
  const inside = wordings.findLast((wording) => wording !== "") ?? "";
  try {
    return z
      .string()
      .parse(JSON.parse(`"${inside}"`))
      .trim();
  } catch {
    return "";
  }
}

/** One report to one recipient at one time. */
export type ReportRow = Pick<
  typeof digest.$inferSelect,
  "key" | "kind" | "person" | "day" | "dueAt"
>;

/** A report taken to be sent now; `again` when it was taken before and the result is unknown. */
export type TakenReport = ReportRow & { readonly attempts: number; readonly again: boolean };

/** How long a process has to send a report before another process may take it. */
const CLAIM_MS = 120_000;
const KEPT_MS = 60 * 86_400_000;

/**
 * Replaces the future planned reports with the wanted ones, since the policy may have changed. Reports that are due, or
 * were ever taken, are left alone.
 */
export async function planReports(
  transaction: Transaction,
  wanted: readonly ReportRow[],
  now: Date,
): Promise<void> {
  const open = await transaction.select().from(digest).where(eq(digest.state, "planned"));
  const future = new Map(
    open.filter(({ dueAt }) => dueAt > now).map((row) => [row.key, row.dueAt.getTime()]),
  );
  const keys = new Set(wanted.map(({ key }) => key));
  const gone = [...future.keys()].filter((key) => !keys.has(key));
  const changed = wanted.filter(({ key, dueAt }) => future.get(key) !== dueAt.getTime());
  if (gone.length > 0)
    await transaction
      .delete(digest)
      .where(and(inArray(digest.key, gone), eq(digest.state, "planned")));
  if (changed.length === 0) return;
  for (const row of changed)
    await transaction
      .insert(digest)
      .values(row)
      .onConflictDoUpdate({
        target: digest.key,
        set: { dueAt: row.dueAt },
        setWhere: sql`${digest.state} = 'planned' and ${digest.attempts} = 0`,
      });
  await transaction
    .delete(digest)
    .where(
      and(
        lt(digest.dueAt, new Date(now.getTime() - KEPT_MS)),
        notInArray(digest.state, ["planned", "executing"]),
      ),
    );
}

/** Adds one report, unless it exists already. */
export async function addReport(transaction: Transaction, row: ReportRow): Promise<void> {
  await transaction.insert(digest).values(row).onConflictDoNothing();
}

/** Takes the oldest report that is due: concurrent callers get different ones. Null when none is due. */
export async function takeReport(transaction: Transaction, now: Date): Promise<TakenReport | null> {
  const [due] = await transaction
    .select()
    .from(digest)
    .where(
      and(
        inArray(digest.state, ["planned", "executing"]),
        lte(digest.dueAt, now),
        or(isNull(digest.claimedUntil), lte(digest.claimedUntil, now)),
      ),
    )
    .orderBy(asc(digest.dueAt), asc(digest.key))
    .limit(1)
    .for("update", { skipLocked: true });
  if (due === undefined) return null;
  await transaction
    .update(digest)
    .set({
      state: "executing",
      claimedUntil: new Date(now.getTime() + CLAIM_MS),
      attempts: sql`${digest.attempts} + 1`,
    })
    .where(eq(digest.key, due.key));
  return { ...due, attempts: due.attempts + 1, again: due.state === "executing" };
}

/** The report was sent, cannot be sent, or its day is over. */
export async function settleReport(
  transaction: Transaction,
  key: string,
  settled: {
    readonly state: "done" | "unknown" | "failed" | "missed";
    readonly ref: string | null;
    readonly now: Date;
  },
): Promise<void> {
  await transaction
    .update(digest)
    .set({
      state: settled.state,
      ref: settled.ref,
      claimedUntil: null,
      finishedAt: settled.now,
    })
    .where(and(eq(digest.key, key), eq(digest.state, "executing")));
}

/** The report was not sent; it is tried again from this moment. `sure` when it is certain that nothing was posted. */
export async function putReportBack(
  transaction: Transaction,
  key: string,
  back: { readonly until: Date; readonly sure: boolean },
): Promise<void> {
  await transaction
    .update(digest)
    .set({ claimedUntil: back.until, ...(back.sure ? { state: "planned" } : {}) })
    .where(and(eq(digest.key, key), eq(digest.state, "executing")));
}

/** Reads what became of cards, hand-overs and escalations. */
import { z } from "zod";
import type { MetricRows } from "#core/values/metrics.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { and, eq, gte, inArray, lt, sql } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import type { Span } from "./request-metrics.ts";
import { approval, conversation } from "#store/db/schema.ts";
import { isTaken } from "#store/conversations/due-work.ts";

const Draft = z.object({
  topic: z.string(),
  fate: z.enum(["untouched", "edited", "rejected"]),
});

/** The results of cards, and of conversations given to people. */
export async function cardRows(
  transaction: Transaction,
  { from, to }: Span,
): Promise<Pick<MetricRows, "drafts" | "decisions" | "expired" | "handovers" | "escalations">> {
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
async function handovers(
  transaction: Transaction,
  { from, to }: Span,
): Promise<MetricRows["handovers"]> {
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

async function escalations(
  transaction: Transaction,
  { from, to }: Span,
): Promise<MetricRows["escalations"]> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string(), channel: ChannelName, reason: z.string() }),
    sql`select t.conversation_id as id, c.channel, t.trace ->> 'outcome_reason' as reason
        from turn t join conversation c on c.id = t.conversation_id
        where t.outcome = 'escalated' and t.started_at >= ${from} and t.started_at < ${to}`,
  );
  return rows.map(({ id, ...row }) => ({ ...row, conversationId: id }));
}

import { desc, eq, or, type PgColumn, type SQL, sql } from "#store/db/drizzle.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, turn } from "#store/db/schema.ts";

export async function saveTrace(transaction: Transaction, trace: TurnTrace): Promise<void> {
  await transaction.insert(turn).values({
    id: trace.request_id,
    conversationId: trace.conversation_id,
    startedAt: new Date(trace.started_at),
    outcome: trace.outcome,
    trace,
  });
}

/** Brings the stored trace up to date once a turn's card was decided or its effects settled. */
export async function amendTurn(
  transaction: Transaction,
  turnId: string,
  change: Partial<
    Pick<TurnTrace, "outcome" | "outcome_reason" | "approval_granted" | "escalated_to_human">
  >,
): Promise<void> {
  const [row] = await transaction.select().from(turn).where(eq(turn.id, turnId));
  if (row === undefined) return;
  const trace = { ...row.trace, ...change };
  await transaction
    .update(turn)
    .set({
      // Written over what is there, so that a field only a newer version knows stays.
      trace: sql`${turn.trace} || ${sql.param(trace, turn.trace)}::jsonb`,
      outcome: trace.outcome,
    })
    .where(eq(turn.id, turnId));
}

/** The turns a turn id, conversation id or approval id stands for, newest first. */
export async function findTurns(
  transaction: Transaction,
  id: string,
): Promise<readonly TurnTrace[]> {
  const [card] = await transaction
    .select({ turnId: approval.turnId })
    .from(approval)
    .where(byIdOrShortId(approval.id, id))
    .limit(1);
  const rows = await transaction
    .select()
    .from(turn)
    .where(or(byIdOrShortId(turn.id, card?.turnId ?? id), byIdOrShortId(turn.conversationId, id)))
    .orderBy(desc(turn.startedAt))
    .limit(50);
  return rows.map((row) => row.trace);
}

/** Ids are printed shortened as well; what is left of one is enough as long as it is six characters or more. */
const SHORTENED = /^[a-z]+_[0-9a-f]{6,19}$/;

function byIdOrShortId(column: PgColumn, id: string): SQL {
  return SHORTENED.test(id) ? sql`starts_with(${column}, ${id})` : eq(column, id);
}

/** The newest turns of all conversations. */
export async function recentTurns(
  transaction: Transaction,
  limit: number,
): Promise<readonly TurnTrace[]> {
  const rows = await transaction.select().from(turn).orderBy(desc(turn.startedAt)).limit(limit);
  return rows.map((row) => row.trace);
}

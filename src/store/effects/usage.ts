/** Sums what turns have spent on the model, and counts what was written and answered without a person. */
import { and, type Column, count, eq, gte, ne, notInArray, sql } from "#store/db/drizzle.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Transaction } from "#store/db/database.ts";
import { effect, turn } from "#store/db/schema.ts";

/** What turns have used: model calls, output tokens, dollars, and time in milliseconds. */
export interface TurnUsage {
  readonly steps: number;
  readonly outputTokens: number;
  /** Turns of a model without a known price count as zero here; tokens bound those. */
  readonly usd: number;
  readonly ms: number;
}

/** The sum over a conversation of any age, or over all turns begun since a moment. */
export async function usageOfTurns(
  transaction: Transaction,
  whose: { readonly conversationId: string } | { readonly since: Date },
): Promise<TurnUsage> {
  const [row] = await transaction
    .select({
      steps: total(turn.steps),
      outputTokens: total(turn.outputTokens),
      usd: total(turn.costUsd),
      ms: total(turn.latencyMs),
    })
    .from(turn)
    .where(
      "since" in whose
        ? gte(turn.startedAt, whose.since)
        : eq(turn.conversationId, whose.conversationId),
    );
  if (row === undefined) throw new Error("a sum is one row");
  return row;
}

function total(column: Column) {
  return sql`coalesce(sum(${column}), 0)`.mapWith(Number);
}

/** How much any process has written into a conversation since a moment without a teammate's request. */
export async function ownWritesSince(
  transaction: Transaction,
  where: { readonly conversationId: string; readonly target: TargetName; readonly since: Date },
): Promise<number> {
  const [row] = await transaction
    .select({ writes: count() })
    .from(effect)
    .where(
      and(
        eq(effect.conversationId, where.conversationId),
        eq(effect.target, where.target),
        eq(effect.state, "done"),
        ne(effect.approvedBy, "teammate"),
        gte(effect.finishedAt, where.since),
      ),
    );
  return row?.writes ?? 0;
}

/**
 * How many replies of a conversation were sent, or are under way, on the policy's approval alone since a moment, unread
 * by any person.
 */
export async function automaticAnswers(
  transaction: Transaction,
  conversationId: string,
  since: Date,
): Promise<number> {
  const [row] = await transaction
    .select({ answers: count() })
    .from(effect)
    .where(
      and(
        eq(effect.conversationId, conversationId),
        eq(effect.operation, "reply"),
        eq(effect.approvedBy, "policy"),
        notInArray(effect.state, ["withdrawn", "failed"]),
        gte(effect.createdAt, since),
      ),
    );
  return row?.answers ?? 0;
}

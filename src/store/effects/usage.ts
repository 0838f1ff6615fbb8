/** Sums what turns have spent on the model. */
import { type Column, eq, gte, sql } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { turn } from "#store/db/schema.ts";

/** What turns have used: model calls, output tokens, dollars, and time in milliseconds. */
export interface Spent {
  readonly steps: number;
  readonly outputTokens: number;
  /** Turns of a model without a known price count as zero here; tokens bound those. */
  readonly usd: number;
  readonly ms: number;
}

/** The sum over a conversation of any age, or over all turns begun since a moment. */
export async function spentBy(
  transaction: Transaction,
  whose: { readonly conversationId: string } | { readonly since: Date },
): Promise<Spent> {
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

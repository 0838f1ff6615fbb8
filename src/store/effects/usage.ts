/** Sums what turns have spent on the model, and counts what was written and answered without a person. */
import { z } from "zod";
import { and, count, eq, gte, notInArray } from "#store/db/drizzle.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { effect } from "#store/db/schema.ts";

/** What turns have used: model calls, output tokens, dollars, and time in milliseconds. */
export interface TurnUsage {
  readonly steps: number;
  readonly outputTokens: number;
  /** Turns of a model without a known price count as zero here; tokens bound those. */
  readonly usd: number;
  readonly ms: number;
}

/** `$1` conversation, `$2` the moment from which turns of all conversations count. */
const USAGE = {
  name: "usage_of_turns",
  text: [
    ["own", "conversation_id = $1"],
    ["all", "started_at >= $2"],
  ]
    .map(
      ([whose, which]) => `
select '${whose}' as whose, coalesce(sum(steps), 0)::float8 as steps, coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
  coalesce(sum(cost_usd), 0)::float8 as usd, coalesce(sum(latency_ms), 0)::float8 as ms
from turn where ${which}`,
    )
    .join(" union all "),
  row: z.object({
    whose: z.string(),
    steps: z.number(),
    outputTokens: z.number(),
    usd: z.number(),
    ms: z.number(),
  }),
} as const;

/** What one conversation has used, at any age, and what all of them have used since a moment. */
export async function usageOfTurns(
  reader: Reader,
  conversationId: string,
  since: Date,
): Promise<{ readonly own: TurnUsage; readonly all: TurnUsage }> {
  const sums = await ask(reader, USAGE, [conversationId, since]);
  const own = sums.find(({ whose }) => whose === "own");
  const all = sums.find(({ whose }) => whose === "all");
  if (own === undefined || all === undefined) throw new Error("each sum is one row");
  return { own, all };
}

const WRITES = {
  name: "own_writes",
  text: `
select count(*)::int as writes from effect
where conversation_id = $1 and target = $2 and state = 'done' and approved_by <> 'teammate' and finished_at >= $3`,
  row: z.object({ writes: z.int() }),
} as const;

/** How much any process has written into a conversation since a moment without a teammate's request. */
export async function ownWritesSince(
  reader: Reader,
  where: { readonly conversationId: string; readonly target: TargetName; readonly since: Date },
): Promise<number> {
  const [row] = await ask(reader, WRITES, [where.conversationId, where.target, where.since]);
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

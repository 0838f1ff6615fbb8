/** Reads refunds and effects with an unknown outcome. */
import { z } from "zod";
import type { MetricRows } from "#core/values/metrics.ts";
import { Money } from "#core/values/money.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import type { Span } from "./request-metrics.ts";

const Refund = z.object({
  by: z.enum(["policy", "person", "teammate"]),
  amount: Money.nullable().catch(null),
});

/** Completed refunds, and effects whose outcome is unknown. */
export async function effectRows(
  transaction: Transaction,
  { from, to }: Span,
): Promise<Pick<MetricRows, "refunds" | "unknownEffects">> {
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
      amount === null ? [] : [{ by: by === "policy" ? by : "person", amount }],
    ),
    unknownEffects: unknown?.count ?? 0,
  };
}

/** Computes the metrics of a period and of the same period before it. */

import { metricsOf, type Metrics } from "#core/values/metrics.ts";
import type { DaySpan, Policy } from "#core/contracts/policy.ts";
import type { Transaction } from "#store/db/database.ts";
import { afterRows, turnRows } from "#store/reports/after-answer-metrics.ts";
import { cardRows } from "#store/reports/card-metrics.ts";
import { effectRows } from "#store/reports/effect-metrics.ts";
import { requestRows } from "#store/reports/request-metrics.ts";

/** What metrics depend on besides the rows. */
export type MetricPolicy = Pick<Policy, "digest" | "caps">;

/** The metrics of a period next to those of the period before it. */
export interface Compared {
  readonly days: DaySpan;
  readonly now: Metrics;
  readonly before: Metrics;
  /** The days of the answers whose seven days for a reopening are over. */
  readonly held: DaySpan;
}

/**
 * Compares some days with the same days a week earlier, in the caller's transaction, so that both are read at one
 * moment.
 */
export async function compareDays(
  policy: MetricPolicy,
  transaction: Transaction,
  days: DaySpan,
): Promise<Compared> {
  const { digest } = policy;
  const held = digest.weekLater(days, -1);
  return {
    days,
    now: await figuresIn(policy, transaction, { span: days, held }),
    before: await figuresIn(policy, transaction, { span: held, held: digest.weekLater(days, -2) }),
    held,
  };
}

async function figuresIn(
  { digest, caps }: MetricPolicy,
  transaction: Transaction,
  spans: { readonly span: DaySpan; readonly held: DaySpan },
): Promise<Metrics> {
  const { span } = spans;
  return metricsOf(
    {
      ...(await requestRows(transaction, span)),
      ...(await cardRows(transaction, span)),
      ...(await effectRows(transaction, span)),
      ...(await afterRows(transaction, spans)),
      ...(await turnRows(transaction, spans)),
    },
    { shiftsAt: (at) => digest.shiftsAt(at), scoreMin: caps.confidenceMin },
  );
}

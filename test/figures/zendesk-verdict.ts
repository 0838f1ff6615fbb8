/** What the load on Zendesk is judged by. */
import { z } from "zod";

/** What the sandbox counted: the sandbox judges, not the program that is measured. */
export const Traffic = z.object({
  statuses: z.record(z.string(), z.number()),
  paths: z.record(z.string(), z.number()),
  busiestMinute: z.number(),
  webhooks: z.object({
    count: z.number(),
    failed: z.number(),
    p50Ms: z.number(),
    p95Ms: z.number(),
    maxMs: z.number(),
  }),
});

/** One run: so many comments on so many tickets within so many minutes. */
export interface Load {
  readonly minutes: number;
  readonly tickets: number;
  readonly comments: number;
  /** Tickets whose newest words of the customer are followed by something of ours in Zendesk. */
  readonly handled: number;
  /** From the last comment to the last thing written, in seconds, to within ten. */
  readonly drainSeconds: number;
  readonly traffic: z.infer<typeof Traffic>;
}

export const WEBHOOK_P95_MS_MAX = 300;

/** Why a run is not good enough; empty when it is. */
export function problemsOf({ tickets, handled, traffic }: Load): readonly string[] {
  const refused = traffic.statuses["429"] ?? 0;
  const { count, failed, p95Ms } = traffic.webhooks;
  return [
    ...(handled < tickets ? [`${tickets - handled} of ${tickets} tickets are not handled`] : []),
    ...(refused > 0 ? [`Zendesk refused ${refused} calls with 429`] : []),
    ...(count === 0 ? ["no webhook was answered"] : []),
    ...(failed > 0 ? [`${failed} webhooks were not answered with a success`] : []),
    ...(p95Ms >= WEBHOOK_P95_MS_MAX ? [`the p95 webhook answer took ${p95Ms} ms`] : []),
  ];
}

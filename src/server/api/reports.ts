/** The figures of the last seven days, the same that the console's page of numbers shows. */

import { z } from "zod";
import { ResolutionKind } from "#core/cases/resolution.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import { periodFigures } from "#store/console/figures.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { countIn, resolutionRate, ROW_FIGURES } from "#store/reports/counted-rows.ts";
import { question, type Operation } from "./operation.ts";

const Count = z.int().min(0);

const WeekOut = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  now: z.strictObject({ waiting: Count, with_people: Count }),
  counts: z
    .partialRecord(z.enum(ROW_FIGURES), Count)
    .describe("by the names that the addresses of the console's lists have"),
  resolution: z.strictObject({ resolved: Count, ended: Count }),
  ends: z.partialRecord(ResolutionKind, z.strictObject({ count: Count, usd: z.number() })),
  median_first_reply_ms: z.number().nullable(),
  model: z.strictObject({
    turns: Count,
    steps: Count,
    usd: z.number(),
    unpriced: Count.describe("turns whose price is not known"),
  }),
});

/** The report of a week. */
export const REPORT_OPERATIONS: readonly Operation[] = [
  question({
    name: "readWeek",
    path: "/reports/week",
    scope: "reports:read",
    summary: "The figures of the last seven days, as the console's page of numbers counts them.",
    sent: z.strictObject({}),
    answer: WeekOut,
    refusals: [],
    async work({ run, now }) {
      const span = { from: new Date(now.getTime() - 7 * DAY_MS), to: new Date(now.getTime() + 1) };
      const { figures, counts } = await run(async (transaction) => ({
        figures: await periodFigures(transaction, span),
        counts: await inboxCounts(transaction, "", now),
      }));
      const { turns, steps, usd, unpriced } = figures.spent;
      return {
        from: span.from.toISOString(),
        to: now.toISOString(),
        now: { waiting: counts.waiting, with_people: counts.people },
        counts: Object.fromEntries(
          ROW_FIGURES.map((name) => [name, countIn(figures.counts, name)]),
        ),
        resolution: resolutionRate(figures.totals),
        ends: Object.fromEntries(
          figures.totals.map(({ kind, count, usd: cost }) => [kind, { count, usd: cost }]),
        ),
        median_first_reply_ms: medianValue(figures.firstReplies),
        model: { turns, steps, usd, unpriced },
      };
    },
  }),
];

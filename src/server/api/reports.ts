/** The figures of the last seven days, the same that the console's page of numbers shows. */

import { z } from "zod";
import { ResolutionKind } from "#core/cases/resolution.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import { periodFigures } from "#store/console/figures.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { countIn, resolutionRate, ROW_FIGURES } from "#store/reports/counted-rows.ts";
import { lastDays } from "#server/console/numbers.ts";
import { operation, type Operation } from "./operation.ts";

const WeekOut = z.object({
  now: z.object({ waiting: z.int(), people: z.int() }),
  counts: z.partialRecord(z.enum(ROW_FIGURES), z.int()),
  resolution: z.object({ resolved: z.int(), ended: z.int() }),
  ends: z.array(z.object({ kind: ResolutionKind, count: z.int(), usd: z.number() })),
  medianFirstReplyMs: z.number().nullable(),
  spent: z
    .object({ turns: z.int(), steps: z.int(), usd: z.number(), unpriced: z.int() })
    .describe("on the model; `unpriced` turns have a price that is not known"),
});

/** The report of a week. */
export const REPORT_OPERATIONS: readonly Operation[] = [
  operation({
    name: "readWeek",
    method: "get",
    path: "/reports/week",
    scope: "reports:read",
    summary: "The figures of the last seven days, as the console's page of numbers counts them.",
    sent: z.strictObject({}),
    answer: WeekOut,
    work: ({ run, now }) =>
      run(async (transaction) => {
        const span = lastDays(7, now);
        const { counts, totals, firstReplies, spent } = await periodFigures(transaction, span);
        return {
          now: await inboxCounts(transaction, "", now),
          counts: Object.fromEntries(ROW_FIGURES.map((name) => [name, countIn(counts, name)])),
          resolution: resolutionRate(totals),
          ends: [...totals],
          medianFirstReplyMs: medianValue(firstReplies),
          spent,
        };
      }),
  }),
];

/** A busy week to report on. */
import type { Compared } from "#jobs/reports/report-text.ts";
import type { FigureCount } from "#store/reports/counted-rows.ts";

type Figures = Compared["now"];

const counts = (counted: readonly (readonly [FigureCount["name"], number])[]): Figures["counts"] =>
  counted.map(([name, count]) => ({ name, group: "", count }));

const figures = (
  counted: Parameters<typeof counts>[0],
  replies: Figures["firstReplies"],
): Figures => ({
  counts: counts(counted),
  totals: [],
  spent: { turns: 0, steps: 0, usd: 0, unpriced: 0 },
  firstReplies: replies,
  refunds: [],
});

const day = (iso: string): Date => new Date(`${iso}T00:00:00Z`);

export const BUSY_WEEK: Compared = {
  days: { from: day("2026-11-09"), to: day("2026-11-16"), first: "2026-11-09", last: "2026-11-15" },
  now: figures(
    [
      ["received", 213],
      ["answered", 182],
      ["unchanged", 43],
      ["rejected", 3],
    ],
    [90_000, 180_000, 270_000],
  ),
  before: figures(
    [
      ["received", 173],
      ["answered", 148],
      ["unchanged", 29],
    ],
    [120_000],
  ),
};

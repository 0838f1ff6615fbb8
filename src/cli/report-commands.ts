/** The commands that print what is reported otherwise: `week` and `scorecard`. */

import { reportText } from "#core/values/report.ts";
import type { Command } from "commander";
import type { Clock } from "#core/contracts/ports.ts";
import { weeklyReport } from "#jobs/reports/report-text.ts";
import { readScorecard } from "#jobs/scorecard/scorecard.ts";
import { scorecardFigures, scorecardTable } from "#jobs/scorecard/scorecard-text.ts";
import { compareDays } from "#jobs/reports/metrics.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import type { Store } from "#store/db/database.ts";

const WEEK = /^(\d{4})-W(\d{2})$/i;
const DAY_MS = 86_400_000;

/** Adds `week`, the report that is otherwise posted to the team, and `scorecard`, how often people did what drafts said. */
export function addReportCommands(
  program: Command,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  textInForce: () => Promise<string>,
  print: (text: string) => void,
): void {
  program
    .command("week")
    .description("prints the figures of a week next to the previous week; default: last week")
    .option("--week <week>", "such as 2026-W46")
    .action(async ({ week }: { week?: string }) => {
      const { policy } = openPolicyInForce(await textInForce());
      const inside =
        week === undefined ? policy.digest.dayOf(clock.now()) : isoDay(mondayOf(week) + 7 * DAY_MS);
      const days = policy.digest.weekBefore(inside);
      const report = await store.run(async (transaction) => {
        const compared = await compareDays(policy, transaction, days);
        return weeklyReport(compared, await readScorecard(policy, transaction, clock.now()));
      });
      print(reportText(report));
    });
  program
    .command("scorecard")
    .description("prints how often people agreed with the drafts of the last 90 days, by topic")
    .option("--json", "one JSON object for a program", false)
    .action(async ({ json }: { json: boolean }) => {
      const { policy } = openPolicyInForce(await textInForce());
      const scores = await store.run((transaction) =>
        readScorecard(policy, transaction, clock.now()),
      );
      print(json ? JSON.stringify(scorecardFigures(scores)) : scorecardTable(scores));
    });
}

/** The Monday on which an ISO 8601 week begins: week 1 of a year contains the fourth of January. */
function mondayOf(week: string): number {
  const [, year = "", number = ""] = WEEK.exec(week.trim()) ?? [];
  const fourth = Date.UTC(Number(year), 0, 4);
  const first = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  const monday = first + (Number(number) - 1) * 7 * DAY_MS;
  // The last days of December belong to the year of their Thursday.
  const isInYear = new Date(monday + 3 * DAY_MS).getUTCFullYear() === Number(year);
  if (year === "" || Number(number) === 0 || !isInYear)
    throw new Error(`${week} is no week such as 2026-W46`);
  return monday;
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

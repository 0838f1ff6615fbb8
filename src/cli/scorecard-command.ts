/** The command `scorecard`. */

import type { Command } from "commander";
import type { Clock } from "#core/contracts/ports.ts";
import { readScorecard } from "#jobs/scorecard/read-scorecard.ts";
import { scorecardFigures, scorecardTable } from "#jobs/scorecard/scorecard-text.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import type { Store } from "#store/db/database.ts";

/** Prints how often people did what the drafts said, by topic. */
export function addScorecardCommand(
  program: Command,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  textInForce: () => Promise<string>,
  print: (text: string) => void,
): void {
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

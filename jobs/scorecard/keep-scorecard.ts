/** Keeps the scorecard: judges what is due, then proposes what the figures speak for. */
import { z } from "zod";
import type { JobContext } from "#jobs/context/job-context.ts";
import { writeSetting } from "#store/db/settings.ts";
import type { DueSteps } from "#store/schedule/due-steps.ts";
import { judgeShownDrafts } from "./judge-shown-drafts.ts";
import { proposeAutonomy } from "./propose.ts";

/** The setting that says when the scorecard was read last. */
export const SCORECARD_READ_SETTING = "scorecard.read";

/** Decided cards and answers that went out announce nothing here, so they are looked at this often. */
const READ_EVERY_MS = 60 * 60_000;

const At = z.iso.datetime();

/** Whether a draft is due, or the figures were last read an hour ago. */
export function isScorecardDue(
  { draftsToJudge, settings }: Pick<DueSteps, "draftsToJudge" | "settings">,
  now: Date,
): boolean {
  const before = At.nullish().parse(settings[SCORECARD_READ_SETTING]) ?? null;
  return draftsToJudge || before === null || now.getTime() - Date.parse(before) >= READ_EVERY_MS;
}

/** One round. What fails now, such as a shop that is away, is done at a later one. */
export async function keepScorecard(context: JobContext): Promise<void> {
  await judgeShownDrafts(context);
  const change = await proposeAutonomy(context);
  if (change !== null) context.log.info("a change of autonomy is proposed", { change: change.id });
  const now = context.clock.now().toISOString();
  await context.store.run((transaction) => writeSetting(transaction, SCORECARD_READ_SETTING, now));
}

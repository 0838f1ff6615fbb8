import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import { showPendingCardsAgain } from "#store/approvals/card-posting.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Whoever looks at a list of what waits wants to find it there. */
const LOOK_AGAIN_MS = 60_000;

/** Often enough for a card to be missed for minutes only, and seldom enough for a desk that limits its updates. */
const LOOK_EVERY_MS = 5 * 60_000;
const LOOKED = "cards.looked_after";

/**
 * Now and then brings every card that waits to the desk once more, whatever the rows say is there: one that is in its
 * place stays as it is, and one that somebody deleted, or that a desk lost with everything else, is posted anew.
 */
export async function refreshCards(
  context: Pick<JobContext, "store" | "clock">,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    const before = await readSetting(transaction, LOOKED, z.iso.datetime());
    if (before !== null && now.getTime() - Date.parse(before) < everyMs) return;
    await writeSetting(transaction, LOOKED, now.toISOString());
    if (before !== null) await showPendingCardsAgain(transaction);
  });
}

/** The same when somebody asks what waits: what is gone leads to the console meanwhile, and stands there again soon. */
export async function findLostCards(context: JobContext): Promise<void> {
  try {
    await refreshCards(context, LOOK_AGAIN_MS);
    await showCards(context);
  } catch (error) {
    context.log.warn("cards are looked after later", { reason: reasonOf(error) });
  }
}

/** Finds cards that disappeared from the desk. */

import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import { markPendingCardsStale } from "#store/approvals/approval-cards.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The interval when a teammate opens a list of waiting cards and expects to find them on the desk. */
const LOOK_AGAIN_MS = 60_000;

/** Often enough that a card is missing for minutes only, and seldom enough for a desk that limits updates. */
const LOOK_EVERY_MS = 5 * 60_000;

/** The setting that says when the cards were updated last. */
export const CARDS_REFRESHED_SETTING = "cards.looked_after";

/**
 * At intervals, updates every pending card on the desk, whatever its row says: an existing card stays as it is, and one
 * that was deleted there, or lost with the whole channel, is posted again.
 */
export async function refreshCards(
  context: Pick<JobContext, "store" | "clock">,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  const now = context.clock.now();
  await context.store.run(async (transaction) => {
    const before = await readSetting(transaction, CARDS_REFRESHED_SETTING, At);
    if (!isRefreshDue(before, now, everyMs)) return;
    await writeSetting(transaction, CARDS_REFRESHED_SETTING, now.toISOString());
    if (before !== null) await markPendingCardsStale(transaction);
  });
}

const At = z.iso.datetime();

/** Whether `refreshCards` has something to do, by when it last did, as that is stored. */
export function isRefreshDue(stored: unknown, now: Date, everyMs = LOOK_EVERY_MS): boolean {
  const before = At.nullish().parse(stored) ?? null;
  return before === null || now.getTime() - Date.parse(before) >= everyMs;
}

/** The same when a teammate asks what waits: until a lost card is back, its entry links to the console. */
export async function findLostCards(context: JobContext): Promise<void> {
  try {
    await refreshCards(context, LOOK_AGAIN_MS);
    await showCards(context);
  } catch (error) {
    context.log.warn("cards are looked after later", { reason: reasonOf(error) });
  }
}

import { z } from "zod";
import { showPendingCardsAgain } from "#store/approvals.ts";
import { readSetting, writeSetting } from "#store/settings.ts";
import type { Parts } from "./parts.ts";

/** Often enough for a card to be missed for minutes only, and seldom enough for a desk that limits its updates. */
const LOOK_EVERY_MS = 5 * 60_000;
const LOOKED = "cards.looked_after";

/**
 * Now and then brings every card that waits to the desk once more, whatever the rows say is there: one that is in its
 * place stays as it is, and one that somebody deleted, or that a desk lost with everything else, is posted anew.
 */
export async function lookAfterCards(parts: Pick<Parts, "store" | "clock">): Promise<void> {
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    const before = await readSetting(transaction, LOOKED, z.iso.datetime());
    if (before !== null && now.getTime() - Date.parse(before) < LOOK_EVERY_MS) return;
    await writeSetting(transaction, LOOKED, now.toISOString());
    if (before !== null) await showPendingCardsAgain(transaction);
  });
}

import type { Card } from "#core/desk.ts";
import { cardAsItStands } from "#jobs/cards.ts";
import type { Parts } from "#jobs/parts.ts";
import { currentPause, type Pause } from "#jobs/pause.ts";
import { pendingApprovals } from "#store/approvals.ts";
import { decidedApprovals } from "#store/overview.ts";

const RECENT_MAX = 20;

/** Everything the console shows, read from the rows themselves. */
export interface Overview {
  /** Cards that wait, and those one click can still take back. */
  readonly open: readonly Card[];
  readonly recent: readonly Card[];
  readonly pause: Pause;
}

/** The same cards the desk shows, in the same words: both are views of one row. */
export function overviewOf(parts: Pick<Parts, "store">): Promise<Overview> {
  return parts.store.run(async (transaction) => {
    const waiting = (await pendingApprovals(transaction)).map(cardAsItStands);
    const ended = (await decidedApprovals(transaction, RECENT_MAX)).map(cardAsItStands);
    return {
      open: [...ended.filter(({ state }) => state === "undoable"), ...waiting],
      recent: ended.filter(({ state }) => state === "closed"),
      pause: await currentPause(transaction),
    };
  });
}

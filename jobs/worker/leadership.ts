/** Leadership: which process of the installation runs the reconciler. */

import { databaseNotices } from "#store/db/database.ts";
import { announceFreeLead, type LeaderLock } from "#store/db/duty-leases.ts";
import { dueSteps, type DueSteps } from "#store/schedule/due-steps.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The leader keeps the lock this long without renewing it; then another process takes over. */
const LEADERSHIP_MS = 3_000;
const LEADER_LOCK = "reconciler";

/** The lead of one reconciler. */
export interface Leadership {
  /** Takes or renews the lead with one statement, and says what is due; null while another process leads. */
  look(now: Date, settings: readonly string[]): Promise<DueSteps | null>;
  /** Leaves the lead to another process at once. */
  leave(): Promise<void>;
}

/**
 * The leader tells the other processes whenever it renews its lead. A process that has heard so does not ask before that
 * lead could have ended; one that hears nothing asks every time.
 */
export function sharedLeadership({ store, worker, ids }: JobContext): Leadership {
  // Several reconcilers in one process, such as after a restart within it, are separate holders.
  const lock: LeaderLock = { name: LEADER_LOCK, holder: ids.next(worker) };
  const state = { askAt: 0 };
  const unfollow = databaseNotices(store).follow("leader", (holder) => {
    if (holder === null || holder === lock.holder) return;
    state.askAt = holder === "" ? 0 : performance.now() + LEADERSHIP_MS;
  });
  return {
    async look(now, settings) {
      if (performance.now() < state.askAt) return null;
      return dueSteps(store, { ...lock, forMs: LEADERSHIP_MS, now, settings });
    },
    async leave() {
      unfollow();
      await store.run((transaction) => announceFreeLead(transaction, lock));
    },
  };
}

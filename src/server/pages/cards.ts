import type { Card } from "#core/desk.ts";
import { cardAsItStands } from "#jobs/cards.ts";
import type { Parts } from "#jobs/parts.ts";
import { currentPause, type Pause } from "#jobs/pause.ts";
import { policyCard } from "#jobs/policy-card.ts";
import { pendingApprovals } from "#store/approvals.ts";
import { decidedApprovals } from "#store/overview.ts";
import { recentPolicyChanges } from "#store/policy-changes.ts";

const RECENT_MAX = 20;
/** A change of the policy concerns everybody, so that it stands above what was decided for so long. */
const POLICY_NEWS_MS = 24 * 3_600_000;

/** Everything the console shows, read from the rows themselves. */
export interface Overview {
  /** Cards that wait, and those one click can still take back. */
  readonly open: readonly Card[];
  readonly recent: readonly Card[];
  readonly pause: Pause;
}

/** The same cards the desk shows, in the same words: both are views of one row. */
export function overviewOf(parts: Pick<Parts, "store" | "clock">): Promise<Overview> {
  const lately = new Date(parts.clock.now().getTime() - POLICY_NEWS_MS);
  return parts.store.run(async (transaction) => {
    const policy = (await recentPolicyChanges(transaction, lately)).map(policyCard);
    const waiting = (await pendingApprovals(transaction)).map(cardAsItStands);
    const ended = (await decidedApprovals(transaction, RECENT_MAX)).map(cardAsItStands);
    return {
      open: [
        ...ended.filter(({ state }) => state === "undoable"),
        ...policy.filter(({ state }) => state === "pending"),
        ...waiting,
      ],
      recent: [...policy, ...ended].filter(({ state }) => state === "closed"),
      pause: await currentPause(transaction),
    };
  });
}

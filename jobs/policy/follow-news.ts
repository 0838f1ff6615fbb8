/** Decides when a process asks the database for news of the policy. */

import { noticesOf } from "#store/db/database.ts";
import type { PolicyChange } from "#store/policy/policy-changes.ts";
import { lookAtPolicy, type PolicyLook } from "#store/policy/policy-look.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** While notices arrive, they tell of every change, except of one made by a process of an older version. */
const QUIET_MS = 10_000;

/** While none arrive, such as behind a pooler or without a worker, this process has to ask. */
const SILENT_MS = 2_000;

/** The leader is heard every two seconds, so after this long without a notice none arrive here. */
const HEARD_MS = 5_000;

/** A turn that was under way when the policy changed may write its card this much later. */
const AFTERMATH_MS = 60_000;

/** The news of the policy, as one process asks for them. */
export interface PolicyNews {
  /** Asks, when it is time to; null when it is not. */
  look(): Promise<PolicyLook | null>;
  /** Asks again at the next call, since there is work that may fail or go on. */
  again(): void;
  /** The policy in force changed: for a while, every call asks. */
  changed(): void;
}

/** Asks at once after a notice or a gap in them, seldom while notices arrive, and often while there is silence. */
export function followNews(
  { store, clock }: Pick<JobContext, "store" | "clock">,
  source: PolicyChange["source"],
): PolicyNews {
  const notices = noticesOf(store);
  const state = { told: true, lookedAt: -Infinity, oftenUntil: -Infinity, proposedUntil: Infinity };
  notices.follow("policy", () => {
    state.told = true;
  });
  function isDue(now: number): boolean {
    if (state.told || now < state.oftenUntil) return true;
    if (clock.now().getTime() >= state.proposedUntil) return true;
    return now - state.lookedAt >= (notices.silentMs() > HEARD_MS ? SILENT_MS : QUIET_MS);
  }
  return {
    async look() {
      const now = performance.now();
      if (!isDue(now)) return null;
      // Before the question, so that a notice during it is not missed.
      state.told = false;
      try {
        const found = await lookAtPolicy(store, source);
        state.lookedAt = now;
        state.proposedUntil = found.proposedUntil?.getTime() ?? Infinity;
        return found;
      } catch (error) {
        state.told = true;
        throw error;
      }
    },
    again() {
      state.told = true;
    },
    changed() {
      state.oftenUntil = performance.now() + AFTERMATH_MS;
    },
  };
}

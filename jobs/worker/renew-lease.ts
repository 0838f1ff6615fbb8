/** Keeps a lease alive while its process works on the conversation. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { extendLease, type Lease } from "#store/conversations/lease.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A lease that is being renewed. */
export interface RenewedLease {
  /** Aborted once another process has the lease, or may have it: results could no longer be saved. */
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Renews the lease while work goes on, so that a slow model does not cost us the conversation. Work continues while the
 * database is briefly away, but not longer than the lease is valid.
 */
export function renewLease(context: JobContext, lease: Lease): RenewedLease {
  const lost = new AbortController();
  // Measured on this machine's monotonic clock, from before the database was asked: never too late.
  const state = { goodUntil: performance.now() + context.leaseMs };
  const prolong = async (): Promise<void> => {
    const asked = performance.now();
    try {
      await context.store.run((transaction) => extendLease(transaction, lease, context.leaseMs));
      state.goodUntil = asked + context.leaseMs;
    } catch (error) {
      context.log.warn("lease not prolonged", { reason: reasonOf(error) });
      const isFenced = error instanceof DeskhandError && error.code === "store.fenced";
      if (isFenced || performance.now() > state.goodUntil) lost.abort(error);
    }
  };
  const timer = setInterval(() => void prolong(), context.leaseMs / 3);
  return { signal: lost.signal, stop: () => clearInterval(timer) };
}

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { extendLease, type Lease } from "#store/conversations/lease.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A lease that is being prolonged. */
export interface RenewedLease {
  /** Aborted once the lease is another's, or may be: nothing that comes of the work could be written any more. */
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * A slow model must not cost us the conversation: the lease is prolonged while the process is at work on it. Work goes
 * on while the database is away for a moment, but not longer than the lease is good for.
 */
export function renewLease(context: JobContext, lease: Lease): RenewedLease {
  const lost = new AbortController();
  // Measured on this machine's steady clock, from before the database was asked: never too late.
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

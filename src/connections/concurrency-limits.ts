/** Limits how many calls one provider gets from this process at once, and how many may wait. */

import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";

/** How many calls run at the same time, and how many more may wait. */
interface ConcurrencyLimit {
  readonly atOnce: number;
  readonly waiting: number;
}

/**
 * A process works on eight conversations at once and also answers clicks and visitors. The limits are wide enough for
 * that, and narrow enough that a slow provider does not collect every call of the process:
 *
 * - `model`: a turn asks one question after another, so turns need at most eight; as many again for other questions.
 *   Each may take a minute, so few wait.
 * - `shop`: short reads, several per turn; a burst of customers must not flood a small shop's API.
 * - `zendesk`: the adapter's own pacing keeps its limits; this keeps waiting calls from piling up behind it.
 * - `slack`: posting is limited to about one message per second and channel, so more at once would only wait there.
 * - `email`: every sending opens a connection, and providers allow an account only a few.
 * - `chat`: it uses our own database, whose pool has ten connections.
 */
const LIMITS: Readonly<Record<string, ConcurrencyLimit>> = {
  model: { atOnce: 16, waiting: 32 },
  shop: { atOnce: 12, waiting: 100 },
  zendesk: { atOnce: 8, waiting: 100 },
  slack: { atOnce: 8, waiting: 100 },
  email: { atOnce: 4, waiting: 50 },
  chat: { atOnce: 8, waiting: 200 },
};

/** For a provider without limits of its own. */
const DEFAULT_LIMIT: ConcurrencyLimit = { atOnce: 8, waiting: 50 };

/** A full queue moves within about this time. */
const FULL_RETRY_MS = 1_000;

/** Makes one call as soon as there is room for it, within the time the call itself was given. */
export type ConcurrencyLimited = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Queues calls to one provider. A waiting call ends with its own signal, and a call that finds the queue full fails at
 * once; both as the provider's "unavailable", since nothing was asked.
 */
export function limitConcurrency(provider: string, code: ErrorCode): ConcurrencyLimited {
  const { atOnce, waiting } = LIMITS[provider] ?? DEFAULT_LIMIT;
  const room = bulkhead(atOnce, waiting);
  const full = (cause: unknown): DeskhandError =>
    new DeskhandError(code, `${waiting} calls wait for ${provider} already`, {
      cause,
      retryAfterMs: FULL_RETRY_MS,
    });
  const left = (): DeskhandError =>
    new DeskhandError(code, `${provider} had too much to do to be asked in time`);

  return <T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const waiter = { hasLeft: false };
      // The library checks a signal only when the call's turn comes; a waiting caller must be able to leave at once.
      const leave = (): void => {
        waiter.hasLeft = true;
        reject(left());
      };
      signal.addEventListener("abort", leave, { once: true });
      const turn = room.execute(() => {
        signal.removeEventListener("abort", leave);
        // A call aborted before it got here reports that itself, as it would without a queue.
        return waiter.hasLeft ? Promise.reject(left()) : call();
      });
      turn.then(resolve, (error: unknown) => {
        signal.removeEventListener("abort", leave);
        reject(error instanceof BulkheadRejectedError ? full(error) : error);
      });
    });
}

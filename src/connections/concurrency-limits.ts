import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";

/** How many calls one provider gets from this process at the same time, and how many more may wait for their turn. */
interface Room {
  readonly atOnce: number;
  readonly waiting: number;
}

/**
 * A process works on eight conversations at once and answers clicks and visitors beside them. The rooms are wide enough
 * for that, and narrow enough that a provider that became slow does not collect every call of the process:
 *
 * - `model`: a turn asks one question after the other, so eight are the most turns need; as many again for what is
 *   asked beside them. Each may take a minute, so few wait.
 * - `shop`: short reads, several a turn; a small shop's API must not be flooded by a burst of customers.
 * - `zendesk`: its limits are kept by the adapter's own pacing; this keeps waiting calls from piling up behind it.
 * - `slack`: posting is limited to about one message a second and channel, so more at once only waits over there.
 * - `email`: every sending opens a connection, and providers allow few of them to one account.
 * - `chat`: our own database stands behind it, whose pool has ten connections.
 */
const ROOMS: Readonly<Record<string, Room>> = {
  model: { atOnce: 16, waiting: 32 },
  shop: { atOnce: 12, waiting: 100 },
  zendesk: { atOnce: 8, waiting: 100 },
  slack: { atOnce: 8, waiting: 100 },
  email: { atOnce: 4, waiting: 50 },
  chat: { atOnce: 8, waiting: 200 },
};

/** For a provider nobody has thought about yet. */
const ROOM_OTHERWISE: Room = { atOnce: 8, waiting: 50 };

/** A full queue moves within about this time. */
const FULL_RETRY_MS = 1_000;

/** Makes one call as soon as there is room for it, within the time the call itself was given. */
export type ConcurrencyLimited = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * A place where calls to one provider take turns. What waits ends with its own signal, and what finds the queue full
 * fails at once: both as the provider's "unavailable", since nothing was asked.
 */
export function limitConcurrency(provider: string, code: ErrorCode): ConcurrencyLimited {
  const { atOnce, waiting } = ROOMS[provider] ?? ROOM_OTHERWISE;
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
      // The library looks at a signal only when a turn has come; who waits wants to leave at once.
      const leave = (): void => {
        waiter.hasLeft = true;
        reject(left());
      };
      signal.addEventListener("abort", leave, { once: true });
      const turn = room.execute(() => {
        signal.removeEventListener("abort", leave);
        // A call that was called off before it came here tells its maker so itself, as it would without a queue.
        return waiter.hasLeft ? Promise.reject(left()) : call();
      });
      turn.then(resolve, (error: unknown) => {
        signal.removeEventListener("abort", leave);
        reject(error instanceof BulkheadRejectedError ? full(error) : error);
      });
    });
}

import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/errors.ts";

/** Paces calls of one kind, so that Zendesk's limits are kept by us and not enforced on us. */
export interface Limiter {
  /** Resolves when a call may start. Throws `channel.rate_limited` when that would take longer than `waitMsMax`. */
  take(signal: AbortSignal): Promise<void>;
  /** Zendesk said to wait: nobody starts before. */
  pause(ms: number): void;
}

/**
 * A bucket that fills evenly and holds `burst` calls. It goes by the process's own monotonic time: pacing has nothing to
 * do with business time, and a test clock that stands still must not stop it.
 */
export function limiter(options: {
  readonly perMinute: number;
  readonly burst: number;
  readonly waitMsMax: number;
}): Limiter {
  const { perMinute, burst, waitMsMax } = options;
  const msPerCall = 60_000 / perMinute;
  /** The moment at which the bucket is full again; each call moves it on. */
  let fullAt = performance.now();
  let pausedUntil = 0;
  return {
    async take(signal) {
      const now = performance.now();
      const next = Math.max(fullAt, now) + msPerCall;
      const waitMs = Math.max(next - burst * msPerCall - now, pausedUntil - now, 0);
      if (waitMs > waitMsMax)
        throw new DeskhandError("channel.rate_limited", "Zendesk's limit is used up for now", {
          retryAfterMs: Math.ceil(waitMs),
        });
      fullAt = next;
      if (waitMs <= 0) return;
      await delay(waitMs, undefined, { signal }).catch((cause: unknown) => {
        throw new DeskhandError("channel.unavailable", "stopped before the call", { cause });
      });
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, performance.now() + ms);
    },
  };
}

const WINDOW_MS = 10 * 60_000;
/** Zendesk's limit is 30 updates of one ticket by one user in ten minutes; people and rules share some of it. */
const UPDATES_PER_TICKET_MAX = 25;
/** More than this in the window is no conversation but two programs answering each other. */
const UPDATES_ALARM = 8;

/** Counts our own updates of each ticket. */
export interface TicketGuard {
  /** Throws `channel.rate_limited` before the limit is reached. True when the count is unusually high. */
  count(ticketId: number): boolean;
}

export function ticketGuard(): TicketGuard {
  const updates = new Map<number, number[]>();
  return {
    count(ticketId) {
      const now = performance.now();
      for (const [id, times] of updates)
        if ((times.at(-1) ?? 0) < now - WINDOW_MS) updates.delete(id);
      const recent = (updates.get(ticketId) ?? []).filter((at) => at >= now - WINDOW_MS);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= UPDATES_PER_TICKET_MAX)
        throw new DeskhandError("channel.rate_limited", `ticket ${ticketId} had too many updates`, {
          retryAfterMs: Math.ceil(oldest + WINDOW_MS - now),
        });
      updates.set(ticketId, [...recent, now]);
      return recent.length + 1 > UPDATES_ALARM;
    },
  };
}

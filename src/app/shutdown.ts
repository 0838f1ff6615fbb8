/** Stops a process in order: notices first, then the work, then the parts in reverse order of their start; and what is done beside the work. */

import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

/**
 * How long running work may take to finish, in milliseconds. Together with the rest of a stop it stays below the ten
 * seconds after which supervisors kill.
 */
export const DRAIN_MS = 7_500;

/** What the rest of a stop may take when no embedded part has to be stopped. */
const CLOSE_MS = 1_500;

/** The embedded parts write their data to disk, and the stop waits for them. */
const CLOSE_MS_EMBEDDED = 20_000;

/** Stops a process: first everything that takes in work, in parallel, then the parts, last first. */
export interface Closing {
  /**
   * Called before anything is stopped, for example to announce that nothing new may come; the stop then waits this
   * long.
   */
  readonly onNotice: (notice: () => void, waitMs: number) => void;
  /** Something that takes in work, and ends once its current work is done. */
  readonly onDrain: (drain: () => Promise<void>) => void;
  /** A part that others depend on; closed after everything that was registered later. */
  readonly onStop: (close: () => Promise<void>) => void;
  /** Runs once. A hanging step cannot block it. Throws the first error after all steps are done. */
  stop(): Promise<void>;
}

export function createClosing(options: {
  readonly log: Log;
  readonly hasEmbeddedParts: boolean;
}): Closing {
  const { log, hasEmbeddedParts } = options;
  const notices: { readonly notice: () => void; readonly waitMs: number }[] = [];
  const drains: (() => Promise<void>)[] = [];
  const closers: (() => Promise<void>)[] = [];
  const failures: unknown[] = [];

  /** Runs one step for at most this long; a step that takes longer is abandoned. */
  async function limited(step: () => Promise<void>, limitMs: number): Promise<void> {
    const timer = new AbortController();
    const work = step().catch((error: unknown) => {
      log.warn("a part did not stop cleanly", { reason: reasonOf(error) });
      failures.push(error);
    });
    await Promise.race([work, delay(limitMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }

  return {
    onNotice: (notice, waitMs) => void notices.push({ notice, waitMs }),
    onDrain: (drain) => void drains.push(drain),
    onStop: (close) => void closers.push(close),
    async stop() {
      const noticed = notices.splice(0);
      for (const { notice } of noticed) notice();
      await delay(Math.max(0, ...noticed.map(({ waitMs }) => waitMs)));
      await Promise.all(drains.splice(0).map((drain) => limited(drain, DRAIN_MS)));
      const end = performance.now() + (hasEmbeddedParts ? CLOSE_MS_EMBEDDED : CLOSE_MS);
      for (const close of closers.splice(0).toReversed())
        await limited(close, Math.max(100, end - performance.now()));
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** A place for work that nothing waits for, which ends before `closeRest`; after that nothing is started any more. */
export function besideUntilClosed(closeRest: () => Promise<void>) {
  const controller = new AbortController();
  const underWay = new Set<Promise<void>>();
  return {
    /** Starts work that never throws; the signal aborts when the process stops. */
    beside: (work: (signal: AbortSignal) => Promise<void>): void => {
      if (controller.signal.aborted) return;
      const running = work(controller.signal).finally(() => underWay.delete(running));
      underWay.add(running);
    },
    /** Aborts what is under way and waits for it, so that nothing uses what is closed afterwards. */
    close: async () => {
      controller.abort(new DOMException("the process stops", "AbortError"));
      await Promise.allSettled(underWay);
      await closeRest();
    },
  };
}

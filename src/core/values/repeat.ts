/** Work that a process does until it is stopped, at once or again and again, and how its errors are logged. */

import type { Log } from "#core/contracts/ports.ts";
import { pause } from "./deadline.ts";
import { DeskhandError, reasonOf } from "./errors.ts";

/** Work under way. */
export interface Running {
  /** Aborts the work's signal, and resolves when the work is over. */
  stop(): Promise<void>;
}

/** Begins work that goes on until it is stopped. The work handles its own errors. */
export function startRunning(work: (signal: AbortSignal) => Promise<void>): Running {
  const stopping = new AbortController();
  const running = work(stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Does this work at once, and again after as many milliseconds as it returns. The work handles its own errors. A stop
 * ends the wait, and resolves when work under way is over.
 */
export function startRepeating(work: (signal: AbortSignal) => Promise<number>): Running {
  return startRunning(async (signal) => {
    while (!signal.aborted) {
      const waitMs = await work(signal);
      await pause(waitMs, signal).catch(() => undefined);
    }
  });
}

/** What this work gives; null after an error, which is logged under the name of who works. */
export async function logFailure<Result>(
  log: Log,
  worker: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    // A database or queue that is down comes back; any other error is a bug and must be seen.
    if (error instanceof DeskhandError && error.retry)
      log.warn(`${worker} waits`, { reason: reasonOf(error) });
    else log.error(`${worker} failed`, { reason: reasonOf(error) });
    return null;
  }
}

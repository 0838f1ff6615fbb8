/** Work that a process does again and again until it is stopped, and how its errors are logged. */

import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/**
 * Does this work at once, and again after as many milliseconds as it returns. The work handles its own errors. A stop
 * ends the wait, and resolves when work under way is over.
 */
export function startRepeating(work: (signal: AbortSignal) => Promise<number>): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const running = repeat(work, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function repeat(
  work: (signal: AbortSignal) => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const waitMs = await work(signal);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
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

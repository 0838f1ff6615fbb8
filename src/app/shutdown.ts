import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

/**
 * How long what is in hand may take to come to an end, in milliseconds. Together with the rest of a stop it stays below
 * the ten seconds after which supervisors kill.
 */
export const DRAIN_MS = 7_500;

/** What the rest of a stop may take where nothing embedded has to be stopped. */
const CLOSE_MS = 1_500;

/** The embedded parts write their data down, and are waited for. */
const CLOSE_MS_EMBEDDED = 20_000;

/** Stops what runs, in the order of a stop: what takes in work at once and side by side, then the parts, last first. */
export interface Closing {
  /** Said before anything is stopped, such as that nothing new shall come, and waited for this long. */
  readonly onNotice: (notice: () => void, waitMs: number) => void;
  /** Something that takes in work, and ends once what it has in hand is done. */
  readonly onDrain: (drain: () => Promise<void>) => void;
  /** A part others stand on; closed after everything that was registered later. */
  readonly onStop: (close: () => Promise<void>) => void;
  /** Once; nothing that hangs keeps it from coming to its end. Throws the first error when all is through. */
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

  /** Runs one step for this long at most; what goes on longer is left behind. */
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

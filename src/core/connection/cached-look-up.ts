/** Answers of a vendor that hold for a while, so that it is asked less often. */

import type { Clock } from "#core/contracts/ports.ts";

/** When there are this many entries, all are forgotten instead of more being kept. */
const CACHE_MAX = 2_000;

/**
 * Caches answers by name for `ageMaxMs`, in milliseconds like `failedMs`: how long a failure is kept, which is not at all
 * unless it is an answer in its way. Concurrent questions share one look-up.
 */
export function cachedLookUp<Value>(
  clock: Pick<Clock, "now">,
  ageMaxMs: number,
  failedMs: (error: unknown) => number = () => 0,
): (name: string, ask: () => Promise<Value>) => Promise<Value> {
  const known = new Map<string, { until: number; readonly value: Promise<Value> }>();
  return (name, ask) => {
    const now = clock.now().getTime();
    const before = known.get(name);
    if (before !== undefined && now < before.until) return before.value;
    if (known.size >= CACHE_MAX) known.clear();
    const value = ask();
    const entry = { until: now + ageMaxMs, value };
    known.set(name, entry);
    value.catch((error: unknown) => {
      entry.until = clock.now().getTime() + failedMs(error);
    });
    return value;
  };
}

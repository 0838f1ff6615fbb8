/** Answers of a vendor that hold for a while, so that it is asked less often. */

import type { Clock } from "#core/contracts/ports.ts";

/** When there are this many entries, all are forgotten instead of more being kept. */
const CACHE_MAX = 2_000;

/** Caches answers by name for `ageMaxMs`; concurrent questions share one look-up, and a failed one is not kept. */
export function cachedLookUp<Value>(
  clock: Clock,
  ageMaxMs: number,
): (name: string, ask: () => Promise<Value>) => Promise<Value> {
  const known = new Map<string, { readonly at: number; readonly value: Promise<Value> }>();
  return (name, ask) => {
    const now = clock.now().getTime();
    const before = known.get(name);
    if (before !== undefined && now - before.at < ageMaxMs) return before.value;
    if (known.size >= CACHE_MAX) known.clear();
    const value = ask();
    const entry = { at: now, value };
    known.set(name, entry);
    value.catch(() => {
      if (known.get(name) === entry) known.delete(name);
    });
    return value;
  };
}

/** A rate limit per name in a sliding window. */

import { DeskhandError } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** At most this many names are remembered; the oldest are dropped, so that a flood of names cannot fill the memory. */
const NAMES_MAX = 10_000;

/** Throws `input.rate_limited` when there were too many events of this name. */
export interface RateLimit {
  check(name: string): void;
}

/** Counts events per name in a sliding window and refuses those over the limit, saying when to come back. */
export function rateLimit(options: {
  readonly clock: Clock;
  readonly windowMs: number;
  readonly max: number;
  readonly what: string;
}): RateLimit {
  const seen = new Map<string, number[]>();
  return {
    check(name) {
      const now = options.clock.now().getTime();
      const recent = (seen.get(name) ?? []).filter((at) => at > now - options.windowMs);
      const [oldest] = recent;
      if (recent.length >= options.max && oldest !== undefined)
        throw new DeskhandError("input.rate_limited", `too many messages ${options.what}`, {
          retryAfterMs: oldest + options.windowMs - now,
        });
      seen.delete(name);
      seen.set(name, [...recent, now]);
      const [first] = seen.keys();
      if (seen.size > NAMES_MAX && first !== undefined) seen.delete(first);
    },
  };
}

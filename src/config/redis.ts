/** The environment variable of Redis, and the place it names. */

import { z } from "zod";
import type { RedisPlace } from "#core/contracts/redis-place.ts";

/** Where the queue of wakes is. */
export const REDIS_VARIABLES = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe(
      "Redis with `maxmemory-policy noeviction`; without it one is started on this machine",
    ),
};

/** The place the setting names, or the Redis started on this machine. */
export function redisPlaceOf(
  { REDIS_URL }: { readonly REDIS_URL?: string | undefined },
  startedHere: string | null,
): RedisPlace {
  return { url: REDIS_URL ?? startedHere ?? "" };
}

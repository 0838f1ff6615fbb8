/** The environment variable of Redis, and the place it names. */

import { z } from "zod";
import type { RedisPlace } from "#core/contracts/redis-place.ts";
import type { Secret } from "./secret.ts";

/** Where the queue of wakes is. */
export const REDIS_VARIABLES = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe(
      "Redis with `maxmemory-policy noeviction`; without it one is started on this machine",
    ),
};

/**
 * The place the setting names; `startedHere` is the address of the Redis started on this machine, `filed` the address as
 * its file has it, where it comes from one.
 */
export function redisPlaceOf(
  { REDIS_URL }: { readonly REDIS_URL?: string | undefined },
  startedHere: string | null,
  filed: Secret | null = null,
): RedisPlace {
  const url = REDIS_URL ?? startedHere ?? "";
  return { url, ...(filed === null ? {} : { now: filed }) };
}

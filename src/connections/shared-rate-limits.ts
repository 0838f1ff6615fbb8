/** Rate limits that all processes share through Redis. */

import { z } from "zod";
import {
  type Allowance,
  type Allowances,
  intervalMs,
  inProcessAllowances,
  shareOf,
} from "#core/connection/rate-limit.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { RedisPlace } from "#core/contracts/redis-place.ts";
import { redisClient } from "#redis/clients.ts";

/** A call must not wait long for permission. */
const COMMAND_MS = 1_000;

/** A Redis that failed is not asked again for this long. */
const AWAY_MS = 2_000;

/**
 * The share of a limit one process may use while Redis is away: enough to continue slowly, and four processes together
 * stay within the limit.
 */
const SHARE = 0.25;

/**
 * Takes one call from each key or from none, by the Redis server's clock, which is the same for all processes. Per key:
 * interval and burst, how many calls were made without asking meanwhile, and how long the key is of use.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local wait = 0
local full = {}
for index, key in ipairs(KEYS) do
  local at = (index - 1) * 3 + 2
  local interval, burst, debt = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local kept = redis.call('HMGET', key, 'full', 'held')
  local due = math.max(tonumber(kept[1] or 0), now) + debt * interval
  wait = math.max(wait, due - (burst - 1) * interval - now, tonumber(kept[2] or 0) - now)
  full[index] = due + interval
end
wait = math.ceil(wait)
if wait > tonumber(ARGV[1]) then return { 0, wait } end
for index, key in ipairs(KEYS) do
  redis.call('HSET', key, 'full', string.format('%.3f', full[index]))
  redis.call('PEXPIRE', key, math.ceil(full[index] - now) + 60000)
end
return { 1, wait }`;

const HOLD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local till = now + tonumber(ARGV[1])
for index, key in ipairs(KEYS) do
  local rest = tonumber(ARGV[index + 1])
  local kept = redis.call('HMGET', key, 'full', 'held')
  local full = math.max(tonumber(kept[1] or 0), till + rest)
  redis.call('HSET', key, 'full', string.format('%.3f', full), 'held', string.format('%.3f', math.max(tonumber(kept[2] or 0), till)))
  redis.call('PEXPIRE', key, math.ceil(full - now) + 60000)
end
return 1`;

const HELD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local held = 0
for _, key in ipairs(KEYS) do
  held = math.max(held, tonumber(redis.call('HGET', key, 'held') or 0) - now)
end
return math.ceil(held)`;

const TakenAnswer = z.tuple([z.number(), z.number()]);

/** Allowances kept in Redis, with a connection to close. */
export interface SharedRateLimits extends Allowances {
  close(): void;
}

/**
 * Connects by itself and keeps trying. While Redis is away each process keeps to its share of every limit; what it used
 * is booked as soon as Redis is back.
 */
export function sharedRateLimits(
  options: RedisPlace & { readonly log: Log; readonly prefix?: string },
): SharedRateLimits {
  const { log, prefix = "deskhand", ...place } = options;
  const redis = redisClient(place, { commandMs: COMMAND_MS });
  redis.on("error", (error) => log.warn("allowances connection lost", { error: error.message }));
  const own = inProcessAllowances();
  const debts = new Map<string, number>();
  const away = { until: 0 };
  // The braces keep all keys on one node of a cluster, so that they are booked together.
  const keysOf = (allowances: readonly Allowance[]): string[] =>
    allowances.map(({ name }) => `${prefix}:{allowances}:${name}`);
  const shares = (allowances: readonly Allowance[]): readonly Allowance[] =>
    allowances.map((allowance) => shareOf(allowance, SHARE));

  /** Null when Redis cannot be asked. */
  async function ask(
    script: string,
    keys: readonly string[],
    values: readonly number[],
  ): Promise<unknown> {
    if (performance.now() < away.until) return null;
    try {
      // While the connection is being made, this is no failure.
      if (redis.status !== "ready") return null;
      return await redis.eval(script, keys.length, ...keys, ...values);
    } catch (error) {
      away.until = performance.now() + AWAY_MS;
      log.warn("limits are kept by this process alone for now", { reason: reasonOf(error) });
      return null;
    }
  }

  return {
    async take(wanted, waitMsMax) {
      const owed = wanted.map(({ name }) => debts.get(name) ?? 0);
      const values = wanted.flatMap((allowance, index) => [
        intervalMs(allowance),
        allowance.burst,
        owed[index] ?? 0,
      ]);
      const answer = await ask(TAKE, keysOf(wanted), [waitMsMax, ...values]);
      const taken = TakenAnswer.safeParse(answer);
      if (taken.success) {
        const [booked, waitMs] = taken.data;
        // A refused request was not booked, neither the call nor the debt.
        if (booked === 1)
          wanted.forEach(({ name }, index) => settle(debts, name, owed[index] ?? 0));
        return { booked: booked === 1, waitMs };
      }
      const alone = await own.take(shares(wanted), waitMsMax);
      if (alone.booked) for (const { name } of wanted) debts.set(name, (debts.get(name) ?? 0) + 1);
      return alone;
    },
    async hold(allowances, ms) {
      const rests = allowances.map((allowance) => (allowance.burst - 1) * intervalMs(allowance));
      await ask(HOLD, keysOf(allowances), [ms, ...rests]);
      // Kept here as well, in case Redis goes away meanwhile.
      await own.hold(shares(allowances), ms);
    },
    async heldMs(allowances) {
      const shared = z.number().safeParse(await ask(HELD, keysOf(allowances), []));
      return shared.success ? shared.data : own.heldMs(allowances);
    },
    close: () => redis.disconnect(),
  };
}

function settle(debts: Map<string, number>, name: string, paid: number): void {
  const left = (debts.get(name) ?? 0) - paid;
  if (left <= 0) debts.delete(name);
  else debts.set(name, left);
}

/** Rate limits that all processes share through Redis. */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  type Allowance,
  type Allowances,
  intervalMs,
  inProcessAllowances,
  PLACE_VALID_MS,
  placeId,
  allowanceShare,
} from "#core/connection/rate-limit.ts";
import { digest } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log, RedisPlace } from "#core/contracts/ports.ts";
import { redisClient } from "#redis/clients.ts";

/** The braces keep all keys on one node of a cluster, so that they are booked together. */
const PREFIX = "deskhand:{allowances}";

/** A call must not wait long for permission. */
const COMMAND_MS = 1_000;

/** A Redis that failed is not asked again for this long. */
const AWAY_MS = 2_000;

/**
 * The share of a limit one process may use while Redis is away: enough to continue slowly, and four processes together
 * stay within the limit.
 */
const SHARE = 0.25;

/** How long Redis keeps a place after its time: a pause may move it back by a quarter of an hour. */
const PLACE_KEPT_MS = 15 * 60_000;

/**
 * Takes one call from each key or from none, by the Redis server's clock, which is the same for all processes; or finds,
 * uses or books a place, whose key is the last. Given are the longest wait and whether there is a place (1 or 0), and for
 * each key its interval and burst, and how long the calls made without asking meanwhile still count.
 * Answers whether the call may start, after how long, and whether anything was booked. How long a key is kept is said once
 * for each minute of calls, and is then a minute more. Processes of older versions read how many calls of a place are left.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local place = ARGV[2] == '1' and KEYS[#KEYS] or nil
local count = place and #KEYS - 1 or #KEYS
local start = place and tonumber(redis.call('HGET', place, 'start') or nil)
local free, held, back, before, full, moved = 0, 0, 0, {}, {}, {}
for index = 1, count do
  local at = index * 3
  local interval, burst, owed = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local state = redis.call('HMGET', KEYS[index], 'full', 'held', 'moved')
  before[index] = tonumber(state[1] or 0)
  local due = math.max(before[index], now) + owed
  full[index] = due + interval
  free = math.max(free, due + (1 - burst) * interval - now)
  held = math.max(held, tonumber(state[2] or 0) - now)
  moved[index] = tonumber(state[3] or 0)
  if start then back = math.max(back, moved[index] - tonumber(redis.call('HGET', place, index) or 0)) end
end
if start then start = start + back end
if start and start + ${PLACE_VALID_MS} < now then start = nil end
local isNew = not start
local wait = math.ceil(math.max(held, start and start - now or free, 0))
local starts = wait <= tonumber(ARGV[1])
if isNew then
  if not starts and not place then return { 0, wait, 0 } end
  start = now + wait
  for index = 1, count do
    redis.call('HSET', KEYS[index], 'full', string.format('%.3f', full[index]))
    if math.floor(full[index] / 60000) > math.floor(before[index] / 60000) then
      redis.call('PEXPIRE', KEYS[index], math.ceil(full[index] - now) + 120000)
    end
  end
end
if starts then
  if place and not isNew then redis.call('DEL', place) end
elseif place then
  redis.call('HSET', place, 'start', string.format('%.3f', start), 'left', 1)
  for index = 1, count do redis.call('HSET', place, index, moved[index]) end
  redis.call('PEXPIRE', place, wait + ${PLACE_KEPT_MS})
end
return { starts and 1 or 0, wait, isNew and 1 or 0 }`;

const HOLD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local till = now + tonumber(ARGV[1])
for index, key in ipairs(KEYS) do
  local rest = tonumber(ARGV[index + 1])
  local state = redis.call('HMGET', key, 'full', 'held', 'moved')
  local held = tonumber(state[2] or 0)
  local back = math.max(0, till - math.max(now, held))
  local full = math.max(tonumber(state[1] or 0) + back, till + rest)
  redis.call('HSET', key, 'full', string.format('%.3f', full), 'held', string.format('%.3f', math.max(held, till)),
    'moved', string.format('%.3f', tonumber(state[3] or 0) + back))
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

const TakenAnswer = z.tuple([z.number(), z.number(), z.number()]);
const HeldAnswer = z.number();

/** Allowances kept in Redis, with a connection to close. */
export interface SharedRateLimits extends Allowances {
  close(): void;
}

/**
 * Connects by itself and keeps trying. While Redis is away each process keeps to its share of every limit; what it used
 * is booked as soon as Redis is back, as far as it still counts by then.
 */
export function sharedRateLimits(options: RedisPlace & { readonly log: Log }): SharedRateLimits {
  const { log, ...place } = options;
  const redis = redisClient(place, { commandMs: COMMAND_MS });
  redis.on("error", (error) => log.warn("allowances connection lost", { error: error.message }));
  const own = inProcessAllowances();
  const debts = debtsOfCalls();
  const away = { until: 0 };
  const allowanceKeys = (allowances: readonly Allowance[]): string[] =>
    allowances.map(({ name }) => `${PREFIX}:${name}`);
  const placeKey = (wanted: readonly Allowance[], place: string | undefined): readonly string[] =>
    place === undefined ? [] : [`${PREFIX}:place:${digest(placeId(wanted, place)).slice(0, 32)}`];
  const shares = (allowances: readonly Allowance[]): readonly Allowance[] =>
    allowances.map((allowance) => allowanceShare(allowance, SHARE));

  /** Null when Redis cannot be asked. A script is sent once: the server knows it by its digest from then on. */
  async function ask(
    script: string,
    keys: readonly string[],
    values: readonly number[],
  ): Promise<unknown> {
    if (performance.now() < away.until) return null;
    try {
      // While the connection is being made, this is no failure.
      if (redis.status !== "ready") return null;
      const given = [keys.length, ...keys, ...values] as const;
      const known = createHash("sha1").update(script).digest("hex");
      return await redis.evalsha(known, ...given).catch((error: unknown) => {
        if (!reasonOf(error).startsWith("NOSCRIPT")) throw error;
        return redis.eval(script, ...given);
      });
    } catch (error) {
      away.until = performance.now() + AWAY_MS;
      log.warn("limits are kept by this process alone for now", { reason: reasonOf(error) });
      return null;
    }
  }

  return {
    async take(wanted, waitMsMax, place) {
      const owed = wanted.map(({ name }) => debts.owedMs(name));
      const values = wanted.flatMap((allowance, index) => [
        intervalMs(allowance),
        allowance.burst,
        owed[index] ?? 0,
      ]);
      const keys = [...allowanceKeys(wanted), ...placeKey(wanted, place)];
      const answer = await ask(TAKE, keys, [waitMsMax, place === undefined ? 0 : 1, ...values]);
      const taken = TakenAnswer.safeParse(answer);
      if (taken.success) {
        const [starts, waitMs, isNew] = taken.data;
        if (isNew === 1) wanted.forEach(({ name }, index) => debts.settle(name, owed[index] ?? 0));
        return { booked: starts === 1, waitMs };
      }
      const alone = await own.take(shares(wanted), waitMsMax);
      if (alone.booked) for (const allowance of wanted) debts.add(allowance);
      // Soon there is a place at the full pace.
      return alone.booked ? alone : { ...alone, waitMs: Math.min(alone.waitMs, AWAY_MS) };
    },
    async hold(allowances, ms) {
      const rests = allowances.map((allowance) => (allowance.burst - 1) * intervalMs(allowance));
      await ask(HOLD, allowanceKeys(allowances), [ms, ...rests]);
      // Kept here as well, in case Redis goes away meanwhile.
      await own.hold(shares(allowances), ms);
    },
    async heldMs(allowances) {
      const shared = HeldAnswer.safeParse(await ask(HELD, allowanceKeys(allowances), []));
      return shared.success ? shared.data : own.heldMs(allowances);
    },
    close: () => redis.disconnect(),
  };
}

/**
 * Calls that were made without asking Redis. A debt is a time: it passes by itself as the calls would have, so whatever
 * becomes of the next question, it stops nobody for longer.
 */
function debtsOfCalls() {
  const until = new Map<string, number>();
  const owedMs = (name: string): number => Math.max(0, (until.get(name) ?? 0) - performance.now());
  const move = (name: string, ms: number): void => {
    const restMs = owedMs(name) + ms;
    if (restMs > 0) until.set(name, performance.now() + restMs);
    else until.delete(name);
  };
  return {
    /** How much longer the calls on this limit count. */
    owedMs,
    add: (allowance: Allowance) => move(allowance.name, intervalMs(allowance)),
    /** So much was booked. */
    settle: (name: string, ms: number) => move(name, -ms),
  };
}

/**
 * What Redis runs for a wake, in place of BullMQ's scripts of the same steps. BullMQ's do much that a wake never needs
 * (events, priorities, parents, rate limits, counts of tries), and one wake cost sixty commands. These keep its data as
 * it is, with the same keys and arguments, so that all other scripts of BullMQ, and workers of older versions, work on
 * the same jobs.
 *
 * States of a job: it waits in `wait` or `delayed`; a worker takes it to `active` and locks it; at the end the job is
 * deleted. Its id is the conversation's, so a second wake finds the job there. While it still waits, that is all. While
 * it is locked, the second wake leaves its delay in the field `again`, and the job waits once more instead of ending.
 * A job whose lock ran out counts as waiting: BullMQ's check for stalled jobs takes it back to `wait`.
 */

/** Stores a job of this id unless there is one; gives false, or what it returns for one that is there already. */
const STORE = `
local args = cmsgpack.unpack(ARGV[1])
local options = cmsgpack.unpack(ARGV[3])
local delay = tonumber(options["delay"] or 0)
local id = args[2]
local function stored(counter)
  if id == "" then id = "w" .. redis.call("INCR", counter) end
  local job = args[1] .. id
  if redis.call("HSETNX", job, "name", args[3]) == 0 then
    if redis.call("EXISTS", job .. ":lock") == 1 then redis.call("HSET", job, "again", delay) end
    return false
  end
  redis.call("HSET", job, "data", ARGV[2], "opts", cjson.encode(options), "timestamp", args[4],
    "delay", delay, "priority", 0)
  return true
end
`;

/**
 * Puts a job among the delayed ones, with a marker of when it is due: an idle worker takes the marker at once and waits
 * until then, or until an earlier time it knows of. A marker that no worker took yet stands for the first job that is due.
 */
const POSTPONE = `
local function postpone(delayed, marker, id, at)
  redis.call("ZADD", delayed, at * 0x1000, id)
  if redis.call("ZADD", marker, "NX", at, "1") == 0 then
    local first = redis.call("ZRANGE", delayed, 0, 0, "WITHSCORES")
    redis.call("ZADD", marker, math.floor(tonumber(first[2]) / 0x1000), "1")
  end
end
`;

/**
 * Takes the next job: those that are due first join the ones that wait. When more wait, the marker wakes another
 * worker. Gives what BullMQ's script gives, then how many still wait and when the next delayed one is due.
 */
const TAKE = `
local function take(wait, active, delayed, marker, prefix, now, options)
  local before = (tonumber(now) + 1) * 0x1000 - 1
  local first = redis.call("ZRANGE", delayed, 0, 1, "WITHSCORES")
  local waiting
  if first[2] and tonumber(first[2]) <= before then
    local due = {first[1]}
    if first[4] and tonumber(first[4]) <= before then
      due = redis.call("ZRANGEBYSCORE", delayed, 0, before, "LIMIT", 0, 1000)
    end
    redis.call("ZREM", delayed, unpack(due))
    waiting = redis.call("LPUSH", wait, unpack(due)) - 1
    first = #due == 1 and {first[3], first[4]} or redis.call("ZRANGE", delayed, 0, 0, "WITHSCORES")
  end
  local nextAt = first[2] and math.floor(tonumber(first[2]) / 0x1000) or 0
  local id = redis.call("RPOPLPUSH", wait, active)
  if not id then return {0, 0, 0, nextAt} end
  redis.call("SET", prefix .. id .. ":lock", options["token"], "PX", options["lockDuration"])
  local job = redis.call("HGETALL", prefix .. id)
  job[#job + 1] = "processedOn"
  job[#job + 1] = now
  waiting = waiting or redis.call("LLEN", wait)
  if waiting > 0 then redis.call("ZADD", marker, 0, "0") end
  return {job, id, 0, 0, waiting, nextAt}
end
`;

/** Ends a job, or lets it wait once more. -6 and -2 are BullMQ's codes for a lock of another worker and for none. */
const FINISH = `
local id, now, prefix, job = ARGV[1], ARGV[2], ARGV[7], KEYS[12]
local options = cmsgpack.unpack(ARGV[8])
local holder = redis.call("GET", job .. ":lock")
if holder ~= options["token"] then return holder and -6 or -2 end
if redis.call("LREM", KEYS[2], -1, id) < 1 then return -3 end
local again = redis.call("HGET", job, "again")
if again then
  redis.call("DEL", job .. ":lock")
  redis.call("HDEL", job, "again", "stc", "defa")
  redis.call("HSET", job, "timestamp", now, "delay", again)
  if tonumber(again) > 0 then
    postpone(KEYS[7], KEYS[14], id, tonumber(now) + tonumber(again))
  else
    redis.call("LPUSH", KEYS[1], id)
    redis.call("ZADD", KEYS[14], 0, "0")
  end
else
  redis.call("DEL", job, job .. ":lock")
end
if ARGV[6] ~= "1" then return 0 end
return take(KEYS[1], KEYS[2], KEYS[7], KEYS[14], prefix, now, options)
`;

/** A script, and how many of its arguments are keys. */
export interface WakeScript {
  /** Under which name a connection knows it. */
  readonly name: string;
  readonly numberOfKeys: number;
  readonly lua: string;
}

/** The scripts by the names of those of BullMQ in whose place they run. */
export const WAKE_SCRIPTS: ReadonlyMap<string, WakeScript> = new Map([
  [
    "addStandardJob",
    {
      name: "wakeNow",
      numberOfKeys: 9,
      lua: `${STORE}
if not stored(KEYS[4]) then return id end
redis.call("LPUSH", KEYS[1], id)
redis.call("ZADD", KEYS[9], 0, "0")
return id`,
    },
  ],
  [
    "addDelayedJob",
    {
      name: "wakeLater",
      numberOfKeys: 6,
      lua: `${STORE}${POSTPONE}
if not stored(KEYS[3]) then return id end
postpone(KEYS[4], KEYS[1], id, tonumber(args[4]) + delay)
return id`,
    },
  ],
  [
    "moveToActive",
    {
      name: "takeWake",
      numberOfKeys: 11,
      lua: `${TAKE}
return take(KEYS[1], KEYS[2], KEYS[7], KEYS[11], ARGV[1], ARGV[2], cmsgpack.unpack(ARGV[3]))`,
    },
  ],
  ["moveToFinished", { name: "finishWake", numberOfKeys: 14, lua: `${POSTPONE}${TAKE}${FINISH}` }],
]);

/** Where the id stands among the keys and arguments of `moveToFinished`. */
const FINISHED_ID_AT = 14;

/**
 * True for the end of a job that a process of an older version added: its id is a number, and it has a key of its own
 * against duplicates, which only BullMQ's script knows to remove.
 */
export function endsOlderJob(command: string, parameters: readonly unknown[]): boolean {
  return command === "moveToFinished" && /^\d+$/.test(String(parameters[FINISHED_ID_AT]));
}

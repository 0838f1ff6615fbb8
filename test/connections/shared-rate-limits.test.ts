/** Places in the queue of a limit, in one process and through Redis, and a Redis that does not answer for a moment. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Redis } from "ioredis";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import {
  type Allowances,
  bookingAheadInCrowds,
  inProcessAllowances,
  NOT_NOW_MS,
  PLACE_VALID_MS,
} from "#core/connection/rate-limit.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { limitConcurrency, type Run } from "#connections/circuit-breakers.ts";
import { silentLog } from "#test/store/bench.ts";
import { type OwnRedis, redisMissing, startRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** One call a minute, so that a slow machine changes no figure. */
const minutely = (name: string) => ({ name, max: 2, windowMs: MINUTE_MS, burst: 1 });
const minutes = ({ waitMs }: { readonly waitMs: number }): number => Math.round(waitMs / MINUTE_MS);

function promisesOfPlaces(limits: () => Allowances): void {
  test("jobs that come at once get a time of their own each, and keep it however often they ask", async () => {
    const limit = minutely("queue");
    const jobs = ["a", "b", "c", "d", "e"];
    const ask = async (): Promise<readonly number[]> => {
      const waits: number[] = [];
      for (const job of jobs) waits.push(minutes(await limits().take([limit], NOT_NOW_MS, job)));
      return waits;
    };
    assert.deepEqual(await ask(), [0, 1, 2, 3, 4]);
    assert.deepEqual(await ask(), [0, 1, 2, 3, 4]);
    // Who has no place is behind all of them.
    assert.equal(minutes(await limits().take([limit], 0)), 5);
    const taken = await limits().take([limit], HOUR_MS, "c");
    assert.deepEqual([taken.booked, minutes(taken)], [true, 2]);
    // A place is used once.
    assert.equal(minutes(await limits().take([limit], NOT_NOW_MS, "c")), 5);
  });

  test("a pause that the provider asks for moves every place back by as much", async () => {
    const limit = minutely("held");
    for (const job of ["a", "b", "c"]) await limits().take([limit], NOT_NOW_MS, job);
    await limits().hold([limit], 10 * MINUTE_MS);
    const waits = await Promise.all(
      ["a", "b", "c"].map((job) => limits().take([limit], NOT_NOW_MS, job)),
    );
    assert.deepEqual(waits.map(minutes), [10, 11, 12]);
  });
}

describe("places in one process", () => {
  const limits = inProcessAllowances();
  promisesOfPlaces(() => limits);

  test("are lost when nobody comes", async () => {
    const clock = { ms: 0 };
    const own = inProcessAllowances(() => clock.ms);
    const limit = minutely("late");
    for (const job of ["a", "b"]) await own.take([limit], NOT_NOW_MS, job);
    clock.ms = MINUTE_MS + PLACE_VALID_MS;
    assert.equal((await own.take([limit], 0, "b")).booked, true);
    assert.equal((await own.take([limit], 0, "a")).booked, false);
  });
});

test("a place is booked ahead by a process that has just started, or where a call had to wait", async () => {
  const clock = { ms: 0 };
  const now = () => clock.ms;
  const own = bookingAheadInCrowds(inProcessAllowances(now), now);
  const limit = minutely("crowd");
  const ask = async (...names: readonly string[]): Promise<readonly number[]> => {
    const waits: number[] = [];
    for (const name of names) waits.push(minutes(await own.take([limit], NOT_NOW_MS, name)));
    return waits;
  };
  assert.deepEqual(await ask("first", "second", "first"), [0, 1, 0]);
  clock.ms = 10 * MINUTE_MS;
  // Nothing had to wait for long: two calls at once are told that there is room, and the second finds out itself.
  assert.deepEqual(await ask("third", "fourth"), [0, 0]);
  assert.equal((await own.take([limit], 0, "third")).booked, true);
  assert.equal((await own.take([limit], 0, "fourth")).booked, false);
  assert.deepEqual(await ask("fifth", "fourth"), [2, 1]);
});

describe("limits in Redis", { skip: redisMissing }, () => {
  const opened: { redis?: OwnRedis; limits?: ReturnType<typeof sharedRateLimits> } = {};
  const limits = (): Allowances => {
    assert.ok(opened.limits);
    return opened.limits;
  };
  before(async () => {
    opened.redis = await startRedis();
    opened.limits = sharedRateLimits({ url: opened.redis.url, log: silentLog });
    const other = sharedRateLimits({ url: opened.redis.url, log: silentLog });
    const probe = minutely("probe");
    await until("the connections", async () => {
      await limits().hold([probe], MINUTE_MS);
      return (await other.heldMs([probe])) > 0;
    });
    other.close();
  });
  after(async () => {
    opened.limits?.close();
    await opened.redis?.stop();
  });
  promisesOfPlaces(limits);

  test("are sent their scripts once, and again after the server forgot them", async () => {
    const server = new Redis(opened.redis?.url ?? "");
    const sent = async (): Promise<number> =>
      Number(/cmdstat_eval:calls=(\d+)/.exec(await server.info("commandstats"))?.[1] ?? 0);
    const limit = { name: "scripts", max: 100, windowMs: MINUTE_MS, burst: 50 };
    const take = async () => (await limits().take([limit], 0)).booked;
    await take();
    const before = await sent();
    assert.deepEqual([await take(), await take(), await sent()], [true, true, before]);
    await server.script("FLUSH");
    assert.deepEqual([await take(), await take(), await sent()], [true, true, before + 1]);
    server.disconnect();
  });

  test("are kept in Redis for as long as their calls count, which is not said anew at each call", async () => {
    const server = new Redis(opened.redis?.url ?? "");
    const said = async (): Promise<number> =>
      Number(/cmdstat_pexpire:calls=(\d+)/.exec(await server.info("commandstats"))?.[1] ?? 0);
    const limit = { name: "kept", max: 400, windowMs: MINUTE_MS, burst: 300 };
    const before = await said();
    for (let calls = 0; calls < 250; calls += 1) await limits().take([limit], 0);
    const key = "deskhand:{allowances}:kept";
    const fullInMs = Number(await server.hget(key, "full")) - Date.now();
    assert.ok((await server.pttl(key)) > fullInMs);
    assert.ok(fullInMs > 2 * MINUTE_MS);
    assert.ok((await said()) - before <= 4);
    server.disconnect();
  });

  test("that did not answer for a moment hold nobody back for longer than what was used meanwhile", async () => {
    // Slack's for one channel: the time between two posts is longer than a card waits for its turn.
    const posts = { name: "posts", max: 49, windowMs: MINUTE_MS, burst: 1 };
    const mayPost = async (): Promise<boolean> => (await limits().take([posts], 500)).booked;
    opened.redis?.freeze();
    assert.equal(await mayPost(), true);
    opened.redis?.thaw();
    for (const turn of [1, 2, 3]) await until(`post ${turn} after it`, mayPost);
  });
});

const AT_ONCE = 4;
const WAITING = 50;
const { signal } = new AbortController();

/** Calls to a provider that answers when it is told to. */
function calls(inTurn: Run) {
  const open: (() => void)[] = [];
  const state = { running: 0, most: 0 };
  const call = (own: AbortSignal = signal): Promise<void> =>
    inTurn(async () => {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      await new Promise<void>((resolve) => open.push(resolve));
      state.running -= 1;
    }, own);
  const answerAll = async (): Promise<void> => {
    while (open.length > 0) {
      for (const answer of open.splice(0)) answer();
      await setImmediate();
    }
  };
  return { call, state, open, answerAll };
}

describe("a provider's room", () => {
  test("is never overfilled, and every call gets its turn", async () => {
    const { call, state, open, answerAll } = calls(
      limitConcurrency("email", "channel.unavailable"),
    );
    const all = Array.from({ length: AT_ONCE + WAITING }, () => call());
    await setImmediate();
    assert.equal(open.length, AT_ONCE);
    await answerAll();
    await Promise.all(all);
    assert.equal(state.most, AT_ONCE);
  });

  test("sends a call that finds the queue full away at once, as unavailable, with a time to come back", async () => {
    const { call, answerAll } = calls(limitConcurrency("email", "channel.unavailable"));
    const all = Array.from({ length: AT_ONCE + WAITING }, () => call());
    await assert.rejects(call(), {
      name: "DeskhandError",
      code: "channel.unavailable",
      retry: true,
      retryAfterMs: 1_000,
    });
    await answerAll();
    await Promise.all(all);
    const later = call();
    await answerAll();
    await later;
  });

  test("lets a waiting call leave by its own signal, unsent; the others keep their places", async () => {
    const { call, open, answerAll } = calls(limitConcurrency("email", "channel.unavailable"));
    const first = Array.from({ length: AT_ONCE }, () => call());
    const leaving = new AbortController();
    const left = call(leaving.signal);
    const stays = call();
    leaving.abort(new DOMException("too long", "TimeoutError"));
    await assert.rejects(
      left,
      (error) => error instanceof DeskhandError && error.code === "channel.unavailable",
    );
    assert.equal(open.length, AT_ONCE, "it was asked all the same");
    await answerAll();
    await Promise.all([...first, stays]);
  });

  test("is each provider's own: one that hangs holds no other up", async () => {
    const hanging = calls(limitConcurrency("email", "channel.unavailable"));
    const other = calls(limitConcurrency("shop", "shop.unavailable"));
    const stuck = Array.from({ length: AT_ONCE + 1 }, () => hanging.call());
    const quick = other.call();
    await setImmediate();
    await other.answerAll();
    await quick;
    await hanging.answerAll();
    await Promise.all(stuck);
  });

  test("is left by a call that fails, whatever it fails with", async () => {
    const inTurn = limitConcurrency("email", "channel.unavailable");
    for (let count = 0; count < AT_ONCE * 3; count += 1)
      await assert.rejects(
        inTurn(() => Promise.reject(new TypeError("a bug")), signal),
        TypeError,
      );
  });
});
